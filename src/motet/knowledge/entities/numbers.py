"""Numbers as people write them, as decimal strings."""

from __future__ import annotations

import re

_SPACES = "\u00a0\u2009\u202f'’"
NUMBER = rf"(?:\d{{1,3}}(?:[,.{_SPACES}]\d{{3}})+(?:[.,]\d{{1,2}})?|\d+(?:[.,]\d+)?)(?!\d)"
"""A pattern for an unsigned number with thousands or decimals."""
_SCALES = {
    "million": 6, "millions": 6, "mio": 6, "millionen": 6, "m": 6, "billion": 9, "bn": 9,
    "milliarden": 9, "thousand": 3, "tausend": 3, "k": 3,
}  # fmt: skip


def decimal(written: str, *, thousands_dot: bool = False) -> str:
    """Return a written number as a decimal string: `1,240.5` is `1240.5`.

    One comma before three digits is for thousands, one point is not, but where
    `thousands_dot` says so, as for money, which has no third decimal.
    """
    bare = re.sub(f"[{_SPACES}]", "", written)
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        mark = "," if bare.rfind(",") > bare.rfind(".") else "."
    elif points > 1 or commas > 1 or not (points or commas):
        mark = ""
    else:
        mark = "." if points else ","
        if len(bare) - bare.index(mark) == 4 and not bare.startswith("0"):
            mark = "" if mark == "," or thousands_dot else mark
    whole, _, part = bare.partition(mark) if mark else (bare, "", "")
    whole = re.sub("[.,]", "", whole)
    return f"{whole}.{part}" if part else whole


def scaled(number: str, scale: str | None) -> str:
    """Return a decimal string times a written scale: (`8.42`, `million`) is `8420000`."""
    if not scale:
        return number
    places = _SCALES[scale.lower().rstrip(".")]
    whole, _, part = number.partition(".")
    shifted = whole + part[:places].ljust(places, "0")
    rest = part[places:]
    return (shifted.lstrip("0") or "0") + (f".{rest}" if rest else "")


SCALE = "|".join(sorted((each for each in _SCALES if len(each) > 1), key=len, reverse=True))
"""A pattern for the words among the scales."""
