"""The graph of a store: written with each version, and set right where names come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.clock import now
from motet.core.graph import Entity, Producer
from motet.knowledge.entities.extraction import Extractor, Findings, Piece, Setting
from motet.knowledge.entities.forms import Declared
from motet.knowledge.entities.gazetteer import OwnKeys
from motet.knowledge.entities.known import KnownNames
from motet.knowledge.entities.naming import FILE, rename
from motet.knowledge.entities.places import RowPlaces
from motet.knowledge.entities.recognition import Recognised
from motet.knowledge.entities.remembered import keep_answers, remember, remembered
from motet.knowledge.entities.rows import Rows as TableRows
from motet.knowledge.entities.stored import Stored, seen
from motet.knowledge.entities.writing import Rows

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.core.store.sessions import Session
    from motet.knowledge.prepare import Prepared
    from motet.knowledge.store import Store, Written

OPERATOR = "extraction"
AT_ONCE = 512
"""Chunks of a version that are read in its transaction; those of a long table wait."""
BATCH = 256
"""Chunks that one transaction of `settle` rereads, so that nobody waits for long."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a version before its transaction."""

    setting: Setting
    pieces: list[Piece]
    rows: TableRows
    declared: list[Declared]
    recognised: list[list[Recognised]]
    answers: dict[str, JSON]


@dataclass(frozen=True, slots=True)
class _Version:
    """What the chunks of a stored version share when they are read again."""

    setting: Setting
    own: OwnKeys
    places: RowPlaces
    recognised: Mapping[int, Sequence[Recognised]]


