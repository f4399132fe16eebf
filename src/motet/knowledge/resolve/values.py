"""Numbers, amounts, dates and lengths of time, so that they are compared as what they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["number", "date", "duration"]

_MONTHS = {
    name: position
    for position, name in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}
_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[t ].*)?")
_DAY_FIRST = re.compile(rf"(\d{{1,2}})[-. ]+{_MONTH}[-., ]+(\d{{2}}|\d{{4}})")
_MONTH_FIRST = re.compile(rf"{_MONTH}[-. ]+(\d{{1,2}})\s*,?\s*(\d{{4}})")
_DURATION = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})")
_AMOUNT = re.compile(
    r"(?:[$€£¥]|usd|eur|gbp|chf|jpy)?\s*([+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?)"
    r"\s*([%a-zµ°$€£¥]{0,5})"
)


@dataclass(frozen=True, slots=True)
class Value:
    """A number with its unit, a date in days, or a length of time in seconds.

    `grain` is the least difference that the way of writing can tell.
    """

    kind: Kind
    amount: float
    unit: str = ""
    grain: float = 0.0


@lru_cache(maxsize=65536)
def value_of(text: str) -> Value | None:
    """Read a normalised text that is nothing but a value; None where it is anything else."""
    plain = text.strip()
    if not plain or len(plain) > 40 or not any(char.isdigit() for char in plain):
        return None
    return _date(plain) or _duration(plain) or _amount(plain)


def _date(text: str) -> Value | None:
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(text):
        day, name, year = found.groups()
        month = str(_MONTHS[name])
    elif found := _MONTH_FIRST.fullmatch(text):
        name, day, year = found.groups()
        month = str(_MONTHS[name])
    else:
        return None
    whole = int(year) + (0 if len(year) == 4 else 1900 if int(year) > 50 else 2000)
    days = whole * 365.25 + (int(month) - 1) * 30.44 + (int(day or 1) - 1)
    return Value("date", days, grain=1.0 if day else 31.0)


def _duration(text: str) -> Value | None:
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return Value("duration", hours * 3600.0 + minutes * 60 + seconds, grain=1.0)


def _amount(text: str) -> Value | None:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    digits, unit = found.groups()
    return Value("number", float(digits.replace(",", "")), unit)


def closeness(a: Value, b: Value) -> float:
    """Return how near two values are, 0 to 1; 0 where they are of different kinds or units."""
    if a.kind != b.kind or (a.unit and b.unit and a.unit != b.unit):
        return 0.0
    gap = abs(a.amount - b.amount)
    if gap <= max(a.grain, b.grain):
        return 1.0
    if a.kind == "date":
        return max(0.0, 1.0 - gap / 730.0)
    if a.kind == "duration":
        return max(0.0, 1.0 - gap / 60.0)
    return max(0.0, 1.0 - gap / max(abs(a.amount), abs(b.amount)))
