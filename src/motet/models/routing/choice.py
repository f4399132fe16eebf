"""Which models to ask for a request, in which order, and why."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from motet.core.chat import Usage
from motet.core.json import JSON
from motet.core.money import PICO, dollars, shown
from motet.models.resilience.health import Health
from motet.models.routing.candidate import Candidate, unable, unknown
from motet.models.routing.goal import Goal, Limits, utility
from motet.models.routing.quality import Belief, Quality
from motet.models.routing.signals import Signals

TYPICAL_OUTPUT = 400
"""Output tokens of an answer where the request does not ask for fewer."""
UNKNOWN_SECONDS = 2.0
UNKNOWN_COST = PICO // 1000
"""What is assumed where neither this nor any other candidate has been measured or priced."""
PRICE_PRIOR = 0.02
_PRICE_PRIOR_MOST = 0.15
_PRICE_PRIOR_WEIGHT = 10.0
_NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with what is expected of it; `cost` and `seconds` None where unknown."""

    name: str
    belief: Belief
    cost: int | None
    seconds: float | None
    utility: float
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates in the order in which to ask them, and those that cannot be asked."""

    goal: Goal
    signals: Signals
    ranked: tuple[Ranked, ...]
    excluded: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names in order; empty where nobody can take the request."""
        return tuple(each.name for each in self.ranked)

    def shown(self) -> dict[str, JSON]:
        """Return the choice for traces and explanations."""
        return {
            "goal": self.goal,
            "signals": self.signals.shown(),
            "ranked": [_shown(each) for each in self.ranked],
            "excluded": [{"name": name, "reason": reason} for name, reason in self.excluded],
        }


def choose(
    candidates: Sequence[Candidate],
    needed: Signals,
    goal: Goal = "balanced",
    *,
    quality: Quality | None = None,
    health: Health | None = None,
    limits: Limits = _NO_LIMITS,
    pins: Sequence[str] = (),
    local: bool = False,
    draw: Callable[[float, float], float] | None = None,
) -> Choice:
    """Order the candidates that can take the request by what is expected of them.

    First come `pins` in their order, then those whose provider is well, then those that keep
    `limits` as far as measured, then those known to be able, then the most useful for the
    goal; equals stay in the given order. `draw(mean, deviation)` replaces the expected
    quality by a sample (Thompson 1933), so that what is little known gets tried.
    """
    reasons = [(each, unable(each, needed, local=local)) for each in candidates]
    able = [each for each, reason in reasons if reason is None]
    expected = _Expectations(able, needed, quality or Quality(), health or Health())
    places = {name: place for place, name in enumerate(pins)}

    def key(each: Ranked) -> tuple[int, bool, bool, int, float]:
        return (
            places.get(each.name, len(places)),
            expected.unwell(each.name) != "",
            _broken(limits, each) != "",
            len(expected.doubts[each.name]),
            -round(each.utility, 9),
        )

    ranked = [expected.ranked(each, goal, draw, limits) for each in able]
    return Choice(
        goal,
        needed,
        tuple(sorted(ranked, key=key)),
        tuple((each.name, reason) for each, reason in reasons if reason is not None),
    )


