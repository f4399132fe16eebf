"""How good models are at what, learned from scores and shrunk towards what is known anyway.

A score is taken to be a common level, plus the model's, plus the domain's, plus something of
this model in this domain; each of the three is shrunk towards zero by a weight of so many
imagined scores, as in a random-effects model. So a model that was only tried on hard subjects
is not called bad, and two lucky answers make no specialist. How much models differ from
domain to domain is itself learned: where they do, fewer scores suffice (empirical Bayes by
moments, after Morris 1983).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

MODEL_WEIGHT = 5.0
DOMAIN_WEIGHT = 5.0
CELL_WEIGHT = 15.0
"""Imagined scores behind what is expected of a model in a domain, until more is known."""
_CELL_WEIGHTS = (0.5, 100.0)
_CELL_PRIOR_SCORES = 100.0
PRIOR = 0.5
PRIOR_WEIGHT = 2.0
PRIOR_DEVIATION = 0.3
_ROUNDS = 20


class Evaluated(Protocol):
    """One answer of a model that was evaluated."""

    @property
    def model(self) -> str:
        """The model's name, as candidates go by."""
        ...

    @property
    def domain(self) -> str:
        """The domain that the expert gave the request, not what people would call it."""
        ...

    @property
    def score(self) -> float:
        """How good the answer was, from 0 to 1."""
        ...


@dataclass(frozen=True, slots=True)
class Belief:
    """The expected score, how unsure that is, and what it rests on.

    `deviation` is a standard deviation, beside what is unsure for all models alike. `scores`
    are those of the model, `here` those of them in the domain.
    """

    mean: float
    deviation: float
    scores: int
    here: int


@dataclass(slots=True)
class _Cell:
    number: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, score: float) -> None:
        self.number += 1
        self.total += score
        self.squares += score * score


@dataclass(slots=True)
class _Fit:
    level: float
    deviation: float
    cell_weight: float = CELL_WEIGHT
    models: dict[str, float] = field(default_factory=dict)
    domains: dict[str, float] = field(default_factory=dict)


class Quality:
    """Beliefs about models from evaluation records."""

    def __init__(self) -> None:
        self._cells: dict[tuple[str, str], _Cell] = {}
        self._numbers: dict[str, int] = {}
        self._fit: _Fit | None = None

    def learn(self, records: Iterable[Evaluated]) -> None:
        """Add records. Raises `ValueError` on a score outside 0 to 1."""
        for record in records:
            if not 0.0 <= record.score <= 1.0:
                raise ValueError(f"the score of {record.model} is {record.score}, not in 0 to 1")
            self._cells.setdefault((record.model, record.domain), _Cell()).add(record.score)
            self._numbers[record.model] = self._numbers.get(record.model, 0) + 1
            self._fit = None

    def belief(self, model: str, domain: str) -> Belief:
        """Return what is believed of a model in a domain; without any scores, the prior."""
        fit = self._fit = self._fit or self._fitted()
        cell = self._cells.get((model, domain), _Cell())
        scores = self._numbers.get(model, 0)
        base = fit.level + fit.models.get(model, 0.0) + fit.domains.get(domain, 0.0)
        weight = fit.cell_weight + cell.number
        mean = (fit.cell_weight * base + cell.total) / weight
        # Of the base itself we are as unsure as the model's scores are few.
        own = fit.cell_weight / weight
        variance = 1 / weight + own * own / (MODEL_WEIGHT + scores)
        deviation = fit.deviation * math.sqrt(variance)
        return Belief(min(max(mean, 0.0), 1.0), deviation, scores, cell.number)

    def _fitted(self) -> _Fit:
        """Estimate level and effects by turns, each the shrunk mean of what the others leave."""
        number = sum(cell.number for cell in self._cells.values())
        total = sum(cell.total for cell in self._cells.values())
        level = (PRIOR * PRIOR_WEIGHT + total) / (PRIOR_WEIGHT + number)
        fit = _Fit(level, self._deviation())
        for _ in range(_ROUNDS if self._cells else 0):
            fit.models = self._effects(0, MODEL_WEIGHT, fit.domains, level)
            fit.domains = self._effects(1, DOMAIN_WEIGHT, fit.models, level)
        fit.cell_weight = self._cell_weight(fit)
        return fit

    def _cell_weight(self, fit: _Fit) -> float:
        """Return the variance of scores over that of models' own ways in domains."""
        inside = fit.deviation**2
        number, squares = _CELL_PRIOR_SCORES, _CELL_PRIOR_SCORES * inside / CELL_WEIGHT
        for (model, domain), cell in self._cells.items():
            base = fit.level + fit.models.get(model, 0.0) + fit.domains.get(domain, 0.0)
            number += cell.number
            # The squared distance of a mean, less what chance alone brings about.
            squares += cell.number * (cell.total / cell.number - base) ** 2 - inside
        least, most = _CELL_WEIGHTS
        return min(max(inside * number / max(squares, 1e-9), least), most)

    def _effects(
        self, side: int, weight: float, others: dict[str, float], level: float
    ) -> dict[str, float]:
        left: dict[str, float] = {}
        numbers: dict[str, float] = {}
        for key, cell in self._cells.items():
            expected = cell.number * (level + others.get(key[1 - side], 0.0))
            left[key[side]] = left.get(key[side], 0.0) + cell.total - expected
            numbers[key[side]] = numbers.get(key[side], 0.0) + cell.number
        return {name: left[name] / (numbers[name] + weight) for name in left}

    def _deviation(self) -> float:
        """Return the standard deviation of scores within cells, with a prior of ten scores."""
        inside = sum(
            cell.squares - cell.total * cell.total / cell.number for cell in self._cells.values()
        )
        freedom = sum(cell.number - 1 for cell in self._cells.values())
        return math.sqrt((max(inside, 0.0) + 10 * PRIOR_DEVIATION**2) / (freedom + 10))
