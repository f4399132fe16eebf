"""The type of a column, inferred from its values, and how many of them are not of it.

A type is proposed where nearly all values are written in one and the same way. Digits with a
leading zero, or more than 64 bits hold, are codes, not numbers; a date whose day and month
cannot be told apart is text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from motet.knowledge.structure.data import Value

Kind = Literal["integer", "decimal", "real", "boolean", "date", "datetime", "text"]
Typed = str | int | float | bool | Decimal | date | datetime

CLEAN = 0.9
"""The share of the values present that must be of a type for the column to be of it."""
_EXAMPLES = 5
_MISSING = frozenset(
    ("", "null", "none", "nil", "n/a", "#n/a", "na", "nan", "-", "--", "–", "—", "?")
)
_PAIRS = (("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"))
_CODE = re.compile(r"0\d+|\d{19,}")
_LIMIT = 1 << 63


@dataclass(frozen=True, slots=True)
class Inferred:
    """What a column holds.

    `form` tells how the values are written ("1.234,5", "d/m/y"; empty: the plain way).
    `dirty` is the share of the values present that are not of the kind, `examples` some of
    them; `missing` the share of all rows without a value.
    """

    kind: Kind
    form: str = ""
    dirty: float = 0.0
    missing: float = 0.0
    examples: tuple[str, ...] = ()
    note: str | None = None


def infer(values: Iterable[Value]) -> Inferred:
    """Infer a column's type from all its values."""
    return infer_counted(Counter(values))


def infer_counted(counts: Mapping[Value, int]) -> Inferred:
    """Infer a column's type from its distinct values and how often each occurs."""
    total = sum(counts.values())
    texts = Counter[str]()
    for value, count in counts.items():
        texts[_text(value)] += count
    present = {text: count for text, count in texts.items() if text.casefold() not in _MISSING}
    held = sum(present.values())
    if not held:
        empty = sum(c for t, c in texts.items() if not t)
        return Inferred("text", missing=empty / total if total else 0.0)
    best = _best(present, held)
    if best is None:
        return Inferred("text", missing=texts[""] / total, note=_ambiguous(present, held))
    form, share = best
    wrong = sorted(text for text in present if form.read(text) is None)
    return Inferred(form.kind, form.name, 1.0 - share, 1.0 - held / total, tuple(wrong[:_EXAMPLES]))


def read(value: Value, column: Inferred) -> Typed | None:
    """Return a value as its column's type; None where it is missing or not of it."""
    text = _text(value)
    if column.kind == "text":
        return text or None
    return _BY_NAME[column.kind, column.form].read(text)


def comparable(value: Value, column: Inferred) -> str | None:
    """Return the text by which values of several tables are compared; None where missing.

    A whole number is the same however it is written; anything else compares as it stands.
    """
    text = _text(value)
    if not text or (column.kind != "text" and text.casefold() in _MISSING):
        return None
    if column.kind in ("integer", "decimal", "real"):
        number = _BY_NAME[column.kind, column.form].read(text)
        if isinstance(number, int | float | Decimal) and number == int(number):
            return str(int(number))
    return text


@dataclass(frozen=True, slots=True)
class _Form:
    kind: Kind
    name: str
    read: Callable[[str], Typed | None]


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _best(present: Mapping[str, int], held: int) -> tuple[_Form, float] | None:
    coded = any(_CODE.fullmatch(text) for text in present)
    best: tuple[_Form, float] | None = None
    for form in _FORMS:
        if coded and form.kind in ("integer", "decimal", "real"):
            continue
        if form.kind == "boolean" and not _both(form.name, present):
            continue
        share = _share(form, present, held, best[1] if best else CLEAN)
        if share >= CLEAN and (best is None or share > best[1]):
            best = form, share
    if best is not None and _rival(best[0], present, held, best[1]):
        return None
    return best


def _share(form: _Form, present: Mapping[str, int], held: int, needed: float) -> float:
    """Return the share of values that a form reads; gives up once it cannot be enough."""
    room = (1.0 - needed) * held + 1e-9
    missed = 0
    for text, count in present.items():
        if form.read(text) is None:
            missed += count
            if missed > room:
                return 0.0
    return 1.0 - missed / held


def _rival(form: _Form, present: Mapping[str, int], held: int, share: float) -> bool:
    """Whether day and month could as well stand the other way round."""
    other = {"d/m/y": "m/d/y", "m/d/y": "d/m/y"}.get(form.name)
    return other is not None and any(
        _share(_BY_NAME[kind, other], present, held, CLEAN) >= share
        for kind in ("date", "datetime")
        if kind == form.kind
    )


