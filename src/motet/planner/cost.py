"""What a node gives and takes: documented priors, sharpened by what was measured."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from motet.planner.durations import Duration
from motet.planner.history import History, Key, Known
from motet.planner.plan import Estimate
from motet.planner.priors import (
    BY_PRICE,
    LOCAL_CHAT,
    LOCAL_FACTOR,
    PRICED,
    PRIORS,
    USUAL_PRICE,
    Prior,
)
from motet.planner.samples import (
    BETWEEN_TASKS,
    PRIOR_SCORES,
    averaged,
    proportion,
    quantile,
    sharpened,
)
from motet.planner.statistics import Finished, Statistics

MIN_SAMPLES = 5
"""Recorded nodes from which on an estimate counts as measured: it may refuse a constraint."""
REMEMBERED = 4096
"""Estimates kept; more are forgotten all at once."""


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens, and per call."""

    input: float
    output: float
    call: float = 0.0


CHAT = "answer.generate"
"""The method of chat models."""
UNKNOWN_PRICE = Price(2.5, 10.0)
"""Assumed for a remote model whose price nobody stated: mid-range, so never free."""


@dataclass(frozen=True, slots=True)
class Charge:
    """Who pays what: the price of a model, None where nobody stated it, and where it runs."""

    price: Price | None = None
    local: bool = True

    def of(self, tokens_in: float, tokens_out: float, calls: int = 1) -> float:
        """Return the USD of so many tokens."""
        if tokens_in + tokens_out == 0 or (self.price is None and self.local):
            return 0.0
        rate = self.price or UNKNOWN_PRICE
        tokens = tokens_in * rate.input + tokens_out * rate.output
        return round(tokens / 1e6 + rate.call * calls, 9)


HERE = Charge()


Question = tuple[str, str, str, Charge, Estimate | None]


class CostModel:
    """Estimates nodes by method, choice and task (the kind of request).

    `patience` is how many seconds ample statistics hold without being read anew. Safe to
    use from several threads.
    """

    def __init__(self, statistics: Statistics, patience: float = 0.0) -> None:
        self._history = History(statistics, patience)
        self._made: dict[Question, tuple[int, Estimate]] = {}

    def look(self) -> Look:
        """Take note of what was measured up to now; what is seen then holds still."""
        return Look(self._history, self._history.version(), self._made)


class Look:
    """The estimates of one moment. `editions` are of the statistics they were made from.

    Equal questions between two materially different pasts give equal estimates. A choice of
    an `answer` method is the model's name.
    """

    def __init__(
        self, history: History, version: Hashable, made: dict[Question, tuple[int, Estimate]]
    ) -> None:
        self._history = history
        self._version = version
        self._made = made
        self.editions: dict[Key, int] = {}

    def known(self, method: str, choice: str) -> Known:
        """Return what was measured of a method and choice."""
        found = self._history.of(method, choice, self._version)
        self.editions[method, choice] = found.edition
        return found

    def agrees(self, editions: Mapping[Key, int]) -> bool:
        """Whether estimates made from these editions still hold."""
        return all(self.known(*key).edition == edition for key, edition in editions.items())

    def estimate(
        self,
        method: str,
        choice: str,
        *,
        task: str = "",
        charge: Charge = HERE,
        base: Estimate | None = None,
    ) -> Estimate:
        """Return the estimate of one node.

        `base` is what is expected of a composite from its parts; else the documented prior
        stands there, whose interval is half to three times its median. Without a known
        price a remote model costs what a mid-range one does.
        """
        known = self.known(method, choice)
        question = method, choice, task, charge, base
        found = self._made.get(question)
        if found is not None and found[0] == known.edition:
            return found[1]
        expected = base or _expected(method, choice, charge)
        made = expected if known.empty else _measured(expected, known, task, charge)
        if len(self._made) >= REMEMBERED:
            self._made.clear()
        self._made[question] = known.edition, made
        return made