class _Expectations:
    """What quality, cost and time are expected of each of several candidates."""

    def __init__(
        self, candidates: Sequence[Candidate], needed: Signals, quality: Quality, health: Health
    ) -> None:
        self._needed = needed
        self._quality = quality
        self._health = health
        self._costs = {each.name: self._cost(each) for each in candidates}
        self._seconds = {each.name: self._time(each.name) for each in candidates}
        self.doubts = {each.name: unknown(each, needed) for each in candidates}
        costs = [cost for cost in self._costs.values() if cost is not None]
        times = [time for time in self._seconds.values() if time is not None]
        self._dearest = max(costs, default=UNKNOWN_COST)
        self._usual = statistics.median(times) if times else UNKNOWN_SECONDS
        dearness = [_doublings(cost) for cost in costs]
        self._mean_dearness = statistics.fmean(dearness) if dearness else 0.0

    def ranked(
        self,
        candidate: Candidate,
        goal: Goal,
        draw: Callable[[float, float], float] | None,
        limits: Limits,
    ) -> Ranked:
        name = candidate.name
        belief = self._belief(name)
        mean = belief.mean if draw is None else draw(belief.mean, belief.deviation)
        if self._needed.tools:
            mean *= 1 - self._health.call_failure_rate(name)
        cost, seconds = self._costs[name], self._seconds[name]
        worth = utility(
            goal,
            mean,
            self._dearest if cost is None else cost,
            self._usual if seconds is None else seconds,
        )
        found = Ranked(name, belief, cost, seconds, worth, "")
        return Ranked(name, belief, cost, seconds, worth, self._reason(found, limits))

    def unwell(self, name: str) -> str:
        """Return what is wrong with the provider now, empty where nothing is."""
        if not self._health.allows(name):
            return f"left alone for {self._health.rests(name):.0f} s after failures"
        if wait := self._health.busy(name):
            return f"asked us to wait for {wait:.0f} s"
        return "denied us lately" if self._health.barred(name) else ""

    def _belief(self, name: str) -> Belief:
        """Return the belief; the fewer its scores, the more a high price speaks for a model."""
        belief = self._quality.belief(name, self._needed.domain)
        cost = self._costs[name]
        if cost is None:
            return belief
        bonus = PRICE_PRIOR * (_doublings(cost) - self._mean_dearness)
        bonus = min(max(bonus, -_PRICE_PRIOR_MOST), _PRICE_PRIOR_MOST)
        bonus *= _PRICE_PRIOR_WEIGHT / (_PRICE_PRIOR_WEIGHT + belief.scores)
        mean = min(max(belief.mean + bonus, 0.0), 1.0)
        return Belief(mean, belief.deviation, belief.scores, belief.here)

    def _cost(self, candidate: Candidate) -> int | None:
        if candidate.pricing is not None:
            return candidate.pricing.cost(Usage(self._needed.tokens, self._output()))
        return 0 if candidate.local else None

    def _time(self, name: str) -> float | None:
        first, token = self._health.first_seconds(name), self._health.token_seconds(name)
        if first is None or token is None:
            return self._health.whole_seconds(name)
        return first + token * self._output()

    def _output(self) -> int:
        asked = self._needed.output
        return TYPICAL_OUTPUT if asked is None else min(asked, TYPICAL_OUTPUT)

    def _reason(self, each: Ranked, limits: Limits) -> str:
        belief, domain = each.belief, self._needed.domain
        spread = f"quality {belief.mean:.2f} ± {belief.deviation:.2f}"
        if belief.scores:
            said = [f"{spread} ({belief.here} scores in {domain}, {belief.scores} in all)"]
        else:
            said = [f"{spread}, no measurements: priors"]
        said.append("price unknown" if each.cost is None else f"about {shown(each.cost)}")
        said.append("time unknown" if each.seconds is None else f"about {each.seconds:.1f} s")
        if self._needed.tools:
            said.append(f"{self._health.call_failure_rate(each.name):.0%} of tool calls bad")
        said += [f"nobody says whether it takes {doubt}" for doubt in self.doubts[each.name]]
        said += [text for text in (_broken(limits, each), self.unwell(each.name)) if text]
        return "; ".join(said)


def _doublings(cost: int) -> float:
    """Return how often a hundredth of a cent doubles up to a cost."""
    return math.log2(1 + cost / (PICO // 10_000))


def _broken(limits: Limits, each: Ranked) -> str:
    """Return which limit a candidate breaks as far as is known, empty where none."""
    if limits.cost is not None and each.cost is not None and dollars(each.cost) > limits.cost:
        return f"costs more than ${limits.cost:g}"
    if limits.latency is not None and each.seconds is not None and each.seconds > limits.latency:
        return f"takes longer than {limits.latency:g} s"
    if limits.quality is not None and each.belief.scores and each.belief.mean < limits.quality:
        return f"below the demanded quality of {limits.quality:g}"
    return ""


def _shown(each: Ranked) -> dict[str, JSON]:
    return {
        "name": each.name,
        "quality": round(each.belief.mean, 4),
        "deviation": round(each.belief.deviation, 4),
        "scores": each.belief.scores,
        "scores_in_domain": each.belief.here,
        "cost_usd": None if each.cost is None else dollars(each.cost),
        "seconds": None if each.seconds is None else round(each.seconds, 3),
        "utility": round(each.utility, 4),
        "reason": each.reason,
    }