class Graph:
    """Writes and keeps the graph of one store.

    What is written for a set of versions is the same whatever the order in which they came:
    where a version declares new names or takes some away, the chunks of others where these
    stand are read again, and only those.
    """

    def __init__(self, store: Store, extractor: Callable[[], Extractor]) -> None:
        self._store = store
        self._extractor = extractor
        self._known = KnownNames(store.scope)
        self._latest: tuple[tuple[int, int], _Version] | None = None

    @property
    def producer(self) -> Producer:
        """The operator as it is now: versions derived by another one are out of date."""
        versions = " ".join(f"{p.operator}/{p.version}" for p in self._extractor().producers)
        return Producer(OPERATOR, versions)

    def writer(self, prepared: Prepared, source: str) -> Callable[[Session, Written], None]:
        """Read a version and return what writes its graph, for `Store.put(also=...)`."""
        read = self._read(prepared, source)
        return lambda session, written: self._write(session, written, read)

    def write(self, session: Session, written: Written) -> None:
        """Read a version and write its graph, where it is short: for `Store.put(also=...)`."""
        self._write(session, written, self._read(written.prepared, written.source))

    def settle(self) -> int:
        """Read stale chunks again until there are none; return how many there were.

        Each batch is one transaction: after a kill the rest is still marked.
        """
        done = 0
        while True:
            with self._store.write() as session:
                count = self._settle(session)
            done += count
            if count < BATCH:
                self._latest = None
                return done

    def _read(self, prepared: Prepared, source: str) -> _Read:
        extractor = self._extractor()
        setting = Setting(source, prepared.title, prepared.media_type)
        places = RowPlaces([table.row_ranges for table in prepared.tables])
        pieces = [
            Piece(chunk, prepared.text[chunk.start : chunk.end], position == 0, places.of(chunk))
            for position, chunk in enumerate(prepared.chunks)
        ]
        rows = extractor.rows(prepared, source)
        answers: dict[str, JSON] = {}
        if extractor.asking is not None:
            with self._store.read() as session:
                texts = [piece.text for piece in pieces if piece.is_prose]
                answers = extractor.asking.answers(session, texts)
        recognised = extractor.recognised(pieces, answers)
        declared = extractor.declared(setting, rows, pieces, recognised)
        return _Read(setting, pieces, rows, declared, recognised, answers)

    def _write(self, session: Session, written: Written, read: _Read) -> None:
        extractor = self._extractor()
        gazetteer = self._known.current(session)
        self._known.expect(written.version_id, read.declared)
        own = OwnKeys(read.declared)
        found = [
            extractor.chunk(piece, read.setting, recognised, gazetteer, own, read.answers)
            for piece, recognised in zip(
                read.pieces[:AT_ONCE], read.recognised[:AT_ONCE], strict=True
            )
        ]
        rows = self._rows(session, written.version_id, written.table_ids)
        ids = rows.entities(_entities(found) | _row_entities(read))
        producers = rows.producers((*extractor.producers, self.producer))
        rows.links(read.rows.links)
        rows.relations(None, read.rows.relations)
        rows.claims(None, read.rows.claims)
        counted = _declared_names(read)
        for chunk_id, piece, each in zip(written.chunk_ids, read.pieces, found, strict=False):
            _write_chunk(rows, chunk_id, each)
            counted.update(seen(piece, each.mentions))
        rows.names(counted)
        rows.defer(written.chunk_ids[len(found) :])
        made_by = producers[self.producer]
        remember(session, written.version_id, made_by, read.pieces, read.recognised)
        if extractor.asking is not None:
            asked_by = producers[extractor.asking.producer]
            keep_answers(session, written.version_id, asked_by, read.answers)
        session.execute(
            "INSERT INTO derivations (version_id, operator, producer_id, at) VALUES (?, ?, ?, ?)",
            (written.version_id, OPERATOR, made_by, now()),
        )
        brought: dict[int, set[str]] = {}
        for entity, _, form in counted:
            brought.setdefault(ids[entity], set()).add(form)
        rename(session, self._store.dialect, ids.values(), brought)

    def _rows(self, session: Session, version_id: int, table_ids: Sequence[int]) -> Rows:
        return Rows(session, self._store.dialect, self._store.scope, version_id, table_ids)

    def _settle(self, session: Session) -> int:
        sql = """SELECT t.chunk_id, t.version_id FROM stale t JOIN versions v ON v.id = t.version_id
                 JOIN sources s ON s.id = v.source_id WHERE s.scope = ?
                 ORDER BY t.version_id, t.chunk_id LIMIT ?"""
        marked = session.rows(sql, (self._store.scope, BATCH))
        by_version: dict[int, list[int]] = {}
        for chunk_id, version_id in marked:
            by_version.setdefault(version_id, []).append(chunk_id)
        for version_id, chunk_ids in by_version.items():
            self._reread(session, Stored(session, self._store.dialect, version_id, chunk_ids))
        return len(marked)

    def _reread(self, session: Session, stored: Stored) -> None:
        """Read chunks again and replace what they said."""
        extractor = self._extractor()
        gazetteer = self._known.current(session)
        version = self._version(session, stored)
        pieces = stored.pieces(version.places)
        answers = self._kept(session, pieces.values())
        found = [
            extractor.chunk(
                piece,
                version.setting,
                version.recognised.get(piece.chunk.start, ()),
                gazetteer,
                version.own,
                answers,
            )
            for piece in pieces.values()
        ]
        counted: Counter[tuple[Entity, str, str]] = Counter()
        counted.subtract(stored.seen(pieces))
        supported = stored.withdraw()
        rows = self._rows(session, stored.version_id, stored.tables)
        ids = rows.entities([*_entities(found), *(entity for entity, _, _ in counted)])
        rows.producers(extractor.producers)
        for (chunk_id, piece), each in zip(pieces.items(), found, strict=True):
            _write_chunk(rows, chunk_id, each)
            counted.update(seen(piece, each.mentions))
        rows.names(counted)
        stored.settled()
        supported.release(session, self._store.dialect)
        rename(session, self._store.dialect, ids.values())

    def _version(self, session: Session, stored: Stored) -> _Version:
        """Return what the chunks of a version share; the next batch may be of the same one."""
        key = (stored.version_id, self._known.edition)
        if self._latest is None or self._latest[0] != key:
            version = _Version(
                stored.setting(),
                OwnKeys(stored.declared()),
                stored.places(),
                self._recognised(session, stored),
            )
            self._latest = (key, version)
        return self._latest[1]

    def _recognised(self, session: Session, stored: Stored) -> Mapping[int, Sequence[Recognised]]:
        """Return what recognisers found in a version, by the start of the chunk."""
        extractor = self._extractor()
        known = remembered(session, stored.version_id, self.producer, extractor.producers)
        if known is not None:
            return known
        pieces = stored.prose()
        recognised = extractor.recognised(pieces, self._kept(session, pieces))
        producers = self._rows(session, stored.version_id, ()).producers([self.producer])
        remember(session, stored.version_id, producers[self.producer], pieces, recognised)
        return {piece.chunk.start: names for piece, names in zip(pieces, recognised, strict=True)}

    def _kept(self, session: Session, pieces: Iterable[Piece]) -> dict[str, JSON]:
        """Return what a model answered about chunks when they came."""
        asking = self._extractor().asking
        return {} if asking is None else asking.kept(session, (p.text for p in pieces))


def _entities(found: Iterable[Findings]) -> set[Entity]:
    entities: set[Entity] = set()
    for each in found:
        entities.update(mention.entity for mention in each.mentions)
        entities.update(claim.entity for claim in each.claims)
        for relation in each.relations:
            entities.update((relation.subject, relation.object))
    return entities


def _row_entities(read: _Read) -> set[Entity]:
    entities = {each.entity for each in read.declared}
    entities.update(each.entity for each in read.rows.links)
    entities.update(each.entity for each in read.rows.claims)
    entities.update(e for each in read.rows.relations for e in (each.subject, each.object))
    if read.setting.document is not None:
        entities.add(read.setting.document)
    return entities


def _declared_names(read: _Read) -> Counter[tuple[Entity, str, str]]:
    counted: Counter[tuple[Entity, str, str]] = Counter()
    for each in read.declared:
        counted[each.entity, each.kind, each.form] += each.count
    document = read.setting.document
    if document is not None and read.setting.called is None:
        counted[document, FILE, read.setting.file_name] += 1
    return counted


def _write_chunk(rows: Rows, chunk_id: int, found: Findings) -> None:
    rows.mentions(chunk_id, found.mentions)
    rows.relations(chunk_id, found.relations)
    rows.claims(chunk_id, found.claims)
