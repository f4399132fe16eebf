"""Periods of a budget, in UTC: all time, a month, a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

Period = Literal["total", "day", "month"]
PERIODS: tuple[Period, ...] = ("total", "day", "month")


def spans(seconds: float) -> tuple[str, str, str]:
    """Return the names of all time, and of the month and the day of an instant."""
    day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    return "", day[:7], day


def span(period: Period, seconds: float) -> str:
    """Return the name of the period that an instant is in."""
    whole, month, day = spans(seconds)
    return {"total": whole, "month": month, "day": day}[period]


def end(period: Period, seconds: float) -> float | None:
    """Return when the period of an instant ends, None for all time."""
    if period == "total":
        return None
    begun = datetime.fromtimestamp(seconds, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return (begun + timedelta(days=1)).timestamp()
    return (begun.replace(day=1) + timedelta(days=32)).replace(day=1).timestamp()
