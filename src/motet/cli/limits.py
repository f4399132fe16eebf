"""Options for what a key or a team may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from motet.core.errors import UsageError

if TYPE_CHECKING:
    from motet.gateway.accounts.limits import Limits

F = TypeVar("F", bound=Callable[..., Any])
NONE = "none"
PERIODS = ("total", "day", "month")


def limit_options(command: F) -> F:
    """Add the options for limits; each takes `none` to lift it."""
    each = "in each minute; none: any number."
    for option in (
        click.option("--tokens", metavar="N", help=f"Tokens {each}"),
        click.option("--requests", metavar="N", help=f"Requests {each}"),
        click.option("--period", type=click.Choice(PERIODS), help="What the budget is for."),
        click.option("--budget", metavar="USD", help="What may be spent; none: no limit."),
    ):
        command = option(command)
    return command


def limits(before: Limits, given: Mapping[str, str | None]) -> Limits:
    """Return limits as the options say; those not given stay. Raises `UsageError`."""
    found: dict[str, Any] = {}
    if given["budget"] is not None:
        found["budget"] = _budget(given["budget"])
    if given["period"] is not None:
        found["period"] = given["period"]
    for name in ("requests", "tokens"):
        value = given[name]
        if value is not None:
            found[name] = _count(value, f"--{name}")
    return replace(before, **found)


def _budget(text: str) -> int | None:
    from motet.core.money import pico

    if text == NONE:
        return None
    try:
        found = pico(text.removeprefix("$"))
    except ValueError as error:
        raise UsageError(str(error), where="--budget", hint="expected USD, like 12.50") from error
    if found < 0:
        raise UsageError("a budget is 0 or more", where="--budget")
    return found


def _count(text: str, where: str) -> int | None:
    if text == NONE:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise UsageError(f"expected a number, got {text}", where=where)
    return int(text)


def limits_text(found: Limits) -> str:
    """Return limits in a few words, empty where there are none."""
    from motet.core.money import shown

    words = []
    if found.budget is not None:
        per = "" if found.period == "total" else f" per {found.period}"
        words.append(f"{shown(found.budget)}{per}")
    if found.requests is not None:
        words.append(f"{found.requests} requests/min")
    if found.tokens is not None:
        words.append(f"{found.tokens} tokens/min")
    return ", ".join(words)
