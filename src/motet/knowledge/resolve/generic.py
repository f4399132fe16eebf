"""The measures of a pair whatever fields its records have, for matching without labels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from motet.knowledge.resolve.features import COMPARED, Compared, compare, compared_fields
from motet.knowledge.resolve.rarity import Rarity
from motet.knowledge.resolve.records import Record
from motet.knowledge.resolve.surroundings import whole

WHOLE = "*"
"""Stands for the text of all fields together."""
OTHERS = (
    "others.soft",
    "others.worst",
    "others.letters",
    "others.value",
    "others.worst_value",
    "others.equal",
    "others.missing",
)
MEASURES = (
    *(f"name.{each}" for each in COMPARED),
    *(f"{WHOLE}.{each}" for each in COMPARED),
    *OTHERS,
)
"""The measures in order: of the first field, of all text, of the other fields."""


def measures(left: Record, right: Record, rarity: Rarity) -> tuple[list[float], Sequence[Compared]]:
    """Return the `MEASURES` of a pair, NaN where nothing is known, and what was compared."""
    fields = compared_fields(left, right, rarity)
    if not fields:
        return [math.nan] * len(MEASURES), ()
    everything = compare(WHOLE, whole(left), whole(right), rarity)
    found = [*fields[0].measures.values(), *everything.measures.values(), *_others(fields[1:])]
    return found, fields


def _others(fields: Sequence[Compared]) -> list[float]:
    known = [each.measures for each in fields if not each.is_missing]
    values = [each["value"] for each in known if not math.isnan(each["value"])]
    texts = [each for each in known if math.isnan(each["value"])]
    return [
        _mean([each["soft"] for each in texts]),
        min((each["soft"] for each in texts), default=math.nan),
        _mean([each["letters"] for each in texts]),
        _mean(values),
        min(values, default=math.nan),
        _mean([each["equal"] for each in known]),
        1 - len(known) / len(fields) if fields else math.nan,
    ]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
