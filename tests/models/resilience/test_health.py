"""What is known of providers: breakers, busy times, latencies, tool calls."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.core.errors import ProviderError
from motet.models.resilience.breaker import Breaker, BreakerRules
from motet.models.resilience.calls import CallHealth
from motet.models.resilience.health import Health
from motet.models.resilience.latency import Latency

RULES = BreakerRules(failures=3, calls=10, rate=0.5, window=10, cool_down=5, growth=2, longest=15)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def failure(status: int | None = 500, wait: float | None = None) -> ProviderError:
    return ProviderError("it broke", status=status, retry_after=wait)


def make() -> tuple[Health, Clock]:
    clock = Clock()
    return Health(rules=RULES, clock=clock), clock


def fail(health: Health, times: int = 1, error: ProviderError | None = None) -> None:
    for _ in range(times):
        health.began("a")
        health.failed("a", error or failure())


def succeed(health: Health, seconds: float = 1.0) -> None:
    health.began("a")
    health.answered("a", seconds / 2)
    health.succeeded("a", seconds / 2, seconds, 11)


def shown(health: Health) -> dict[str, Any]:
    value = health.snapshot()["a"]
    assert isinstance(value, dict)
    return value


def test_failures_in_a_row_open_it_for_a_while() -> None:
    health, clock = make()
    fail(health, 2)
    assert health.allows("a")
    fail(health)
    assert not health.allows("a")
    assert health.rests("a") == 5.0
    assert shown(health)["state"] == "open"
    clock.now += 4.9
    assert not health.allows("a")
    clock.now += 0.1
    assert health.allows("a")
    assert shown(health)["state"] == "half-open"


def test_a_success_between_starts_the_row_anew() -> None:
    health, _ = make()
    fail(health, 2)
    succeed(health)
    fail(health, 2)
    assert health.allows("a")


def test_a_high_error_rate_opens_it_without_a_row() -> None:
    health, clock = make()
    for _ in range(4):
        succeed(health)
        fail(health)
        clock.now += 1
    assert health.allows("a")
    succeed(health)
    fail(health)
    assert not health.allows("a")


def test_what_left_the_window_no_longer_counts() -> None:
    health, clock = make()
    for _ in range(4):
        succeed(health)
        fail(health)
    clock.now += 11
    succeed(health)
    fail(health)
    assert health.allows("a")


def test_one_probe_at_a_time_and_growing_rests() -> None:
    health, clock = make()
    fail(health, 3)
    for rest in (5.0, 10.0, 15.0, 15.0):
        assert health.rests("a") == pytest.approx(rest)
        clock.now += rest
        assert health.allows("a")
        health.began("a")
        assert not health.allows("a")
        health.failed("a", failure())
    clock.now += 15
    succeed(health)
    assert shown(health)["state"] == "closed"
    fail(health, 3)
    assert health.rests("a") == 5.0


def test_a_probe_that_breaks_off_after_its_first_event_opens_it_again() -> None:
    health, clock = make()
    fail(health, 3)
    clock.now += 5
    health.began("a")
    health.answered("a", 0.1)
    assert health.allows("a")
    health.failed("a", failure())
    assert not health.allows("a")


def test_a_probe_given_up_leaves_the_place_to_another() -> None:
    health, clock = make()
    fail(health, 3)
    clock.now += 5
    health.began("a")
    health.abandoned("a")
    assert health.allows("a")


def test_calls_that_began_before_it_opened_do_not_prolong_it() -> None:
    health, clock = make()
    for _ in range(10):
        health.began("a")
    fail(health, 3)
    clock.now += 3
    health.failed("a", failure())
    assert health.rests("a") == 2.0


@pytest.mark.parametrize("status", [400, 413, 422, 401, 403, 404, 429])
def test_only_the_providers_own_failures_count(status: int) -> None:
    health, _ = make()
    fail(health, 20, failure(status))
    assert health.allows("a")


@pytest.mark.parametrize("status", [None, 500, 502, 503, 504, 529])
def test_connections_time_limits_and_server_errors_count(status: int | None) -> None:
    health, _ = make()
    fail(health, 3, failure(status))
    assert not health.allows("a")


def test_busy_until_what_retry_after_says_but_not_for_ever() -> None:
    health, clock = make()
    fail(health, 1, failure(429, 7.0))
    assert health.busy("a") == 7.0
    clock.now += 7
    assert health.busy("a") == 0.0
    fail(health, 1, failure(429, 86400.0))
    assert health.busy("a") == 60.0
    succeed(health)
    assert health.busy("a") == 0.0


def test_busy_without_a_time_grows() -> None:
    health, clock = make()
    waits = []
    for _ in range(8):
        fail(health, 1, failure(429))
        waits.append(health.busy("a"))
        clock.now += waits[-1]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_denial_bars_for_a_minute() -> None:
    health, clock = make()
    fail(health, 1, failure(401))
    assert health.barred("a")
    clock.now += 61
    assert not health.barred("a")


def test_a_name_nobody_asked_is_healthy_and_unmeasured() -> None:
    health, _ = make()
    assert health.allows("x")
    assert not health.barred("x")
    assert (health.rests("x"), health.busy("x")) == (0.0, 0.0)
    assert health.first_seconds("x") is health.token_seconds("x") is None
    assert health.call_failure_rate("x") == 0.02
    assert health.snapshot() == {}


def test_what_answers_take_is_learned() -> None:
    health, _ = make()
    for _ in range(20):
        succeed(health, 2.0)
    assert health.first_seconds("a") == pytest.approx(1.0)
    assert health.first_seconds("a", 0.95) == pytest.approx(1.0)
    assert health.whole_seconds("a") == pytest.approx(2.0)
    assert health.token_seconds("a") == pytest.approx(0.1)


def test_the_snapshot_is_json_and_tells_the_last_error() -> None:
    health, _ = make()
    succeed(health)
    fail(health, 1, failure(503))
    health.called("a", "invalid_json")
    told = json.loads(json.dumps(health.snapshot()))["a"]
    assert told["answers"] == 1
    assert told["failures"] == {"fault": 1}
    assert told["last_error"] == "it broke"
    assert told["tokens_per_second"] == pytest.approx(20.0)
    assert told["first"] == {"count": 1, "mean": 0.5, "p50": None, "p95": None}
    assert told["tool_calls"] == {"invalid_json": 1.0}


def test_tool_calls_start_at_the_prior_and_follow_what_is_seen() -> None:
    calls = CallHealth()
    assert calls.failure_rate == pytest.approx(0.02)
    calls.add("schema")
    assert 0.02 < calls.failure_rate < 0.1
    for _ in range(5000):
        calls.add("schema")
    assert calls.failure_rate > 0.95
    for _ in range(5000):
        calls.add("ok")
    assert calls.failure_rate < 0.05


@given(st.lists(st.floats(0, 100), min_size=8, max_size=64), st.sampled_from([0.5, 0.9, 0.95, 1.0]))
def test_quantiles_are_measured_values_at_their_rank(values: list[float], share: float) -> None:
    latency = Latency()
    for value in values:
        latency.add(value)
    found = latency.quantile(share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values)


def test_the_mean_follows_a_change_and_quantiles_forget() -> None:
    latency = Latency()
    for _ in range(200):
        latency.add(1.0)
    for _ in range(64):
        latency.add(3.0)
    assert latency.mean == pytest.approx(3.0, abs=0.01)
    assert latency.quantile(0.5) == 3.0


@given(st.lists(st.tuples(st.sampled_from("bafsx"), st.floats(0, 20)), max_size=200))
def test_a_breaker_always_lets_somebody_try_in_the_end(steps: list[tuple[str, float]]) -> None:
    breaker, now, probing = Breaker(RULES), 0.0, 0
    for step, pause in steps:
        now += pause
        if step == "b" and breaker.allows(now):
            probing = probing + 1 if breaker.state(now) == "half-open" else probing
            breaker.begin(now)
            assert probing <= 1
            continue
        probing = 0
        if step == "a":
            breaker.answered()
        elif step == "f":
            breaker.fail(now)
        elif step == "s":
            breaker.succeed(now)
        else:
            breaker.abandon()
        assert breaker.remaining(now) <= RULES.longest
        assert breaker.allows(now + RULES.longest)
