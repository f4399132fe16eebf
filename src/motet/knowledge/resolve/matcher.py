"""Scores two records without labelled pairs, and says why."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol

from motet.core.json import JSON
from motet.knowledge.resolve import generic
from motet.knowledge.resolve.features import Compared
from motet.knowledge.resolve.rarity import Fixed, Rarity
from motet.knowledge.resolve.records import Record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS = "generic.json"


@dataclass(frozen=True, slots=True)
class Reason:
    """What a field says for (`effect` > 0, in log-odds) or against two records being one."""

    field: str
    text: str
    effect: float

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {"field": self.field, "text": self.text, "effect": round(self.effect, 2)}


@dataclass(frozen=True, slots=True)
class Scored:
    """How probably two records are one, with the reasons, the strongest first."""

    left: str
    right: str
    probability: float
    reasons: tuple[Reason, ...]


class Matcher(Protocol):
    """Scores pairs; the same two records always get the same score."""

    @property
    def version(self) -> str:
        """Identity of rules and weights, recorded with what is derived."""
        ...

    def score(self, left: Record, right: Record) -> Scored:
        """Score a pair; which of the two comes first makes no difference."""
        ...


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression on standardised measures; unknown ones count as average."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    slope: NDArray[np.float64]
    bias: float

    def effects(self, measures: Sequence[float]) -> NDArray[np.float64]:
        """Return what each measure adds to the log-odds, shape (measures,)."""
        import numpy as np

        return np.nan_to_num((np.asarray(measures) - self.mean) / self.scale) * self.slope


@dataclass(frozen=True, slots=True)
class GenericWeights:
    """Weights for pairs that share other fields than the name, and for those that do not."""

    version: str
    full: Weights
    bare: Weights


@cache
def generic_weights() -> GenericWeights:
    """Return the weights that ship: see `generic.md` beside them."""
    held = json.loads((files(__package__) / WEIGHTS).read_text(encoding="utf-8"))
    return GenericWeights(held["version"], _weights(held["full"]), _weights(held["bare"]))


def _weights(held: Mapping[str, Any]) -> Weights:
    import numpy as np

    mean, scale, slope = (np.asarray(held[name], np.float64) for name in ("mean", "scale", "slope"))
    return Weights(mean, scale, slope, held["bias"])


class Generic:
    """The matcher for records of any kind; `weights` default to those that ship."""

    def __init__(self, weights: GenericWeights | None = None, rarity: Rarity | None = None) -> None:
        self._weights = weights or generic_weights()
        self._rarity = rarity or Fixed()

    @property
    def version(self) -> str:
        """Identity of the weights."""
        return self._weights.version

    def score(self, left: Record, right: Record) -> Scored:
        """Score a pair."""
        left, right = sorted((left, right), key=lambda record: record.uid)
        measures, fields = generic.measures(left, right, self._rarity)
        is_full = any(not each.is_missing for each in fields[1:])
        weights = self._weights.full if is_full else self._weights.bare
        effects = weights.effects(measures)
        odds = float(effects.sum()) + weights.bias
        return Scored(left.uid, right.uid, probability(odds), _reasons(effects, fields))


def probability(odds: float) -> float:
    """Return the probability that log-odds stand for."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def log_odds(chance: float) -> float:
    """Return the log-odds of a probability, within -9 to 9."""
    bounded = min(max(chance, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))


def _reasons(effects: NDArray[np.float64], fields: Sequence[Compared]) -> tuple[Reason, ...]:
    if not fields:
        return ()
    width = len(fields[0].measures)
    parts = (
        Reason(fields[0].field, described(fields[0]), float(effects[:width].sum())),
        Reason("all text", "all words together", float(effects[width : 2 * width].sum())),
        Reason(
            ", ".join(each.field for each in fields[1:]),
            "; ".join(f"{each.field}: {described(each)}" for each in fields[1:]),
            float(effects[2 * width :].sum()),
        ),
    )
    told = [each for each in parts if each.text and each.effect]
    return tuple(sorted(told, key=lambda reason: -abs(reason.effect)))


def described(compared: Compared) -> str:
    """Say in words how two texts of a field compare."""
    if compared.alignment is None:
        return "missing on one side" if compared.left or compared.right else "missing"
    measures, alignment = compared.measures, compared.alignment
    if measures["equal"]:
        return f"equal ({compared.left})"
    if measures["acronym"]:
        return f"{compared.left} and {compared.right}: one abbreviates the other"
    if not math.isnan(measures["value"]):
        near = measures["value"]
        return f"{compared.left} and {compared.right} are {near:.0%} alike as values"
    only = [
        f"only {side}: {' '.join(alone)}"
        for side, alone in (("left", alignment.alone_left), ("right", alignment.alone_right))
        if alone
    ]
    return "; ".join([f"words agree {measures['soft']:.0%}", *only])
