"""What a spool's lines say: a call was opened, closed, or never made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from motet.core.store.sessions import Value, storable
from motet.gateway.ledger.entry import Entry

CLOSED = b"[1"
PIECE = 64
"""Rows that are read at a time."""
_MOST = (1 << 63) - 1


class Opened(NamedTuple):
    """A call that is about to be made: `bound` is the most it can cost, None where unknown.

    `from_key` and `from_team` are what it holds of the leases of its key and its team.
    """

    id: str
    attempt: int
    started: float
    tenant: str
    team: str
    user: str
    system: str
    run: str
    endpoint: str
    provider: str
    model: str
    bound: int | None
    from_key: int
    from_team: int


Call = tuple[str, int, float, str, str, str, str, str, str, str, str, int | None, int, int]
"""The values of an `Opened`: written with each call, which that would take longer to make."""
Closed = list[Any]
"""A row to be: 1, what it used up of the leases of its key and of its team, then the row."""
ROW = 3
"""Where the row begins: Entry's columns, then the bound."""


_STREAM = ROW + Entry._fields.index("stream")
_ESTIMATED = ROW + Entry._fields.index("estimated")


def opened_line(call: Call) -> bytes:
    """Return the line of a call that is about to be made."""
    return _line((0, *call))


def closed_line(entry: Entry, bound: int | None, from_key: int, from_team: int) -> bytes:
    """Return the line of a call that is over."""
    return _line((1, from_key, from_team, *entry, bound))


def void_line(id: str, attempt: int) -> bytes:
    """Return the line of a call that was opened and never made."""
    return _line((2, id, attempt))


def _line(values: tuple[Value, ...]) -> bytes:
    try:
        return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # half characters, numbers beyond 64 bits
        return orjson.dumps([_sound(each) for each in values], option=orjson.OPT_APPEND_NEWLINE)


def _sound(value: Value) -> Value:
    if isinstance(value, str):
        return storable(value)
    return min(value, _MOST) if isinstance(value, int) else value


def closed(lines: Sequence[bytes]) -> Iterator[list[Closed]]:
    """Yield what the lines of closed calls say, some at a time: few objects live at once."""
    told = [line for line in lines if line.startswith(CLOSED)]
    for at in range(0, len(told), PIECE):
        rows: list[Closed] = [orjson.loads(line) for line in told[at : at + PIECE]]
        for row in rows:
            row[_STREAM] = int(row[_STREAM])  # PostgreSQL tells truth from numbers
            row[_ESTIMATED] = int(row[_ESTIMATED])
        yield rows


def sound(lines: Iterable[bytes]) -> list[bytes]:
    """Return the lines that are whole; the loss of power may leave others."""
    return [line for line in lines if _is_sound(line)]


def _is_sound(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), list)
    except ValueError:
        return False


def left_open(lines: Iterable[bytes]) -> list[Opened]:
    """Return the calls that were opened and not closed, in their order."""
    found: dict[tuple[str, int], Opened] = {}
    for line in lines:
        values = orjson.loads(line)
        if values[0] == 0:
            opened = Opened(*values[1:])
            found[opened.id, opened.attempt] = opened
        elif values[0] == 1:
            found.pop((values[3], values[4]), None)
        else:
            found.pop((values[1], values[2]), None)
    return list(found.values())


def aborted(opened: Opened) -> Closed:
    """Return the row of a call of which nothing more is known: it may have cost its bound."""
    entry = Entry(
        opened.id,
        opened.attempt,
        opened.started,
        "aborted",
        tenant=opened.tenant,
        team=opened.team,
        user=opened.user,
        system=opened.system,
        run=opened.run,
        endpoint=opened.endpoint,
        provider=opened.provider,
        model=opened.model,
        cost=opened.bound,
        estimated=True,
        error="the process ended before the call did",
    )
    row = [1, opened.from_key, opened.from_team, *entry, opened.bound]
    row[_STREAM], row[_ESTIMATED] = 0, 1
    return row
