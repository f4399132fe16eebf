"""Numbers and dates of spreadsheets, written as the cell's format shows them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_BUILTIN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss",
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "yyyy-mm-dd"),
}
_QUOTED = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_BRACKETS = re.compile(r"\[(?!h+\]|m+\]|s+\])(?:\$([^\]-]*)[^\]]*|[^\]]*)\]", re.IGNORECASE)
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.([#0?]*))?")


def format_code(number: int, custom: dict[int, str]) -> str:
    """Return the format code of a number-format id ("General" where unknown)."""
    return custom.get(number) or _BUILTIN.get(number, "General")


def is_date(code: str) -> bool:
    """Tell whether a format code shows a date or a time."""
    bare = _BRACKETS.sub("", _QUOTED.sub("", code.split(";")[0])).lower()
    return bare not in ("general", "@") and bool(re.search(r"[ydhs]|m", bare))


def show_number(value: float, code: str, *, from_1904: bool = False) -> str:
    """Return a number as text: dates in ISO form, else with the format's decimals and units."""
    if is_date(code):
        shown = _date(value, code, from_1904)
        return shown if shown is not None else _general(value)
    section = _section(code, value)
    digits = _DIGITS.search(_QUOTED.sub("", section))
    if digits is None or "general" in code.lower() or "e+" in code.lower() or "/" in section:
        return _general(value)
    places = len(digits[1] or "")
    percent = "%" in _QUOTED.sub("", section)
    amount = abs(value) * 100 if percent else abs(value)
    separator = "," if "," in digits[0].rstrip(",") else ""
    shown = f"{amount:{separator}.{places}f}"
    if set(digits[1] or "0") == {"#"}:
        shown = shown.rstrip("0").rstrip(".")
    before, _, after = _marked(section)
    sign = "-" if value < 0 and float(shown.replace(",", "")) else ""
    return f"{sign}{before}{shown}{after}".strip()


def _section(code: str, value: float) -> str:
    sections = code.split(";")
    if value < 0 and len(sections) > 1:
        return sections[1].replace("(", "").replace(")", "").replace("-", "", 1)
    if value == 0 and len(sections) > 2 and _DIGITS.search(sections[2]):
        return sections[2]
    return sections[0]


def _marked(section: str) -> tuple[str, str, str]:
    """Cut a section into what stands before, in and after the digits, literals resolved."""
    plain = _BRACKETS.sub(lambda found: found[1] or "", section)
    plain = _QUOTED.sub(lambda found: found[1] or found[2] or "", plain)
    digits = _DIGITS.search(plain)
    if digits is None:
        return plain, "", ""
    return plain[: digits.start()].lstrip(), digits[0], plain[digits.end() :].rstrip()


def _general(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.11g}" if abs(value) >= 1e-4 else repr(value)


def _date(value: float, code: str, from_1904: bool) -> str | None:
    bare = _BRACKETS.sub("", _QUOTED.sub("", code.split(";")[0])).lower()
    if not 0 <= value < 2_958_466:
        return None
    if "[h" in bare:
        minutes = round(value * 1440)
        return f"{minutes // 60}:{minutes % 60:02}"
    base = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)
    moment = base + timedelta(seconds=round(value * 86_400))
    has_day = bool(re.search(r"[yd]|mmm", bare)) or not re.search(r"[hs]", bare)
    has_time = bool(re.search(r"[hs]", bare))
    seconds = ":%S" if "s" in bare else ""
    if has_day and has_time:
        return moment.strftime(f"%Y-%m-%d %H:%M{seconds}")
    if has_time:
        return moment.strftime(f"%H:%M{seconds}")
    if "d" not in bare:
        return moment.strftime("%Y-%m")
    return moment.strftime("%Y-%m-%d")
