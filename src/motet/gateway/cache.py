"""Answers kept for a while, given again to equal requests of the same tenant."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from motet.core.chat import ChatEvent
from motet.core.clock import now
from motet.core.store import Database, Migration
from motet.core.store.compaction import compact_file
from motet.core.store.database import row
from motet.gateway.accounts import Tenant
from motet.gateway.rendering import Rendering
from motet.models.dialects.dialect import AnswerWriter
from motet.models.dialects.registry import DIALECTS
from motet.models.sse import SSEParser

APPLICATION = 0x4D4F4341
MOST = 256 << 20
"""Bytes of answers that are kept; the oldest make room."""
_ASIDE = frozenset(("stream", "user", "metadata", "safety_identifier"))
"""Fields of a request that say nothing about its answer."""
_TABLES = """
CREATE TABLE answers (
    key BLOB PRIMARY KEY,
    dialect TEXT NOT NULL,
    stream INTEGER NOT NULL,
    model TEXT NOT NULL,
    body BLOB NOT NULL,
    made REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX answers_by_time ON answers (made);
CREATE TABLE held (bytes INTEGER NOT NULL);
INSERT INTO held VALUES (0);
CREATE TRIGGER answers_come AFTER INSERT ON answers
    BEGIN UPDATE held SET bytes = bytes + length(new.body); END;
CREATE TRIGGER answers_go AFTER DELETE ON answers
    BEGIN UPDATE held SET bytes = bytes - length(old.body); END;
"""
_OLDEST_GOES = "DELETE FROM answers WHERE key = (SELECT key FROM answers ORDER BY made LIMIT 1)"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as its client got it: in its dialect, streamed or whole; `model` gave it."""

    dialect: str
    stream: bool
    model: str
    body: bytes

    def written(self, writer: AnswerWriter, *, stream: bool) -> tuple[bytes, str]:
        """Return the body for a client that wants it streamed or whole, and its content type."""
        rendering = Rendering(writer, stream=stream)
        kind = rendering.content_type.decode()
        if stream is self.stream:
            return self.body, kind
        return rendering.write(self._events()), kind

    def _events(self) -> list[ChatEvent]:
        reader = DIALECTS[self.dialect].reader(self.model)
        if not self.stream:
            return reader.whole(self.body)
        parser, events = SSEParser(), list[ChatEvent]()
        for sent in (*parser.feed(self.body), *parser.close()):
            events += reader.chunk(sent)
            if reader.is_last(sent):
                break
        return [*events, reader.finish(declared=True)]


class AnswerCache:
    """Keeps answers in `cache.db` for `seconds`; processes share it. Raises `StoreError`."""

    def __init__(self, path: Path, seconds: float, *, most: int = MOST) -> None:
        self._seconds = seconds
        self._most = most
        self._db = Database(path, (Migration("answers", _TABLES),), application_id=APPLICATION)

    def find(self, key: bytes) -> Kept | None:
        """Return the answer of a request's key, None where none is kept or it is too old."""
        query = "SELECT dialect, stream, model, body FROM answers WHERE key = ? AND made > ?"
        with self._db.read() as db:
            found = row(db, query, (key, now() - self._seconds))
        return None if found is None else Kept(found[0], bool(found[1]), found[2], found[3])

    def keep(self, key: bytes, answer: Kept) -> None:
        """Keep an answer; the oldest ones, and those that are too old, make room for it."""
        if len(answer.body) > self._most // 16:
            return
        with self._db.write() as db:
            db.execute(
                "DELETE FROM answers WHERE key = ? OR made <= ?", (key, now() - self._seconds)
            )
            values = (key, answer.dialect, answer.stream, answer.model, answer.body, now())
            db.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)", values)
            while int(db.execute("SELECT bytes FROM held").get) > self._most:
                db.execute(_OLDEST_GOES)

    def clear(self) -> int:
        """Forget every answer, so that no byte of one stays; return how many there were."""
        with self._db.write() as db:
            count = int(db.execute("SELECT count(*) FROM answers").get)
            db.execute("DELETE FROM answers")
        compact_file(self._db)
        return count

    def close(self) -> None:
        """Close it."""
        self._db.close()


def key_of(
    tenant: Tenant, dialect: str, body: Mapping[str, Any], headers: tuple[tuple[str, str], ...]
) -> bytes:
    """Return the key of a request: all of it that may change the answer, and whose it is.

    Teams share their answers; keys without a team share them with nobody.
    """
    asked = {name: value for name, value in body.items() if name not in _ASIDE}
    whose = f"team {tenant.team}" if tenant.team else f"key {tenant.id}"
    said = orjson.dumps([whose, dialect, headers, asked], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(said).digest()
