"""Models or systems on the same questions: what each reached, and what tells them apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from motet.learning.intervals import Interval, interval
from motet.learning.questions import QuestionSet
from motet.learning.significance import Difference, differences


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one candidate answered one question. `cost` is in USD, None where unknown.

    `model` is what really answered, as `provider/name`; `error` says why nothing did.
    """

    answer: str
    score: float
    seconds: float
    abstained: bool = False
    cost: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    model: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What one candidate reached. Seconds are of answers that came; money is USD a question."""

    name: str
    quality: Interval
    p50: float | None
    p95: float | None
    cost: float | None
    input_tokens: float
    output_tokens: float
    abstained: int
    failed: int
    best: bool = False
    domains: Mapping[str, tuple[int, Interval]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it; `outcomes` by candidate, in the order of the questions."""

    questions: QuestionSet
    scorer: str
    outcomes: Mapping[str, Sequence[Outcome]]
    domains: Sequence[str]
    figures: Sequence[Figures]
    differences: Sequence[Difference]


def compared(
    questions: QuestionSet,
    scorer: str,
    outcomes: Mapping[str, Sequence[Outcome]],
    domains: Sequence[str],
) -> Comparison:
    """Compare candidates; `domains` are of the questions, in their order."""
    figures = [_figures(name, each, domains) for name, each in outcomes.items()]
    scores = {name: [each.score for each in found] for name, found in outcomes.items()}
    front = pareto(figures)
    return Comparison(
        questions,
        scorer,
        outcomes,
        domains,
        [_marked(each, each.name in front) for each in figures],
        differences(scores) if len(scores) > 1 else [],
    )


SAME_TIME = 0.05
"""The share by which median seconds may differ by chance: both count as equally fast."""


def pareto(figures: Sequence[Figures]) -> set[str]:
    """Return who is not beaten: nobody is as good in quality, cost and time, and better in one.

    What is unknown of one is not compared.
    """
    return {each.name for each in figures if not any(_beats(other, each) for other in figures)}


def _beats(one: Figures, other: Figures) -> bool:
    pairs = [(one.quality.mean, other.quality.mean)]
    if one.cost is not None and other.cost is not None:
        pairs.append((-one.cost, -other.cost))
    if one.p50 is not None and other.p50 is not None:
        same = abs(one.p50 - other.p50) <= SAME_TIME * max(one.p50, other.p50)
        pairs.append((0.0, 0.0) if same else (-one.p50, -other.p50))
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


def _marked(figures: Figures, best: bool) -> Figures:
    return replace(figures, best=best)


def _figures(name: str, outcomes: Sequence[Outcome], domains: Sequence[str]) -> Figures:
    came = [each for each in outcomes if each.error is None]
    seconds = sorted(each.seconds for each in came)
    costs = [each.cost for each in came]
    known = [each for each in costs if each is not None]
    return Figures(
        name,
        interval([each.score for each in outcomes]),
        _point(seconds, 0.5),
        _point(seconds, 0.95),
        math.fsum(known) / len(known) if known and len(known) == len(costs) else None,
        _mean([each.input_tokens for each in came]),
        _mean([each.output_tokens for each in came]),
        sum(each.abstained for each in came),
        len(outcomes) - len(came),
        domains=_by_domain(outcomes, domains),
    )


def _by_domain(
    outcomes: Sequence[Outcome], domains: Sequence[str]
) -> dict[str, tuple[int, Interval]]:
    scores: dict[str, list[float]] = {}
    for domain, each in zip(domains, outcomes, strict=True):
        scores.setdefault(domain, []).append(each.score)
    return {domain: (len(each), interval(each)) for domain, each in sorted(scores.items())}


def _point(ordered: Sequence[float], share: float) -> float | None:
    """Return the nearest value below which this share of the ordered values lies."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else 0.0