def _expected(method: str, choice: str, charge: Charge) -> Estimate:
    prior = _prior(method, choice, charge)
    tokens_in, tokens_out = prior.tokens
    low, high = proportion(prior.quality, PRIOR_SCORES)
    cost = charge.of(tokens_in, tokens_out)
    return Estimate(
        quality=prior.quality,
        seconds=prior.seconds,
        low=prior.seconds / 2,
        high=prior.seconds * 3,
        cost=cost,
        tokens=tokens_in + tokens_out,
        basis="prior",
        quality_low=round(low, 4) if prior.quality < 1 else 1.0,
        quality_high=round(high, 4),
        cost_high=round(3 * cost, 9),
        calls=prior.calls,
    )


def _prior(method: str, choice: str, charge: Charge) -> Prior:
    prior = PRIORS.get((method, choice)) or PRIORS[method, ""]
    if method != CHAT:
        at_home = prior.tokens != (0, 0) and charge.local and charge.price is None
        return replace(prior, seconds=prior.seconds * LOCAL_FACTOR) if at_home else prior
    if charge.price is None:
        return LOCAL_CHAT if charge.local else prior
    return replace(prior, quality=_quality_by_price(prior.quality, charge.price))


def _quality_by_price(usual: float, price: Price) -> float:
    """Return the quality to expect of a chat model at a price: dearer ones are better."""
    if price.call:
        return usual
    worth = usual + BY_PRICE * math.log10(max(price.output, 1e-6) / USUAL_PRICE)
    return round(min(max(worth, PRICED[0]), PRICED[1]), 4)


def _measured(expected: Estimate, known: Known, task: str, charge: Charge) -> Estimate:
    """Sharpen by the nodes of other tasks first, then by those of the same."""
    finished = known.past.finished
    same = [each for each in finished if each.task == task]
    other = [each for each in finished if each.task != task]
    time = Duration(expected.seconds, expected.low, expected.high)
    if other:
        time = sharpened(time, [each.seconds for each in other], loosen=BETWEEN_TASKS)
    if same:
        time = sharpened(time, [each.seconds for each in same])
    found = replace(expected, seconds=time.seconds, low=time.low, high=time.high)
    if finished:
        found = _spent(found, same if len(same) >= MIN_SAMPLES else finished, charge)
        measured = len(finished) >= MIN_SAMPLES
        basis = "measured" if measured else expected.basis
        found = replace(found, basis=basis, samples=max(len(finished), expected.samples))
    return _judged(found, known, task)


def _spent(expected: Estimate, finished: Sequence[Finished], charge: Charge) -> Estimate:
    """Estimate tokens and money from the nodes that say what they used: some providers do not."""
    told = [each for each in finished if each.input_tokens + each.output_tokens or each.cost]
    if not told:
        return expected
    bills = sorted(_bill(each, charge) for each in told)
    tokens = averaged(expected.tokens, [e.input_tokens + e.output_tokens for e in told])
    cost = averaged(expected.cost, bills)
    high = averaged(expected.cost_high, [quantile(bills, 0.9)] * len(bills))
    return replace(
        expected,
        tokens=round(tokens),
        cost=round(cost, 9),
        cost_high=round(max(cost, high), 9),
    )


def _bill(each: Finished, charge: Charge) -> float:
    """Return what a node cost: as billed where no price is declared, else tokens times price."""
    if charge.price is None and each.cost > 0:
        return each.cost
    return charge.of(each.input_tokens, each.output_tokens)


def _judged(expected: Estimate, known: Known, task: str) -> Estimate:
    """Estimate quality from evaluations, of this task where there are enough."""
    scores = [each.score for each in known.past.scored if each.task == task]
    if len(scores) < MIN_SAMPLES:
        scores = [each.score for each in known.past.scored]
    if not scores:
        return expected
    count = len(scores) + PRIOR_SCORES
    quality = (PRIOR_SCORES * expected.quality + math.fsum(scores)) / count
    low, high = proportion(quality, count)
    return replace(
        expected,
        quality=round(quality, 6),
        quality_low=round(low, 4),
        quality_high=round(high, 4),
        scored=len(scores),
    )
