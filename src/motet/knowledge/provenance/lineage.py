"""The chain behind a fact: what derived it from what, and who gave that, when and where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.clock import iso
from motet.core.errors import UsageError
from motet.core.text import normalised

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.core.store.sessions import Row, Session, Value
    from motet.knowledge.provenance.viewer import Viewer
    from motet.knowledge.store import Store

MOST = 20
"""Pieces of evidence that are followed back for each kind."""
_AROUND = 40
"""Characters before and behind a place that its excerpt shows."""
_ID = re.compile(r"(claim|relation|mention|chunk):(\d+)")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a source; offsets in code points of its text."""

    source: str
    version: str
    page: int | None
    start: int
    end: int
    excerpt: str

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {name: getattr(self, name) for name in Spot.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Step:
    """A link of a chain: `above` is what it was taken from.

    `given` tells first-party from derived, None where that is no question.
    """

    kind: str
    id: str
    title: str
    detail: str = ""
    given: bool | None = None
    spot: Spot | None = None
    above: tuple[Step, ...] = ()

    def chain(self, depth: int = 0) -> Iterator[tuple[int, Step]]:
        """Yield this link and those above it with how far up they are."""
        yield depth, self
        for each in self.above:
            yield from each.chain(depth + 1)

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "kind": self.kind,
            "id": self.id,
            "title": self.title,
            "detail": self.detail,
            "given": self.given,
            "spot": None if self.spot is None else self.spot.to_json(),
            "from": [each.to_json() for each in self.above],
        }


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something was read, and by what."""

    version: int
    chunk: int | None
    table: int | None
    number: int | None
    start: int
    end: int
    given: bool
    score: float
    producer: int


_COLUMNS = 'version_id, chunk_id, table_id, number, start, "end", given, score, producer_id'


class Lineage:
    """Follows facts of a store back to who gave them, as far as a viewer may see."""

    def __init__(self, store: Store, viewer: Viewer) -> None:
        self._store = store
        self._viewer = viewer

    def of(self, name: str) -> Step:
        """Return the chain of a claim, relation, mention or chunk by id, of an entity, a source.

        Ids are as `claim:12`; an entity goes by its name or uid. Raises `UsageError`.
        """
        with self._store.read() as session:
            follow = _Follow(session, self._store, self._viewer)
            numbered = _ID.fullmatch(name)
            if numbered is not None:
                found = follow.fact(numbered[1], int(numbered[2]))
            else:
                found = follow.source_named(name) or follow.entity(name)
        if found is None:
            raise UsageError(
                "nothing known by that name or id",
                where=name,
                hint="expected an entity, a source, or an id such as claim:12",
            )
        return found


class _Follow:
    """One walk, in one snapshot."""

    def __init__(self, session: Session, store: Store, viewer: Viewer) -> None:
        self._session = session
        self._store = store
        self._seen, self._values = viewer.condition()
        self._derived, self._derived_values = viewer.derived()

    def _rows(self, query: str, *values: Value) -> list[Row]:
        return self._session.rows(query, values)

    # What was derived

    def fact(self, kind: str, number: int) -> Step | None:
        """Return the chain of something by its id, None where it is not there, or not seen."""
        if kind == "claim":
            found = self._claims("c.id = ?", number)
            return found[0] if found else None
        if kind == "relation":
            found = self._relations("r.id = ?", number)
            return found[0] if found else None
        if kind == "mention":
            found = self._mentions("m.id = ?", number)
            return found[0] if found else None
        return self._chunk(number)

    def entity(self, name: str) -> Step | None:
        """Return an entity with all it stands on."""
        query = """
            SELECT canonical, min(label), min(name) FROM entities
            WHERE scope = ?1 AND (uid = ?2 OR key = ?3 OR lower(name) = lower(?2))
            GROUP BY canonical ORDER BY canonical LIMIT 1"""
        found = self._rows(query, self._store.scope, name, normalised(name))
        if not found:
            return None
        canonical = int(found[0][0])
        ((uid, label, called),) = self._rows(
            "SELECT uid, label, name FROM entities WHERE id = ?", canonical
        )
        members = "IN (SELECT id FROM entities WHERE canonical = ?)"
        above = (
            *self._links(f"l.entity_id {members}", canonical),
            *self._claims(f"c.entity_id {members}", canonical),
            *self._relations("(r.source = ? OR r.target = ?)", canonical, canonical),
            *self._mentions(f"m.entity_id {members}", canonical),
        )
        return Step("entity", uid, called, label, above=above) if above else None

    def _claims(self, condition: str, *values: Value) -> list[Step]:
        query = f"""
            SELECT c.id, e.name, c.property, c.value, c.valid_from, c.valid_to, c.known_from,
                   {_prefixed("c")} FROM claims c JOIN entities e ON e.id = c.entity_id
            WHERE {condition} ORDER BY c.given DESC, c.known_from DESC, c.id LIMIT {MOST}"""
        steps = []
        for row in self._rows(query, *values):
            number, name, what, value, begins, ends, known = row[:7]
            times = [f"known since {iso(known)[:10]}"]
            times += [f"holds from {iso(begins)[:10]}"] if begins is not None else []
            times += [f"until {iso(ends)[:10]}"] if ends is not None else []
            title = f"{name}: {what}: {_shown(json.loads(value))}"
            steps.append(self._read("claim", number, title, ", ".join(times), _Place(*row[7:])))
        return [each for each in steps if each is not None]

    def _relations(self, condition: str, *values: Value) -> list[Step]:
        query = f"""
            SELECT r.id, a.name, r.type, b.name, r.derived FROM relations r
            JOIN entities a ON a.id = r.subject JOIN entities b ON b.id = r.object
            WHERE {condition} ORDER BY r.derived, r.id LIMIT {MOST}"""
        steps = []
        for number, subject, kind, target, derived in self._rows(query, *values):
            title = f"{subject} -{kind}-> {target}"
            above = self._evidence(number)
            if above:
                steps.append(
                    Step("relation", f"relation:{number}", title, given=not derived, above=above)
                )
        return steps

    def _evidence(self, relation: int) -> tuple[Step, ...]:
        query = f"""SELECT e.id, {_prefixed("e")} FROM evidence e
                    WHERE e.relation_id = ? ORDER BY e.given DESC, e.id LIMIT {MOST}"""
        found = [
            self._read("evidence", row[0], "it is said", "", _Place(*row[1:]))
            for row in self._rows(query, relation)
        ]
        return tuple(each for each in found if each is not None)

    def _mentions(self, condition: str, *values: Value) -> list[Step]:
        query = f"""
            SELECT m.id, e.name, m.version_id, m.chunk_id, NULL, NULL, m.start, m."end", 0,
                   m.score, m.producer_id
            FROM mentions m JOIN entities e ON e.id = m.entity_id
            WHERE {condition} ORDER BY m.version_id, m.start LIMIT {MOST}"""
        found = [
            self._read("mention", row[0], row[1], "", _Place(*row[2:]))
            for row in self._rows(query, *values)
        ]
        return [each for each in found if each is not None]

    def _links(self, condition: str, *values: Value) -> list[Step]:
        query = f"""
            SELECT l.entity_id, e.name, l."column", l.version_id, NULL, l.table_id, l.number, 0, 0,
                   1, 1, l.producer_id
            FROM links l JOIN entities e ON e.id = l.entity_id
            WHERE {condition} ORDER BY l.table_id, l.number LIMIT {MOST}"""
        found = [
            self._read("link", row[0], row[1], f"its key stands in {row[2]}", _Place(*row[3:]))
            for row in self._rows(query, *values)
        ]
        return [each for each in found if each is not None]

    def _read(self, kind: str, number: int, title: str, detail: str, place: _Place) -> Step | None:
        """Return what was read at a place, with the operator that read it and the place's chain.

        None where the viewer sees nothing of its source, or nothing derived from it.
        """
        source = self._source(place.version, derived=not place.given)
        if source is None:
            return None
        ((operator, version),) = self._rows(
            "SELECT operator, version FROM producers WHERE id = ?", place.producer
        )
        spot = self._spot(place)
        where = self._where(place, spot, source)
        sure = "" if place.score >= 1 else f", {place.score:.0%} sure"
        made = "the source says so itself" if place.given else f"derived{sure}"
        by = Step(
            "operator", operator, f"{operator} {version}", made, bool(place.given), above=(where,)
        )
        told = bool(place.given)
        return Step(kind, f"{kind}:{number}", title, detail, told, spot, (by,))

    # Where it stands

    def _where(self, place: _Place, spot: Spot | None, source: Step) -> Step:
        if place.table is not None and place.number is not None:
            ((name,),) = self._rows("SELECT name FROM tables WHERE id = ?", place.table)
            title = f"row {place.number} of {name or source.above[0].title}"
            return Step("row", f"{place.table}:{place.number}", title, "", True, spot, (source,))
        name = f"chunk:{place.chunk}" if place.chunk is not None else ""
        return Step("chunk", name, "passage", "", True, spot, (source,))

    def _chunk(self, number: int) -> Step | None:
        query = 'SELECT version_id, start, "end" FROM chunks WHERE id = ?'
        for version, start, end in self._rows(query, number):
            source = self._source(version)
            if source is not None:
                place = _Place(version, number, None, None, start, end, True, 1.0, 0)
                return self._where(place, self._spot(place), source)
        return None

    def _spot(self, place: _Place) -> Spot | None:
        start, end = place.start, place.end
        if place.table is not None and end <= start:
            found = self._row_range(place)
            start, end = found if found is not None else (start, end)
        query = """SELECT s.source, v.version, v.text FROM versions v
                   JOIN sources s ON s.id = v.source_id WHERE v.id = ?"""
        for source, version, text in self._rows(query, place.version):
            page = self._rows("SELECT page FROM chunks WHERE id = ?", place.chunk)
            around = text[max(0, start - _AROUND) : end + _AROUND]
            number = page[0][0] if page else None
            return Spot(source, version, number, start, end, " ".join(around.split()))
        return None

    def _row_range(self, place: _Place) -> tuple[int, int] | None:
        from motet.knowledge.store.rows import row_table

        table = row_table(place.table or 0)
        query = f'SELECT "#start", "#end" FROM {table} WHERE "#number" = ?'
        found = self._rows(query, place.number)
        return (found[0][0], found[0][1]) if found else None

    # Who gave it

    def source_named(self, name: str) -> Step | None:
        """Return a source by its name, with what was derived from it."""
        query = """SELECT v.id FROM versions v JOIN sources s ON s.id = v.source_id
                   WHERE s.scope = ? AND s.source = ?"""
        for (version,) in self._rows(query, self._store.scope, name):
            return self._source(version, derived=True) or self._source(version)
        return None

    def _source(self, version: int, *, derived: bool = False) -> Step | None:
        """Return the version a place is in and its source, None where the viewer may not see it."""
        seen, values = (
            (self._derived, self._derived_values) if derived else (self._seen, self._values)
        )
        query = f"""
            SELECT s.source, s.kind, s.owner, s.session, s.given_by, s.given_at, s.origin,
                   s.expires, s.publish, s.derived, s.local, s.updated, v.version, v.extractor
            FROM versions v JOIN sources s ON s.id = v.source_id
            WHERE ({seen}) AND s.scope = ? AND v.id = ?"""
        found = self._session.rows(query, (*values, self._store.scope, version))
        if not found:
            return None
        row = found[0]
        given = Step("source", row[0], row[0], _origin(row), True, above=_run(row[6]))
        detail = f"read by {row[13]}{self._applied(version)}"
        return Step("version", row[12], f"version {row[12][:12]}", detail, True, above=(given,))

    def _applied(self, version: int) -> str:
        query = """SELECT d.operator, d.at FROM derivations d WHERE d.version_id = ?
                   ORDER BY d.operator"""
        return "".join(f"; {each} on {iso(at)[:10]}" for each, at in self._rows(query, version))


def _run(origin: str | None) -> tuple[Step, ...]:
    """Return the run that an origin names."""
    run = (origin or "").partition("/")[0]
    return (Step("run", run, f"run {run}", f"`motet runs show {run}`"),) if _is_run(run) else ()


def _is_run(name: str) -> bool:
    return name.startswith("run_")


def _origin(row: Sequence[object]) -> str:
    """Return who gave a source, when and from where, and what may be done with it."""
    kind, owner, session, by, at, origin, expires, publish, derived, local, updated = row[1:12]
    said = [str(kind)]
    said += [f"of {owner}"] if owner else []
    said += [f"in session {session}"] if session else []
    said += [f"given by {by}"] if by else []
    said.append(f"made {iso(float(str(at if at is not None else updated)))[:16]}")
    said += [f"from {origin}"] if origin else []
    said += [f"expires {iso(float(str(expires)))[:10]}"] if expires is not None else []
    said += [] if publish else ["not to be published"]
    said += [] if derived == "everyone" else [f"what is derived is for {derived}"]
    said += ["stays on this machine"] if local else []
    return ", ".join(said)


def _prefixed(table: str) -> str:
    return ", ".join(f"{table}.{each.strip()}" for each in _COLUMNS.split(","))


def _shown(value: JSON) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
