"""When a fact holds, as its sentence says: "since May 2021", "until 2024-03-01"."""

from __future__ import annotations

import re
from datetime import UTC, datetime

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = "|".join(f"{each[:3]}(?:{each[3:]})?" for each in MONTHS)
_DATE = (
    r"(?P<year{0}>\d{{4}})(?:-(?P<month{0}>\d\d)(?:-(?P<day{0}>\d\d))?)?"
    rf"|(?:(?P<day_{{0}}>\d{{{{1,2}}}}) )?(?P<name{{0}}>{_MONTH}),? (?P<year_{{0}}>\d{{{{4}}}})"
)
SINCE = re.compile(rf"\b(?:since|from|as of) (?:{_DATE.format(0)})\b", re.IGNORECASE)
UNTIL = re.compile(rf"\b(?:until|till|up to|to) (?:{_DATE.format(1)})\b", re.IGNORECASE)


def held(sentence: str) -> tuple[float | None, float | None, int | None]:
    """Return from when and until when a sentence says it holds, and where it begins to say so.

    Times are seconds since 1970 at the beginning of the day, month or year in UTC; the end of
    "until 2024" is the end of that year.
    """
    since, until = SINCE.search(sentence), UNTIL.search(sentence)
    places = [found.start() for found in (since, until) if found is not None]
    return (
        None if since is None else _moment(since, 0, after=False),
        None if until is None else _moment(until, 1, after=True),
        min(places, default=None),
    )


def _moment(found: re.Match[str], number: int, *, after: bool) -> float | None:
    """Return when the named day, month or year begins, or ends where `after`."""
    year = int(found[f"year{number}"] or found[f"year_{number}"])
    name = found[f"name{number}"]
    month = found[f"month{number}"]
    day = found[f"day{number}"] or found[f"day_{number}"]
    numbered = int(month) if month else None
    if name:
        numbered = 1 + next(i for i, each in enumerate(MONTHS) if each.startswith(name[:3].lower()))
    try:
        moment = datetime(year, numbered or 1, int(day or 1), tzinfo=UTC)
        if not after:
            return moment.timestamp()
        if day:
            return moment.timestamp() + 86_400
        if numbered:
            whole, rest = divmod(numbered, 12)
            return datetime(year + whole, rest + 1, 1, tzinfo=UTC).timestamp()
        return datetime(year + 1, 1, 1, tzinfo=UTC).timestamp()
    except ValueError:  # the 31st of April, the year 0
        return None
