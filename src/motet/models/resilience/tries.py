"""What was tried to get an answer, and the error that tells all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from motet.core.errors import MotetError, ProviderError
from motet.core.json import JSON
from motet.models.resilience.verdict import Verdict

Outcome = Literal["won", "failed", "lost", "left", "late", "skipped"]
"""How a try ended: `lost` to a hedge, `left` by the caller, `late` for the deadline."""

_SAID = 160
# Of several failures the one that tells most about what to do next.
_TELLING = (Verdict.BUSY, Verdict.FAULT, Verdict.SLOW, Verdict.UNFIT, Verdict.DENIED)


class Named(Protocol):
    """Anything that goes by a name in health and in errors: a target, a chat model."""

    @property
    def name(self) -> str:
        """The name."""
        ...


class Closeable(Protocol):
    """An answer that was opened and must be closed."""

    async def aclose(self) -> None:
        """Close it, and with it the connection it comes from."""
        ...


C = TypeVar("C", bound=Named)
T = TypeVar("T", bound=Closeable)


@dataclass(frozen=True, slots=True)
class Tried:
    """One try, or a candidate that was not tried (`skipped`, number 0) and why.

    `number` counts the tries of the request from 1; `started` is on the loop's clock.
    """

    candidate: str
    number: int
    started: float
    seconds: float
    outcome: Outcome
    error: MotetError | None = None
    verdict: Verdict | None = None
    hedge: bool = False
    reason: str = ""

    def shown(self) -> dict[str, JSON]:
        """Return it for traces."""
        return {
            "candidate": self.candidate,
            "number": self.number,
            "seconds": round(self.seconds, 4),
            "outcome": self.outcome,
            "verdict": self.verdict,
            "hedge": self.hedge,
            "error": str(self.error) if self.error else None,
            "reason": self.reason or None,
        }


@dataclass(frozen=True, slots=True)
class Won(Generic[C, T]):
    """The answer that was opened, who opened it and after how many seconds of its try."""

    value: T
    candidate: C
    number: int
    first: float
    tries: tuple[Tried, ...]


class AllFailed(ProviderError):
    """No candidate answered; `tries` holds every try in order."""

    def __init__(
        self, message: str, tries: Sequence[Tried], telling: Tried | None, wait: float | None
    ) -> None:
        chosen = telling.error if telling else None
        super().__init__(
            message,
            where=chosen.where if chosen else None,
            hint=chosen.hint if chosen else "try again later",
            status=_status(telling),
            retry_after=wait,
        )
        self.tries = tuple(tries)
        # What it came from tells a provider that was silent from one that failed.
        self.__cause__ = chosen.__cause__ if chosen else None


def all_failed(tries: Sequence[Tried], wait: float | None, *, late: float | None) -> MotetError:
    """Return the error of a request that nobody answered.

    `wait` is the shortest time after which asking again makes sense, `late` the deadline that
    passed. A single try's error stands for itself; else its status and hint are those of the
    failure that tells most.
    """
    failed = [tried for tried in tries if tried.error is not None]
    if len(tries) == 1 and failed and failed[0].error is not None and late is None:
        return failed[0].error
    telling = min((tried for tried in tries if tried.verdict), key=_rank, default=None)
    began = "no answer" if late is None else f"no answer within {late:g} s"
    told = "; ".join(_told(tries))
    return AllFailed(f"{began}: {told}" if told else began, tries, telling, wait)


def _status(telling: Tried | None) -> int | None:
    if telling is not None and telling.outcome == "skipped":
        return 429 if telling.verdict is Verdict.BUSY else 503
    error = telling.error if telling else None
    return error.status if isinstance(error, ProviderError) else None


def _rank(tried: Tried) -> int:
    return _TELLING.index(tried.verdict) if tried.verdict in _TELLING else len(_TELLING)


def _told(tries: Sequence[Tried]) -> list[str]:
    """Return a phrase for each try; the same failure again is counted, not repeated."""
    phrases: dict[str, int] = {}
    for tried in tries:
        phrase = f"{tried.candidate}: {_said(tried)}"
        phrases[phrase] = phrases.get(phrase, 0) + 1
    return [f"{text} ({n} times)" if n > 1 else text for text, n in phrases.items()]


def _said(tried: Tried) -> str:
    if tried.error is None:
        return tried.reason or {"late": "did not answer in time"}.get(tried.outcome, tried.outcome)
    text = tried.error.message
    return text if len(text) <= _SAID else f"{text[:_SAID]}…"
