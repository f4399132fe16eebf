"""The first answer: retries, waits, fallback, hedges, deadlines and being cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from motet.core.errors import ProviderError, UsageError
from motet.models.resilience.first import first
from motet.models.resilience.health import Health
from motet.models.resilience.policy import Policy
from motet.models.resilience.tries import AllFailed, Tried, Won

PLAIN = Policy(jitter=lambda: 1.0)


def failure(
    status: int | None, message: str = "it broke", wait: float | None = None
) -> ProviderError:
    return ProviderError(message, where="provider", status=status, retry_after=wait)


def silence() -> ProviderError:
    error = ProviderError("no answer within 1 s")
    error.__cause__ = TimeoutError()
    return error


@dataclass
class Opened:
    """An answer that is open; says when it was closed."""

    text: str
    closed: bool = False

    async def aclose(self) -> None:
        self.closed = True


@dataclass
class Model:
    """A candidate that does in turn what it is told: an error, a text, or seconds then a text."""

    name: str
    steps: list[ProviderError | UsageError | BaseException | str | tuple[float, Any]]
    asked: list[float] = field(default_factory=list)
    cancelled: int = 0
    opened: list[Opened] = field(default_factory=list)


async def attempt(model: Model, number: int) -> Opened:
    loop = asyncio.get_running_loop()
    step = model.steps[min(len(model.asked), len(model.steps) - 1)]
    model.asked.append(round(loop.time() - 1000.0, 3))
    if isinstance(step, tuple):
        try:
            await asyncio.sleep(step[0])
        except asyncio.CancelledError:
            model.cancelled += 1
            await asyncio.sleep(0.01)  # closing takes a moment
            raise
        step = step[1]
    if isinstance(step, BaseException):
        raise step
    model.opened.append(Opened(step))
    return model.opened[-1]


async def ask(*models: Model, policy: Policy = PLAIN, **more: Any) -> Won[Model, Opened]:
    health = more.pop("health", None) or Health(clock=asyncio.get_running_loop().time)
    return await first(models, attempt, policy=policy, health=health, **more)


Run = Callable[[Any], Any]


def test_the_first_that_answers_wins(virtual: Run) -> None:
    a, b = Model("a", ["hello"]), Model("b", ["never"])
    won = virtual(ask(a, b))
    assert (won.value.text, won.candidate, won.number) == ("hello", a, 1)
    assert [tried.outcome for tried in won.tries] == ["won"]
    assert b.asked == []


def test_faults_are_tried_again_with_growing_waits(virtual: Run) -> None:
    a = Model("a", [failure(500), failure(None), "hello"])
    won = virtual(ask(a))
    assert won.number == 3
    assert a.asked == [0.0, 0.25, 0.75]


def test_jitter_scales_the_whole_wait(virtual: Run) -> None:
    a = Model("a", [failure(500), failure(500), "hello"])
    virtual(ask(a, policy=replace(PLAIN, jitter=lambda: 0.1)))
    assert a.asked == [0.0, 0.025, 0.075]


def test_waits_never_grow_beyond_the_longest_delay() -> None:
    policy = Policy(jitter=lambda: 1.0)
    assert [policy.backoff(n) for n in (1, 2, 6, 7, 5000)] == [0.25, 0.5, 8.0, 8.0, 8.0]


def test_after_the_retries_the_next_candidate_is_asked(virtual: Run) -> None:
    a, b = Model("a", [failure(503)]), Model("b", ["hello"])
    won = virtual(ask(a, b))
    assert won.candidate is b
    assert len(a.asked) == 3
    assert [(tried.candidate, tried.outcome) for tried in won.tries] == [
        ("a", "failed"),
        ("a", "failed"),
        ("a", "failed"),
        ("b", "won"),
    ]


def test_retry_after_is_waited_for_where_nobody_else_can_answer(virtual: Run) -> None:
    a = Model("a", [failure(429, wait=7.0), "hello"])
    virtual(ask(a))
    assert a.asked[1] >= 7.0
    assert a.asked[1] < 7.5


def test_who_asks_to_wait_comes_after_the_others_and_is_asked_again_in_time(virtual: Run) -> None:
    a = Model("a", [failure(429, wait=7.0), "late"])
    b = Model("b", [failure(429, wait=4.0), "hello"])
    won = virtual(ask(a, b))
    assert won.candidate is b
    assert a.asked == [0.0]
    assert b.asked[0] == 0.0
    assert 4.0 <= b.asked[1] < 4.5


def test_a_wait_beyond_the_longest_ends_in_what_was_said(virtual: Run) -> None:
    a = Model("a", [failure(429, "slow down", wait=31.0)])
    with pytest.raises(ProviderError, match="slow down") as caught:
        virtual(ask(a))
    assert caught.value.status == 429
    assert a.asked == [0.0]


def test_another_request_that_was_told_to_wait_holds_this_one_back(virtual: Run) -> None:
    async def story() -> list[float]:
        health = Health(clock=asyncio.get_running_loop().time)
        busy = Model("a", [failure(429, wait=5.0), "x"])
        with pytest.raises(ProviderError):
            await ask(busy, health=health, policy=replace(PLAIN, longest_wait=1.0))
        await ask(busy, health=health)
        return busy.asked

    assert 5.0 <= virtual(story())[1] < 6.0


def test_money_that_is_spent_is_not_waited_for(virtual: Run) -> None:
    a = Model("a", [failure(429, "You exceeded your current quota, check billing")])
    b = Model("b", ["hello"])
    assert virtual(ask(a, b)).candidate is b
    assert len(a.asked) == 1


@pytest.mark.parametrize("status", [400, 413, 422])
def test_errors_of_the_caller_end_it_at_once(virtual: Run, status: int) -> None:
    error = failure(status, "temperature must be at most 2")
    a, b = Model("a", [error]), Model("b", ["never"])
    with pytest.raises(ProviderError) as caught:
        virtual(ask(a, b))
    assert caught.value is error
    assert (len(a.asked), b.asked) == (1, [])


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        "the request exceeds the available context size. try increasing the context size",
        "Invalid content type. image_url is only supported by certain models.",
        "registry.ollama.ai/library/gemma does not support tools",
    ],
)
def test_what_one_model_cannot_take_another_may(virtual: Run, message: str) -> None:
    a, b = Model("a", [failure(400, message)]), Model("b", ["hello"])
    assert virtual(ask(a, b)).candidate is b
    assert len(a.asked) == 1


def test_only_those_that_may_take_it_are_asked_after_one_could_not(virtual: Run) -> None:
    a = Model("a", [failure(400, "prompt is too long: 9 tokens > 8 maximum")])
    b, c = Model("b", ["never"]), Model("c", ["hello"])

    def fits(model: Model, tried: Tried) -> str | None:
        assert tried.candidate == "a"
        return "its context is no longer" if model is b else None

    won = virtual(ask(a, b, c, fits=fits))
    assert won.candidate is c
    assert b.asked == []
    assert ("b", "skipped", "its context is no longer") in [
        (tried.candidate, tried.outcome, tried.reason) for tried in won.tries
    ]


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_who_denies_us_is_asked_once_and_later_after_the_others(virtual: Run, status: int) -> None:
    a, b = Model("a", [failure(status)]), Model("b", ["hello"])

    async def story() -> None:
        health = Health(clock=asyncio.get_running_loop().time)
        assert (await ask(a, b, health=health)).candidate is b
        assert (await ask(a, b, health=health)).candidate is b
        assert len(a.asked) == 1
        await asyncio.sleep(61)
        assert (await ask(a, b, health=health)).candidate is b
        assert len(a.asked) == 2

    virtual(story())


def test_a_missing_key_falls_to_the_next_and_says_nothing_of_health(virtual: Run) -> None:
    a, b = Model("a", [UsageError("KEY is not set")]), Model("b", ["hello"])

    async def story() -> None:
        health = Health(clock=asyncio.get_running_loop().time)
        assert (await ask(a, b, health=health)).candidate is b
        assert not health.barred("a")

    virtual(story())
    with pytest.raises(UsageError, match="KEY is not set"):
        virtual(ask(Model("a", [UsageError("KEY is not set")])))


def test_silence_sends_the_request_elsewhere_first(virtual: Run) -> None:
    a, b = Model("a", [(1.0, silence())]), Model("b", ["hello"])
    assert virtual(ask(a, b)).candidate is b
    assert len(a.asked) == 1


def test_the_error_names_every_try_and_tells_what_to_do(virtual: Run) -> None:
    a = Model("a", [failure(500, "out of memory")])
    b = Model("b", [failure(401, "no such key")])
    c = Model("c", [failure(429, "slow down", wait=40.0)])
    with pytest.raises(AllFailed) as caught:
        virtual(ask(a, b, c))
    error = caught.value
    assert error.message == ("no answer: a: out of memory (3 times); b: no such key; c: slow down")
    assert (error.status, error.where) == (429, "provider")
    assert error.retry_after is not None
    assert 35.0 < error.retry_after <= 40.0
    assert [tried.candidate for tried in error.tries].count("a") == 3


def test_an_open_breaker_is_not_waited_for(virtual: Run) -> None:
    async def story() -> ProviderError:
        health = Health(clock=asyncio.get_running_loop().time)
        down = Model("a", [failure(500)])
        for _ in range(2):
            with pytest.raises(ProviderError):
                await ask(down, health=health)
        assert len(down.asked) == 5
        before = asyncio.get_running_loop().time()
        with pytest.raises(ProviderError) as caught:
            await ask(down, health=health)
        assert asyncio.get_running_loop().time() == before
        assert len(down.asked) == 5
        return caught.value

    error = virtual(story())
    assert error.status == 503
    assert "left alone for 5 s" in error.message
    assert error.retry_after == pytest.approx(5.0, abs=0.6)


def test_only_one_request_probes_a_half_open_breaker(virtual: Run) -> None:
    async def story() -> None:
        health = Health(clock=asyncio.get_running_loop().time)
        down = Model("a", [*[failure(500)] * 5, (1.0, "back")])
        spare = Model("b", ["spare"])
        for _ in range(2):
            await ask(down, spare, health=health)
        await asyncio.sleep(6)
        answers = await asyncio.gather(*[ask(down, spare, health=health) for _ in range(10)])
        assert sorted(won.candidate.name for won in answers) == ["a"] + ["b"] * 9
        assert (await ask(down, spare, health=health)).candidate is down

    virtual(story())


def test_a_probe_that_is_given_up_leaves_the_place_free(virtual: Run) -> None:
    async def story() -> None:
        health = Health(clock=asyncio.get_running_loop().time)
        down = Model("a", [*[failure(500)] * 5, (1.0, "never"), "back"])
        for _ in range(2):
            await ask(down, Model("b", ["spare"]), health=health)
        await asyncio.sleep(6)
        probe = asyncio.ensure_future(ask(down, health=health))
        await asyncio.sleep(0.5)
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        assert (await ask(down, health=health)).value.text == "back"

    virtual(story())


def test_a_hedge_wins_over_a_slow_first_and_the_loser_is_awaited(virtual: Run) -> None:
    a = Model("a", [(10.0, "slow"), (0.1, "quick")])
    told: list[Tried] = []
    won = virtual(ask(a, policy=replace(PLAIN, hedge=1.0), tell=told.append))
    assert (won.value.text, won.number) == ("quick", 2)
    assert a.cancelled == 1
    assert [(tried.number, tried.outcome, tried.hedge) for tried in told] == [
        (2, "won", True),
        (1, "lost", False),
    ]


def test_a_hedge_that_is_slower_is_cancelled(virtual: Run) -> None:
    a = Model("a", [(1.5, "slow"), (10.0, "slower")])
    told: list[Tried] = []
    won = virtual(ask(a, policy=replace(PLAIN, hedge=1.0), tell=told.append))
    assert (won.value.text, won.number) == ("slow", 1)
    assert a.cancelled == 1
    assert told[-1].outcome == "lost"


def test_a_hedge_may_go_elsewhere(virtual: Run) -> None:
    a, b = Model("a", [(10.0, "slow")]), Model("b", ["quick"])
    won = virtual(ask(a, b, policy=replace(PLAIN, hedge=1.0, hedge_elsewhere=True)))
    assert won.candidate is b
    assert a.cancelled == 1


def test_two_answers_at_the_same_moment_leave_one_open(virtual: Run) -> None:
    a = Model("a", [(2.0, "one"), (1.0, "two")])
    won = virtual(ask(a, policy=replace(PLAIN, hedge=1.0)))
    assert len(a.opened) == 2
    assert [opened.closed for opened in a.opened].count(True) == 1
    assert not won.value.closed


def test_a_hedge_outlives_the_failure_of_the_first(virtual: Run) -> None:
    a = Model("a", [(2.0, failure(500)), (5.0, "hello")])
    won = virtual(ask(a, policy=replace(PLAIN, hedge=1.0)))
    assert won.number == 2


def test_no_hedge_while_answers_are_quick_or_nothing_is_learned(virtual: Run) -> None:
    quick = Model("a", [(0.5, "hello")])
    virtual(ask(quick, policy=replace(PLAIN, hedge=1.0)))
    assert len(quick.asked) == 1
    unknown = Model("b", [(100.0, "hello")])
    virtual(ask(unknown, policy=replace(PLAIN, hedge="p95")))
    assert len(unknown.asked) == 1


def test_the_learned_p95_decides_when_to_hedge(virtual: Run) -> None:
    async def story() -> None:
        health = Health(clock=asyncio.get_running_loop().time)
        for tenths in range(1, 21):
            health.answered("a", tenths / 10)
        slow = Model("a", [(60.0, "slow"), "quick"])
        won = await ask(slow, health=health, policy=replace(PLAIN, hedge="p95"))
        assert won.value.text == "quick"
        assert slow.asked == [0.0, 1.9]

    virtual(story())


def test_the_deadline_holds_over_all_tries_and_waits(virtual: Run) -> None:
    async def story(model: Model, policy: Policy) -> tuple[ProviderError, float]:
        began = asyncio.get_running_loop().time()
        with pytest.raises(AllFailed) as caught:
            await ask(model, policy=policy)
        return caught.value, asyncio.get_running_loop().time() - began

    limited = replace(PLAIN, deadline=3.0)
    slow = Model("a", [(10.0, "late")])
    error, taken = virtual(story(slow, limited))
    assert error.message == "no answer within 3 s: a: did not answer in time"
    assert taken == pytest.approx(3.01)
    assert slow.cancelled == 1
    busy = Model("a", [failure(429, "wait", wait=20.0)])
    error, taken = virtual(story(busy, limited))
    assert (error.status, taken) == (429, 3.0)
    hedged = Model("a", [(10.0, "late")])
    virtual(story(hedged, replace(limited, hedge=1.0)))
    assert hedged.cancelled == 2


@pytest.mark.parametrize("hedge", [None, 1.0])
@pytest.mark.parametrize("after", [0.5, 1.5])
def test_being_cancelled_ends_every_attempt(
    virtual: Run, hedge: float | None, after: float
) -> None:
    a = Model("a", [(10.0, "never")])
    told: list[Tried] = []

    async def story() -> None:
        asking = asyncio.ensure_future(ask(a, policy=replace(PLAIN, hedge=hedge), tell=told.append))
        await asyncio.sleep(after)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert len(asyncio.all_tasks()) == 1

    virtual(story())
    assert a.cancelled == len(a.asked)
    assert {tried.outcome for tried in told} == {"left"}


def test_cancelled_between_the_win_and_the_losers_end_nothing_stays_open(virtual: Run) -> None:
    a = Model("a", [(10.0, "slow"), (1.0, "quick")])

    async def story() -> None:
        asking = asyncio.ensure_future(ask(a, policy=replace(PLAIN, hedge=1.0)))
        await asyncio.sleep(2.005)  # won at 2.0; the loser takes until 2.01 to close
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    virtual(story())
    assert [opened.closed for opened in a.opened] == [True]


def test_what_is_no_providers_failure_is_raised_as_it_is(virtual: Run) -> None:
    a = Model("a", [ZeroDivisionError("ours")])
    with pytest.raises(ZeroDivisionError):
        virtual(ask(a, Model("b", ["never"])))


def test_what_only_stops_a_hedge_does_not_stop_the_first(virtual: Run) -> None:
    a = Model("a", [(2.0, "hello"), ZeroDivisionError("no money for a second one")])
    assert virtual(ask(a, policy=replace(PLAIN, hedge=1.0))).value.text == "hello"
    both = Model("a", [(2.0, failure(500)), (0.5, ZeroDivisionError("ours"))])
    with pytest.raises(ZeroDivisionError):
        virtual(ask(both, policy=replace(PLAIN, hedge=1.0)))


def test_an_error_of_the_caller_ends_the_other_attempt_too(virtual: Run) -> None:
    a = Model("a", [(9.0, "never"), failure(400, "no such parameter")])
    with pytest.raises(ProviderError, match="no such parameter"):
        virtual(ask(a, policy=replace(PLAIN, hedge=1.0)))
    assert a.cancelled == 1


def test_nobody_to_ask_is_an_error(virtual: Run) -> None:
    with pytest.raises(ProviderError, match="no answer"):
        virtual(ask())
