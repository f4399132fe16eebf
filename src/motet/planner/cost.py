"""What a node gives and takes: measured where runs were recorded, else documented priors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from motet.planner.plan import Estimate

MIN_SAMPLES = 5
"""Recorded nodes from which on measurements replace the prior."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What finished nodes of one method and choice took; `seconds` is sorted ascending."""

    seconds: Sequence[float]
    input_tokens: float
    output_tokens: float
    cost: float
    quality: float | None = None


class Statistics(Protocol):
    """What past runs measured."""

    def observed(self, method: str, choice: str) -> Observed | None:
        """Return the recent nodes of a method and choice, None when there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Prior:
    """An expectation before any measurement; `tokens` are (in, out)."""

    quality: float
    seconds: float
    tokens: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens, and per call."""

    input: float
    output: float
    call: float = 0.0


# Quality priors: of retrieval the share of questions whose answer is among twelve passages, of
# answering the F1 of the answer. Retrieval was measured on the reader's three tuning articles,
# reading on its nine held-out ones (bench/RESULTS.md); quoting and chat models are guesses that
# evaluation replaces.
PRIORS = {
    ("retrieve.search", "lexical"): Prior(0.965, 0.010),
    ("retrieve.search", "dense"): Prior(0.968, 0.020),
    ("retrieve.search", "hybrid"): Prior(0.983, 0.025),
    ("retrieve.nothing", "nothing"): Prior(1.0, 0.0),
    ("answer.read", ""): Prior(0.59, 0.25),
    ("answer.quote", ""): Prior(0.45, 0.01),
    ("answer.generate", ""): Prior(0.85, 2.0, (2200, 150)),
    ("cite.check", "engine"): Prior(1.0, 0.001),
}
LOCAL_CHAT = Prior(0.75, 6.0, (2200, 150))
"""A chat model on this machine: free, slower, smaller."""


class CostModel:
    """Estimates nodes. A choice of an `answer` method is the model's name."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics

    def estimate(
        self, method: str, choice: str, *, price: Price | None = None, local: bool = False
    ) -> Estimate:
        """Return the estimate of one node; without a known price a remote model costs its prior.

        The interval of a prior is half to three times its median.
        """
        prior = PRIORS.get((method, choice)) or PRIORS[method, ""]
        if method == "answer.generate" and local:
            prior = LOCAL_CHAT
        seen = self._statistics.observed(method, choice)
        if seen is None or len(seen.seconds) < MIN_SAMPLES:
            tokens_in, tokens_out = prior.tokens
            return Estimate(
                quality=prior.quality,
                seconds=prior.seconds,
                low=prior.seconds / 2,
                high=prior.seconds * 3,
                cost=_cost(price, tokens_in, tokens_out, local),
                tokens=tokens_in + tokens_out,
                basis="prior",
            )
        return Estimate(
            quality=prior.quality if seen.quality is None else seen.quality,
            seconds=round(_quantile(seen.seconds, 0.5), 6),
            low=round(_quantile(seen.seconds, 0.1), 6),
            high=round(_quantile(seen.seconds, 0.9), 6),
            cost=round(_measured_cost(price, seen, local), 9),
            tokens=round(seen.input_tokens + seen.output_tokens),
            basis="measured",
            samples=len(seen.seconds),
        )


UNKNOWN_PRICE = Price(2.5, 10.0)
"""Assumed for a remote model whose price nobody stated: mid-range, so never free."""


def _cost(price: Price | None, tokens_in: int, tokens_out: int, local: bool) -> float:
    if tokens_in + tokens_out == 0 or (price is None and local):
        return 0.0
    rate = price or UNKNOWN_PRICE
    return round((tokens_in * rate.input + tokens_out * rate.output) / 1e6 + rate.call, 9)


def _measured_cost(price: Price | None, seen: Observed, local: bool) -> float:
    """Return what the provider billed where it says so, else tokens times the price."""
    if price is None and seen.cost > 0:
        return seen.cost
    return _cost(price, round(seen.input_tokens), round(seen.output_tokens), local)


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
