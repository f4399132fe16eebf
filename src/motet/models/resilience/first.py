"""The first answer that can be had: tries, waits, falls back, hedges."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic

from motet.core.errors import MotetError, ProviderError, UsageError
from motet.models.resilience.health import Health
from motet.models.resilience.line import Line, Place
from motet.models.resilience.policy import Policy
from motet.models.resilience.tries import C, Outcome, T, Tried, Won, all_failed
from motet.models.resilience.verdict import Verdict, verdict

_SOONEST_HEDGE = 0.02
_HEDGE_QUANTILE = 0.95


async def first(
    candidates: Sequence[C],
    attempt: Callable[[C, int], Awaitable[T]],
    *,
    policy: Policy,
    health: Health,
    tell: Callable[[Tried], None] | None = None,
    fits: Callable[[C, Tried], str | None] | None = None,
    whole: bool = False,
) -> Won[C, T]:
    """Return the first answer that one of the candidates opens.

    `attempt(candidate, number)` opens an answer up to its first event, or raises
    `ProviderError`; being cancelled, it must close its connection. `number` counts from 1 and
    is never given twice. What fails is tried again or elsewhere as `policy` says; an error of
    the caller is raised at once. `health` is told all but the answer's end (`succeeded` or
    `failed`), which its reader tells. `tell` gets every try as it ends.

    After a candidate could not take the request (its context, a modality, tools), `fits` is
    asked for every other one and returns why it cannot either, None where it may. `whole`
    says that `attempt` returns answers that have ended, whose times are another matter.

    Being cancelled, it cancels every attempt and waits for their ends. Raises the caller's
    error itself; else `AllFailed` with every try named, or the only try's own error.
    """
    return await _Race(candidates, attempt, policy, health, tell, fits, whole).run()


class _Race(Generic[C, T]):
    def __init__(
        self,
        candidates: Sequence[C],
        attempt: Callable[[C, int], Awaitable[T]],
        policy: Policy,
        health: Health,
        tell: Callable[[Tried], None] | None,
        fits: Callable[[C, Tried], str | None] | None,
        whole: bool,
    ) -> None:
        self._attempt = attempt
        self._policy = policy
        self._health = health
        self._tell = tell
        self._fits = fits
        self._whole = whole
        self._line = Line(candidates, policy, health)
        self._now = asyncio.get_running_loop().time
        self._limit = asyncio.timeout(policy.deadline)
        self._number = 0
        self._tries: list[Tried] = []
        self._decided = False
        self._won: Won[C, T] | None = None

    async def run(self) -> Won[C, T]:
        try:
            async with self._limit:
                return await self._run()
        except TimeoutError as error:
            if not self._limit.expired():
                raise
            raise self._failure(self._policy.deadline) from error

    async def _run(self) -> Won[C, T]:
        while (turn := self._line.next(self._now())) is not None:
            place, wait = turn
            if wait:
                await asyncio.sleep(wait)
                if not self._health.allows(place.name):
                    continue
            delay = self._hedge_delay(place)
            won = await (self._ask(place) if delay is None else self._hedged(place, delay))
            if won is not None:
                return won
        raise self._failure(None)

    def _failure(self, late: float | None) -> MotetError:
        now = self._now()
        for place, found, reason in self._line.untried(now) if late is None else ():
            self._skip(place.name, found, reason)
        return all_failed(self._tries, self._line.wait(), late=late)

    async def _ask(self, place: Place[C], *, hedge: bool = False) -> Won[C, T] | None:
        """Try once; None where it failed. Raises what no other try can mend."""
        self._number += 1
        number, began, name = self._number, self._now(), place.name

        def note(outcome: Outcome, error: MotetError | None = None) -> Tried:
            seconds = self._now() - began
            return self._note(
                Tried(name, number, began, seconds, outcome, error, _of(error), hedge)
            )

        self._health.began(name)
        try:
            value = await self._attempt(place.candidate, number)
        except (ProviderError, UsageError) as error:
            self._failed(place, note("failed", error))
            return None
        except BaseException:
            self._health.abandoned(name)
            note(self._ending())
            raise
        taken = self._now() - began
        self._health.answered(name, None if self._whole else taken)
        note("lost" if self._decided else "won")
        won = Won(value, place.candidate, number, taken, tuple(self._tries))
        if not self._decided:
            self._won, self._decided = won, True
        return won

    def _failed(self, place: Place[C], tried: Tried) -> None:
        error, found = tried.error, tried.verdict
        assert found is not None
        if isinstance(error, ProviderError):
            self._health.failed(place.name, error)
            self._line.failed(place, found, error.retry_after, self._now())
        else:  # there is no key, or the dialect cannot say it: nothing was asked
            self._health.abandoned(place.name)
            self._line.failed(place, found, None, self._now())
        if found is Verdict.CALLER:
            self._decided = True
            assert error is not None
            raise error
        if found is Verdict.UNFIT and self._fits is not None:
            for other in self._line.places:
                reason = self._fits(other.candidate, tried) if other.left else None
                if reason is not None:
                    other.left = 0
                    self._skip(other.name, Verdict.UNFIT, reason)

    async def _hedged(self, place: Place[C], delay: float) -> Won[C, T] | None:
        """Try once, and once more beside it when nothing came for `delay` seconds."""
        tasks = [asyncio.ensure_future(self._ask(place))]
        won: Won[C, T] | None = None
        try:
            done, _ = await asyncio.wait(tasks, timeout=delay)
            second = None if done else self._line.second(place, self._now())
            if second is not None:
                tasks.append(asyncio.ensure_future(self._ask(second, hedge=True)))
            won = await self._decision(tasks)
        finally:
            await _end(tasks, won)
        return won

    async def _decision(self, tasks: Sequence[asyncio.Task[Won[C, T] | None]]) -> Won[C, T] | None:
        """Wait for an answer or an error of the caller, else for the end of all.

        What else one of them raises counts only where the other brings nothing either.
        """
        running = set(tasks)
        while running and not self._decided:
            _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        if self._won is None:
            for task in tasks:
                if task.done():
                    task.result()
        return self._won

    def _hedge_delay(self, place: Place[C]) -> float | None:
        hedge = self._policy.hedge
        if hedge == "p95":
            seconds = self._health.whole_seconds if self._whole else self._health.first_seconds
            hedge = seconds(place.name, _HEDGE_QUANTILE)
        return None if hedge is None else max(hedge, _SOONEST_HEDGE)

    def _ending(self) -> Outcome:
        if self._decided:
            return "lost"
        return "late" if self._limit.expired() else "left"

    def _skip(self, name: str, found: Verdict, reason: str) -> None:
        self._note(Tried(name, 0, self._now(), 0.0, "skipped", verdict=found, reason=reason))

    def _note(self, tried: Tried) -> Tried:
        self._tries.append(tried)
        if self._tell is not None:
            self._tell(tried)
        return tried


async def _end(tasks: Sequence[asyncio.Task[Won[C, T] | None]], kept: Won[C, T] | None) -> None:
    """Cancel what still runs, wait for its end, close every answer but the one that is kept."""
    for task in tasks:
        task.cancel()
    try:
        await asyncio.wait(tasks)
    except asyncio.CancelledError:
        kept = None  # nobody is there to take it any more
        await asyncio.wait(tasks)
        raise
    finally:
        for task in tasks:
            opened = None if task.cancelled() or task.exception() else task.result()
            if opened is not None and opened is not kept:
                await opened.value.aclose()


def _of(error: MotetError | None) -> Verdict | None:
    if error is None:
        return None
    return verdict(error) if isinstance(error, ProviderError) else Verdict.DENIED