def _ambiguous(present: Mapping[str, int], held: int) -> str | None:
    form = _BY_NAME["date", "d/m/y"]
    if _share(form, present, held, CLEAN) >= CLEAN:
        return "dates whose day and month cannot be told apart"
    return None


def _both(name: str, present: Mapping[str, int]) -> bool:
    """Whether both words of a pair occur: 'no' alone may be Norway."""
    return {text.casefold() for text in present} >= set(name.split("/"))


def _boolean(pair: tuple[str, str]) -> _Form:
    def read_boolean(text: str) -> bool | None:
        folded = text.casefold()
        return folded == pair[0] if folded in pair else None

    return _Form("boolean", "/".join(pair), read_boolean)


def _integer(name: str, group: str) -> _Form:
    grouped = rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+|" if group else ""
    pattern = re.compile(rf"-?(?:{grouped}0|[1-9]\d*)")

    def read_integer(text: str) -> int | None:
        if not pattern.fullmatch(text) or len(text) > 26:
            return None
        number = int(text.replace(group, "") if group else text)
        return number if -_LIMIT <= number < _LIMIT else None

    return _Form("integer", name, read_integer)


def _decimal(name: str, point: str, group: str) -> _Form:
    whole = rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+|\d+" if group else r"\d+"
    pattern = re.compile(rf"-?(?:(?:{whole})(?:{re.escape(point)}\d+)?|{re.escape(point)}\d+)")

    def read_decimal(text: str) -> Decimal | None:
        if not pattern.fullmatch(text) or len(text) > 60:
            return None
        return Decimal((text.replace(group, "") if group else text).replace(point, "."))

    return _Form("decimal", name, read_decimal)


_REAL = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def _read_real(text: str) -> float | None:
    if not _REAL.fullmatch(text):
        return None
    number = float(text)
    return number if abs(number) != float("inf") else None


_DATES = {
    "": r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})",
    "y/m/d": r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})",
    "d.m.y": r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})",
    "d/m/y": r"(?P<d>\d{1,2})[/-](?P<m>\d{1,2})[/-](?P<y>\d{4})",
    "m/d/y": r"(?P<m>\d{1,2})[/-](?P<d>\d{1,2})[/-](?P<y>\d{4})",
}
_TIME = r"[T ](?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?P<F>\.\d{1,9})?)?"
_ZONE = r"(?P<Z>Z|[-+]\d{2}:?\d{2})?"


def _date(name: str, pattern: str) -> _Form:
    compiled = re.compile(pattern)

    def read_date(text: str) -> date | None:
        found = compiled.fullmatch(text)
        if found is None:
            return None
        try:
            return date(int(found["y"]), int(found["m"]), int(found["d"]))
        except ValueError:  # a 30th of February
            return None

    return _Form("date", name, read_date)


def _datetime(name: str, pattern: str) -> _Form:
    compiled = re.compile(pattern + "(?:" + _TIME + _ZONE + ")?")

    def read_datetime(text: str) -> datetime | None:
        found = compiled.fullmatch(text)
        if found is None:
            return None
        zone = (found["Z"] or "").replace("Z", "+00:00")
        day = f"{found['y']}-{int(found['m']):02}-{int(found['d']):02}"
        fraction = (found["F"] or "")[:7].ljust(7, "0") if found["F"] else ""
        clock = f"{int(found['H'] or 0):02}:{found['M'] or '00'}:{found['S'] or '00'}{fraction}"
        try:
            return datetime.fromisoformat(f"{day}T{clock}{zone}")
        except ValueError:  # 25 o'clock
            return None

    return _Form("datetime", name, read_datetime)


_FORMS = (
    *(_boolean(pair) for pair in _PAIRS),
    _integer("", ""),
    _integer("1,234", ","),
    _decimal("", ".", ""),
    _decimal("1,234.5", ".", ","),
    _integer("1.234", "."),
    _decimal("1,5", ",", ""),
    _decimal("1.234,5", ",", "."),
    _integer("1 234", " "),
    _decimal("1 234,5", ",", " "),
    _Form("real", "", _read_real),
    *(_date(name, pattern) for name, pattern in _DATES.items()),
    *(_datetime(name, pattern) for name, pattern in _DATES.items()),
)
_BY_NAME = {(form.kind, form.name): form for form in _FORMS}
