"""Passages from their chunks, and what explains them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from motet.core.clock import now
from motet.core.passages import Explanation, Passage, Segment, Signal
from motet.core.store.sessions import Row, Session, Value
from motet.knowledge.store.rows import row_table

if TYPE_CHECKING:
    from motet.knowledge.store import Store

FEW = 40
_PASSAGES = """
    SELECT c.id, s.source, v.version, v.media_type, c.kind, c.page, c.start, c."end",
           c.text, c.body, c.context, c.segments
    FROM chunks c JOIN versions v ON v.id = c.version_id
    JOIN sources s ON s.id = v.source_id"""
_ORIGINS = """
    SELECT c.id, s.kind, s.owner, s.given_by, s.given_at, s.origin, c.kind, c.version_id, c.start
    FROM chunks c JOIN versions v ON v.id = c.version_id
    JOIN sources s ON s.id = v.source_id"""


def load(session: Session, store: Store, chunks: Sequence[int]) -> list[Passage]:
    """Return the passages of chunks that are still there, in no order."""
    some, values = store.among(chunks)
    sql = f"{_PASSAGES} WHERE c.id IN {some} AND (s.expires IS NULL OR s.expires > ?)"
    return [passage(row) for row in session.rows(sql, (*values, now()))]


def passage(row: Row, score: float = 0.0, signals: Mapping[str, float] | None = None) -> Passage:
    """Return the passage of a row of `_PASSAGES`."""
    chunk, source, version, media_type, kind, page, start, end, text, body, context, packed = row
    return Passage(
        chunk=chunk,
        source=source,
        version=version,
        media_type=media_type,
        kind=kind,
        page=page,
        start=start,
        end=end,
        text=text,
        body=text if body is None else body,
        context=context,
        segments=_segments(packed),
        score=score,
        signals=signals or {},
    )


def scored(
    session: Session, store: Store, found: Mapping[int, tuple[float, Mapping[str, float]]]
) -> list[Passage]:
    """Return the passages of chunks with their scores and signals, best first.

    Ties go by place.
    """
    some, values = _some(store, [*found])
    rows = session.rows(f"{_PASSAGES} WHERE c.id IN {some}", values)
    loaded = [passage(row, *found[row[0]]) for row in rows]
    return sorted(loaded, key=lambda p: (-p.score, p.source, p.start, p.chunk))


def _some(store: Store, chunks: Sequence[int]) -> tuple[str, Sequence[Value]]:
    """Return what stands behind `IN`; for a few it is quicker to look each up by itself."""
    if len(chunks) > FEW:
        return store.among(chunks)
    return f"({', '.join('?' * len(chunks))})", chunks


def explanations(
    session: Session,
    store: Store,
    signals: Mapping[int, tuple[Signal, ...]],
    paths: Mapping[int, tuple[tuple[str, str, str], ...]],
) -> dict[int, Explanation]:
    """Return the explanation of each chunk."""
    some, values = store.among([*signals])
    return {
        chunk: Explanation(
            signals=signals[chunk],
            kind=kind,
            owner=owner,
            by=by,
            at=at,
            origin=origin,
            path=paths.get(chunk, ()),
            rows=_rows(session, version, start) if form == "row" else (),
        )
        for chunk, kind, owner, by, at, origin, form, version, start in session.rows(
            f"{_ORIGINS} WHERE c.id IN {some}", values
        )
    }


def _rows(session: Session, version: int, start: int) -> tuple[tuple[str, int], ...]:
    """Return the row that stands at an offset, with its table's name, or that of the source."""
    tables = """SELECT t.id, CASE t.name WHEN '' THEN s.source ELSE t.name END FROM tables t
                JOIN versions v ON v.id = t.version_id JOIN sources s ON s.id = v.source_id
                WHERE t.version_id = ?"""
    return tuple(
        (name, number)
        for table, name in session.rows(tables, (version,))
        for (number,) in session.rows(
            f'SELECT "#number" FROM {row_table(table)} WHERE "#start" <= ?1 AND "#end" > ?1',
            (start,),
        )
    )


def _segments(packed: str | None) -> tuple[Segment, ...] | None:
    if packed is None:
        return None
    numbers: list[tuple[int, int, int, int]] = json.loads(packed)
    return tuple(Segment(*each) for each in numbers)
