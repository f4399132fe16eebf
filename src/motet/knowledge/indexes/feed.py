"""What changed in a scope since an index last looked, and what the new versions hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.store.sessions import Session
from motet.knowledge.analysis import index_text

if TYPE_CHECKING:
    from motet.knowledge.store import Store

PAGE = 2000
"""Chunks that are read at a time."""
VERSIONS = 200
"""Versions whose vectors are read at a time."""

_LAST = "SELECT coalesce(max(sequence), 0) FROM changes WHERE scope = ?"
_ALL = """SELECT v.id FROM versions v JOIN sources s ON s.id = v.source_id
          WHERE s.scope = ? ORDER BY v.id"""
_SINCE = """SELECT change, version_id FROM changes
            WHERE scope = ? AND sequence > ? AND version_id IS NOT NULL ORDER BY sequence"""
_CHUNKS = """SELECT id, context, coalesce(body, text) FROM chunks
             WHERE version_id = ? AND id > ? ORDER BY id LIMIT ?"""


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened up to a sequence number: versions that came, and versions that went.

    `come` are ascending and still there; `gone` may hold versions that were never seen.
    """

    sequence: int
    come: tuple[int, ...]
    gone: tuple[int, ...]


def sequence_of(session: Session, scope: str) -> int:
    """Return the number of the last change that the session sees; 0 when there was none."""
    return int(session.rows(_LAST, (scope,))[0][0])


def changes(session: Session, scope: str, since: int) -> Changes:
    """Return what happened after the change numbered `since`; 0 is before everything."""
    last = sequence_of(session, scope)
    if since == 0:
        found = session.rows(_ALL, (scope,))
        return Changes(last, tuple(each[0] for each in found), ())
    if last == since:
        return Changes(last, (), ())
    come: dict[int, None] = {}
    gone: list[int] = []
    for change, version in session.rows(_SINCE, (scope, since)):
        if change == "put":
            come[version] = None
        else:
            come.pop(version, None)
            gone.append(version)
    return Changes(last, tuple(sorted(come)), tuple(gone))


def texts(session: Session, version: int) -> Iterator[tuple[int, str]]:
    """Yield (chunk id, text as `index_text` gives it) of a version; nothing if it has gone."""
    last = 0
    while found := session.rows(_CHUNKS, (version, last, PAGE)):
        for chunk, context, body in found:
            yield chunk, index_text(f"{context}\n{body}")
        last = found[-1][0]
        if len(found) < PAGE:
            return


def batches(store: Store, versions: Sequence[int]) -> Iterator[tuple[Session, Sequence[int]]]:
    """Yield versions a few at a time, each batch with a snapshot of its own.

    No snapshot is held for long: what went meanwhile is simply not found.
    """
    for first in range(0, len(versions), VERSIONS):
        with store.read() as session:
            yield session, versions[first : first + VERSIONS]
