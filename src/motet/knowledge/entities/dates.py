"""Dates as people write them, as ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_NAMES = """
jan january januar janvier enero gennaio janeiro januari
feb february februar fevrier février febrero febbraio fevereiro februari
mar march märz maerz mars marzo março maart
apr april avril abril aprile
may mai mayo maggio maio mei
jun june juni juin junio giugno junho
jul july juli juillet julio luglio julho
aug august août agosto augustus
sep sept september septembre septiembre settembre setembro
oct october oktober octobre octubre ottobre outubro okt
nov november novembre noviembre novembro
dec december dezember décembre diciembre dicembre dezembro dez
""".split("\n")[1:-1]
_MONTHS = {name: month for month, line in enumerate(_NAMES, 1) for name in line.split()}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATES = re.compile(
    rf"(?P<iso>\b\d{{4}}-\d\d-\d\d\b)"
    rf"|\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?:de\s|of\s)?(?P<m1>{_MONTH})\.?,?\s(?:de\s)?"
    rf"(?P<y1>\d{{4}})\b"
    rf"|\b(?P<m2>{_MONTH})\.?\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,\s(?P<y2>\d{{4}})\b"
    rf"|\b(?P<d3>\d{{1,2}})\.(?P<m3>\d{{1,2}})\.(?P<y3>\d{{4}})\b"
    rf"|(?P<y4>\d{{4}})\s?[年년]\s?(?P<m4>\d{{1,2}})\s?[月월](?:\s?(?P<d4>\d{{1,2}})\s?[日일])?"
    rf"|(?P<y5>[〇零一二三四五六七八九]{{4}})年(?P<m5>[一二三四五六七八九十]{{1,2}})月"
    rf"(?:(?P<d5>[一二三四五六七八九十]{{1,3}})日)?"
    rf"|\b(?P<m6>{_MONTH})\s(?P<y6>\d{{4}})\b",
    re.IGNORECASE,
)
_YEAR = re.compile("(?<![0-9])[12][0-9]{3}(?![0-9])|[〇零一二三四五六七八九]{4}年")
_BEFORE, _AFTER = 32, 16
"""Code points of a date before and behind its year."""
_HAN = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0}


def dates(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where dates stand and what they are: `2025-04-18`, or `2024-11` for a month.

    English, German, French, Spanish, Italian, Portuguese and Dutch names of months, Chinese,
    Japanese and Korean dates, ISO and day.month.year; day/month/year is ambiguous and left out.
    """
    for low, high in _near_years(text):
        for match in _DATES.finditer(text, low, high):
            found = _read(match)
            if found is not None:
                yield match.start(), match.end(), found


def _near_years(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches around years, which every date has: looking there alone is fast."""
    low = high = -1
    for year in _YEAR.finditer(text):
        if year.start() - _BEFORE > high >= 0:
            yield low, high
            low = -1
        low = max(0, year.start() - _BEFORE) if low < 0 else low
        high = year.end() + _AFTER
    if high >= 0:
        yield low, high


def whole_date(text: str) -> str | None:
    """Return the date that a text is and nothing else."""
    stripped = text.strip()
    match = _DATES.fullmatch(stripped)
    if match is None and re.fullmatch(r"\d{4}-\d\d-\d\d[T ][\d:.+Z-]+", stripped):
        match = _DATES.fullmatch(stripped[:10])
    return _read(match) if match else None


def _read(match: re.Match[str]) -> str | None:
    parts = {name: value for name, value in match.groupdict().items() if value}
    if "iso" in parts:
        year, month, day = (int(each) for each in parts["iso"].split("-"))
        return _iso(year, month, day)
    number = next(iter(parts))[1]
    year, month = _number(parts[f"y{number}"]), _month(parts[f"m{number}"])
    written = parts.get(f"d{number}")
    return _iso(year, month, _number(written) if written else None)


def _iso(year: int, month: int, day: int | None) -> str | None:
    try:
        found = date(year, month, day or 1)
    except ValueError:
        return None
    return found.isoformat() if day else f"{year:04d}-{month:02d}"


def _month(written: str) -> int:
    return _MONTHS.get(written.lower()) or _number(written)


def _number(written: str) -> int:
    if written.isascii():
        return int(written)
    if "十" in written:
        tens, _, ones = written.partition("十")
        return 10 * (_HAN[tens] if tens else 1) + (_HAN[ones] if ones else 0)
    return int("".join(str(_HAN[char]) for char in written))
