"""Choosing among candidates: who can, who is best for the goal, and what is said about it."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.core.chat import ChatRequest, Message, Usage
from motet.core.errors import ProviderError
from motet.core.money import pico
from motet.models.resilience.breaker import BreakerRules
from motet.models.resilience.health import Health
from motet.models.routing.candidate import Candidate
from motet.models.routing.choice import choose
from motet.models.routing.goal import Goal, Limits
from motet.models.routing.quality import Quality
from motet.models.routing.router import Router
from motet.models.routing.signals import Signals

PLAIN = Signals("en", 400, 100, None, frozenset(), False, False, "finance", 0.9, ())


@dataclass(frozen=True)
class Price:
    """Dollars for a million tokens in and out."""

    into: float
    out: float

    def cost(self, usage: Usage) -> int:
        return pico((self.into * usage.input_tokens + self.out * usage.output_tokens) / 1e6)


@dataclass(frozen=True)
class Record:
    model: str
    domain: str
    score: float


DEAR = Candidate("dear", pricing=Price(3, 15))
CHEAP = Candidate("cheap", pricing=Price(0.1, 0.4))
HERE = Candidate("here", local=True)


def records(model: str, domain: str, right: int, wrong: int) -> list[Record]:
    return [Record(model, domain, 1.0)] * right + [Record(model, domain, 0.0)] * wrong


def learned(*groups: list[Record]) -> Quality:
    quality = Quality()
    for group in groups:
        quality.learn(group)
    return quality


def measured(**seconds: float) -> Health:
    health = Health()
    for name, value in seconds.items():
        for _ in range(10):
            health.began(name)
            health.answered(name, value / 10)
            health.succeeded(name, value / 10, value, 401)
    return health


def reason(name: str, **more: object) -> str:
    choice = choose([DEAR, CHEAP, HERE], PLAIN, **more)  # type: ignore[arg-type]
    return next(each.reason for each in choice.ranked if each.name == name)


# Who can


@pytest.mark.parametrize(
    ("candidate", "needed", "why"),
    [
        (
            Candidate("a", inputs=frozenset({"text"})),
            replace(PLAIN, modalities=frozenset({"image", "audio"})),
            "takes no audio or image",
        ),
        (Candidate("a", tools=False), replace(PLAIN, tools=True), "calls no tools"),
        (
            Candidate("a", structured=False),
            replace(PLAIN, structured=True),
            "writes no answers by a schema",
        ),
        (
            Candidate("a", context=8192),
            replace(PLAIN, tokens=20000),
            "about 20000 tokens do not fit into its context of 8192",
        ),
        (
            Candidate("a", max_output=4096),
            replace(PLAIN, output=8000),
            "writes at most 4096 tokens, 8000 are asked for",
        ),
    ],
)
def test_who_cannot_is_left_out_with_the_reason(
    candidate: Candidate, needed: Signals, why: str
) -> None:
    choice = choose([candidate, CHEAP], needed)
    assert choice.names == ("cheap",)
    assert choice.excluded == (("a", why),)


def test_an_estimate_a_little_too_long_excludes_nobody() -> None:
    assert choose([Candidate("a", context=8192)], replace(PLAIN, tokens=9000)).names == ("a",)


def test_what_nobody_knows_excludes_nobody_but_comes_after_the_able() -> None:
    able = Candidate("able", tools=True, pricing=Price(9, 9))
    choice = choose([CHEAP, able], replace(PLAIN, tools=True), "cheap")
    assert choice.names == ("able", "cheap")
    assert "nobody says whether it takes tools" in choice.ranked[1].reason


def test_what_must_stay_here_goes_nowhere_else() -> None:
    choice = choose([DEAR, HERE], PLAIN, "best", local=True)
    assert choice.names == ("here",)
    assert choice.excluded[0][0] == "dear"
    assert choose([DEAR, CHEAP], PLAIN, local=True, pins=["dear"]).names == ()


# What for


def test_without_measurements_the_price_stands_in_and_it_is_said() -> None:
    assert choose([CHEAP, HERE, DEAR], PLAIN, "best").names[0] == "dear"
    assert choose([DEAR, CHEAP, HERE], PLAIN, "cheap").names == ("here", "cheap", "dear")
    assert "no measurements: priors" in reason("dear")
    assert "time unknown" in reason("dear")


def test_equals_stay_in_the_given_order() -> None:
    twins = [Candidate(name, pricing=Price(1, 1)) for name in "cab"]
    goals: tuple[Goal, ...] = ("balanced", "cheap", "fast", "best")
    for goal in goals:
        assert choose(twins, PLAIN, goal).names == ("c", "a", "b")


def test_an_unknown_price_counts_as_the_dearest() -> None:
    unknown = Candidate("unknown")
    assert choose([unknown, DEAR, CHEAP], PLAIN, "cheap").names[0] == "cheap"
    assert choose([unknown], PLAIN).ranked[0].cost is None


def test_measured_quality_beats_the_prior_of_the_price() -> None:
    quality = learned(
        records("dear", "finance", 30, 20),
        records("cheap", "finance", 45, 5),
    )
    for goal in ("best", "balanced", "cheap"):
        assert choose([DEAR, CHEAP], PLAIN, goal, quality=quality).names[0] == "cheap"  # type: ignore[arg-type]
    said = choose([CHEAP], PLAIN, quality=quality).ranked[0].reason
    assert "(50 scores in finance, 50 in all)" in said


def test_the_domain_decides_where_models_differ_by_it() -> None:
    quality = learned(
        records("dear", "finance", 95, 5),
        records("cheap", "finance", 60, 40),
        records("dear", "code", 60, 40),
        records("cheap", "code", 95, 5),
    )
    assert choose([DEAR, CHEAP], PLAIN, "best", quality=quality).names[0] == "dear"
    code = replace(PLAIN, domain="code")
    assert choose([DEAR, CHEAP], code, "best", quality=quality).names[0] == "cheap"


def test_fast_takes_the_quick_one_and_cheap_the_cheap() -> None:
    health = measured(dear=1.0, cheap=8.0)
    assert choose([DEAR, CHEAP], PLAIN, "fast", health=health).names[0] == "dear"
    assert choose([DEAR, CHEAP], PLAIN, "cheap", health=health).names[0] == "cheap"
    assert "about 8.0 s" in reason("cheap", health=health)


def test_a_declared_objective_comes_first() -> None:
    quality = learned(records("dear", "finance", 90, 10), records("cheap", "finance", 60, 40))
    health = measured(dear=9.0, cheap=1.0)
    both = [DEAR, CHEAP]
    limits = Limits(quality=0.8)
    assert choose(both, PLAIN, "cheap", quality=quality, limits=limits).names[0] == "dear"
    assert choose(both, PLAIN, "best", quality=quality, limits=Limits(cost=1e-3)).names[0] == (
        "cheap"
    )
    slow = choose(both, PLAIN, "best", quality=quality, health=health, limits=Limits(latency=2.0))
    assert slow.names[0] == "cheap"
    assert "takes longer than 2 s" in slow.ranked[1].reason


def test_what_is_only_a_prior_breaks_no_demand_for_quality() -> None:
    assert "below" not in reason("cheap", limits=Limits(quality=0.9))


def test_pins_come_first_where_they_can() -> None:
    assert choose([DEAR, CHEAP, HERE], PLAIN, "cheap", pins=["dear", "cheap"]).names == (
        "dear",
        "cheap",
        "here",
    )


def test_bad_tool_calls_count_where_tools_are_needed() -> None:
    health = Health()
    for _ in range(50):
        health.called("a", "invalid_json")
        health.called("b", "ok")
    twins = [Candidate(name, tools=True, pricing=Price(1, 1)) for name in "ab"]
    assert choose(twins, PLAIN, health=health).names == ("a", "b")
    needed = replace(PLAIN, tools=True)
    choice = choose(twins, needed, health=health)
    assert choice.names == ("b", "a")
    assert "72% of tool calls bad" in choice.ranked[1].reason


@pytest.mark.parametrize(
    ("status", "said"),
    [(500, "left alone"), (429, "asked us to wait"), (401, "denied us")],
)
def test_providers_that_are_unwell_come_last(status: int, said: str) -> None:
    health = Health(rules=BreakerRules(failures=1))
    health.began("cheap")
    health.failed("cheap", ProviderError("no", status=status, retry_after=20.0))
    choice = choose([CHEAP, DEAR], PLAIN, "cheap", health=health)
    assert choice.names == ("dear", "cheap")
    assert said in choice.ranked[1].reason


# What is learned


def test_few_scores_move_a_belief_little_and_many_move_it_far() -> None:
    quality = learned(records("a", "code", 500, 500))
    before = quality.belief("b", "code")
    quality.learn(records("b", "code", 2, 0))
    few = quality.belief("b", "code")
    quality.learn(records("b", "code", 298, 0))
    many = quality.belief("b", "code")
    assert before.mean < few.mean < 0.8 < many.mean
    assert before.deviation > few.deviation > many.deviation
    assert (few.scores, few.here) == (2, 2)


def test_a_model_that_only_met_hard_questions_is_not_called_bad() -> None:
    quality = learned(
        records("a", "hard", 100, 300),
        records("a", "easy", 360, 40),
        records("b", "hard", 120, 280),
    )
    assert quality.belief("b", "easy").mean > 0.75
    assert quality.belief("b", "hard").mean > quality.belief("a", "hard").mean


def test_where_models_differ_by_domain_fewer_scores_suffice() -> None:
    alike, unlike = [], []
    for number in range(8):
        for model in "abcd":
            specialist = (ord(model) + number) % 4 == 0
            alike += records(model, f"d{number}", 35, 15)
            unlike += records(
                model, f"d{number}", 48 if specialist else 10, 2 if specialist else 40
            )
    news = records("a", "new", 0, 5)
    far = learned(unlike, news).belief("a", "new").mean
    near = learned(alike, news).belief("a", "new").mean
    assert far < 0.15
    assert near > 0.3


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.floats(0, 1)), max_size=60
    )
)
def test_beliefs_are_scores_and_do_not_depend_on_the_order(
    rows: list[tuple[str, str, float]],
) -> None:
    forwards = learned([Record(*row) for row in rows])
    backwards = learned([Record(*row) for row in reversed(rows)])
    for model in "abcd":
        for domain in "wxyz":
            one, other = forwards.belief(model, domain), backwards.belief(model, domain)
            assert 0.0 <= one.mean <= 1.0
            assert one.deviation > 0.0
            assert one.mean == pytest.approx(other.mean, abs=1e-6)


def test_scores_must_be_scores() -> None:
    with pytest.raises(ValueError, match="not in 0 to 1"):
        learned([Record("a", "x", 7.0)])


# The router


def test_a_router_reads_the_request_and_tells_all_of_it_as_json() -> None:
    router = Router(records=records("cheap", "finance", 9, 1))
    request = ChatRequest((Message("user", "what is the credit limit of my card at the bank"),))
    choice = router.choose([DEAR, CHEAP, Candidate("small", context=1)], request)
    told = json.loads(json.dumps(choice.shown()))
    assert told["signals"]["domain"] == "finance"
    assert {each["name"] for each in told["ranked"]} == {"dear", "cheap"}
    assert told["excluded"][0]["name"] == "small"
    assert told["ranked"][0]["cost_usd"] > 0


def test_what_is_learned_later_counts() -> None:
    router = Router()
    assert router.choose([DEAR, CHEAP], PLAIN, "best").names[0] == "dear"
    router.learn(records("dear", "finance", 5, 45))
    router.learn(records("cheap", "finance", 45, 5))
    assert router.choose([DEAR, CHEAP], PLAIN, "best").names[0] == "cheap"


def test_without_exploring_it_always_chooses_the_same() -> None:
    router = Router(records=records("cheap", "finance", 9, 1))
    assert len({router.choose([DEAR, CHEAP], PLAIN).names for _ in range(20)}) == 1


def test_exploring_tries_the_little_known_and_settles_on_the_well_known() -> None:
    twins = [Candidate(name, pricing=Price(1, 1)) for name in "ab"]
    little = Router(records=records("a", "finance", 3, 2), explore=random.Random(1))
    tried = [little.choose(twins, PLAIN, "best").names[0] for _ in range(200)]
    assert 30 < tried.count("b") < 170
    much = [*records("a", "finance", 900, 100), *records("b", "finance", 500, 500)]
    known = Router(records=much, explore=random.Random(1))
    assert {known.choose(twins, PLAIN, "best").names[0] for _ in range(200)} == {"a"}
