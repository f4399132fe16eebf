"""Usage exports of providers: what they say a call cost, by their own id of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from motet.core.errors import UsageError
from motet.core.json import JSON, loads
from motet.core.money import pico

# The names that exports use for the same thing; the first that is there counts.
_IDS = ("upstream_id", "generation_id", "response_id", "request_id", "id")
_COSTS = ("cost_usd", "cost", "total_cost", "amount", "usage")
_INPUTS = ("input_tokens", "prompt_tokens", "tokens_prompt", "native_tokens_prompt")
_OUTPUTS = ("output_tokens", "completion_tokens", "tokens_completion", "native_tokens_completion")
_CACHED = ("cached_tokens", "cache_read_input_tokens", "native_tokens_cached")
_LISTS = ("data", "entries", "results")


@dataclass(frozen=True, slots=True)
class Exported:
    """One call as its provider counts it, in pico-dollars; None where that is not said."""

    id: str
    cost: int | None
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None


def exported(text: str, name: str) -> list[Exported]:
    """Read an export: CSV with a header, a JSON list or object, or an object per line.

    Raises `UsageError` where it is none, or a row has no id or nothing to tell.
    """
    found = []
    for number, row in enumerate(_rows(text, name), 1):
        try:
            found.append(_exported(row))
        except (ValueError, TypeError) as error:
            raise UsageError(str(error), where=f"{name}, entry {number}") from error
    return found


def _rows(text: str, name: str) -> Iterator[Mapping[str, Any]]:
    start = text.lstrip()[:1]
    if start not in ("[", "{"):
        yield from csv.DictReader(io.StringIO(text))
        return
    try:
        values = [loads(text)]
    except ValueError:
        values = [_line(line, name) for line in text.splitlines() if line.strip()]
    for value in values:
        rows = _listed(value)
        if rows is None:
            raise UsageError("expected objects, one for each call", where=name)
        yield from rows


def _listed(value: JSON) -> list[Mapping[str, Any]] | None:
    """Return the objects that a value holds: in a list, in a member, or itself."""
    if isinstance(value, Mapping):
        inner = [value[each] for each in _LISTS if isinstance(value.get(each), list)]
        value = inner[0] if inner else [value]
    if not isinstance(value, list):
        return None
    rows = [each for each in value if isinstance(each, Mapping)]
    return rows if len(rows) == len(value) else None


def _line(line: str, name: str) -> JSON:
    try:
        return loads(line)
    except ValueError as error:
        raise UsageError(f"this is no JSON: {error}", where=name) from error


def _exported(row: Mapping[str, Any]) -> Exported:
    id = _first(row, _IDS)
    if id is None:
        raise ValueError(f"no id; expected one of {', '.join(_IDS)}")
    counts = [_count(row, each) for each in (_INPUTS, _OUTPUTS, _CACHED)]
    cost = _first(row, _COSTS)
    if cost is None:
        if counts[0] is None or counts[1] is None:
            raise ValueError(f"no cost in USD ({', '.join(_COSTS)}), and no counts of tokens")
        return Exported(str(id), None, *counts)
    amount = pico(str(cost))
    if amount < 0:
        raise ValueError(f"a cost below nothing: {cost}")
    return Exported(str(id), amount, *counts)


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> str | float | None:
    values = (row.get(each) for each in names)
    return next(
        (each for each in values if isinstance(each, str | int | float) and each != ""), None
    )


def _count(row: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    value = _first(row, names)
    return None if value is None else int(value)
