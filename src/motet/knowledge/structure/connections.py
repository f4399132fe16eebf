"""How passages and a kind of thing hang together in the graph: a supplier behind complaints.

From what the passages mention, paths over the relations of the approved schema lead to things of
a label. A path counts for more the fewer steps it takes and the fewer ways there are beside it,
above all where the things on its way are mentioned in the passages too, or are called by words
of the question. No model is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from motet.core.clock import now
from motet.core.text import content_terms
from motet.knowledge.graph.conditions import Conditions
from motet.knowledge.provenance.viewer import DOCUMENTS, Sights, Viewer
from motet.knowledge.structure.proposals import Proposals
from motet.knowledge.structure.rows import OPERATOR
from motet.knowledge.structure.wording import singular

if TYPE_CHECKING:
    from motet.core.passages import Passage
    from motet.core.store.sessions import Session
    from motet.knowledge.store import Store

HOPS = 3
WIDEST = 5000
"""Things that are looked at in all; what hangs together with half of everything says little."""
_STEP = 0.8
_ASIDE = 0.1
"""What something on the way counts that neither passages nor question speak of."""
_ASKED = 0.6
_TOLD = 3
"""Paths to one thing that are told."""


@dataclass(frozen=True, slots=True)
class Node:
    """Something in the graph, as its cluster is called; `id` is that of its canonical entity."""

    id: int
    label: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One relation on a path, and the chunk of the row that says so."""

    source: Node
    type: str
    target: Node
    chunk: int | None


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a path begins: a passage mentions `node` at `start` to `end` of its source."""

    node: Node
    chunk: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Connection:
    """A thing with the best paths to it.

    `beginnings` are where they begin, that of the best one first, one for each passage;
    `steps` are theirs, each once, those of the longest first; `row` is the chunk of the
    target's own row.
    """

    target: Node
    score: float
    beginnings: tuple[Beginning, ...]
    steps: tuple[Step, ...]
    row: int | None


@dataclass(frozen=True, slots=True)
class _Edge:
    relation: int
    type: str
    to: int
    forward: bool


@dataclass(frozen=True, slots=True)
class _Trail:
    at: int
    score: float
    start: int
    edges: tuple[_Edge, ...] = ()


@dataclass(slots=True)
class _Known:
    """What has been read of the graph so far, and which chunks mention what, where first."""

    nodes: dict[int, Node] = field(default_factory=dict)
    edges: dict[int, list[_Edge]] = field(default_factory=dict)
    mentions: dict[int, dict[int, tuple[int, int]]] = field(default_factory=dict)


def asked(question: str) -> list[str]:
    """Return the words of a question that carry meaning, in the singular; `wobbly-leg` is two."""
    return [singular(each) for each in content_terms(question.replace("-", " "))]


class Connections:
    """Paths through the graph of one store, as a viewer sees it."""

    def __init__(self, store: Store, viewer: Viewer = DOCUMENTS) -> None:
        self._store = store
        self._viewer = viewer
        self._sights = Sights(store)

    def label_of(self, question: str) -> str | None:
        """Return the label of the approved schema that a question names first."""
        approved = Proposals(self._store).approved()
        labels = {each: each.split() for each in approved.plan.labels} if approved else {}
        words = asked(question)
        places = {
            label: words.index(parts[0])
            for label, parts in labels.items()
            if all(part in words for part in parts)
        }
        return min(places, key=lambda label: (places[label], label)) if places else None

    def find(
        self, question: str, passages: Sequence[Passage], label: str, *, limit: int = 3
    ) -> list[Connection]:
        """Return the things of a label that best hang together with passages, best first."""
        sees = Conditions(self._store.scope, self._sights.of(self._viewer), now())
        with self._store.read() as session:
            return _Search(session, self._store, sees, question, passages, label).run(limit)


class _Search:
    def __init__(
        self,
        session: Session,
        store: Store,
        sees: Conditions,
        question: str,
        passages: Sequence[Passage],
        label: str,
    ) -> None:
        self._session = session
        self._store = store
        self._sees = sees
        self._label = label
        self._asked = set(asked(question))
        highest = max((each.score for each in passages), default=0.0) or 1.0
        self._weights = {each.chunk: each.score / highest for each in passages}
        self._known = _Known()

    def run(self, limit: int) -> list[Connection]:
        self._mention()
        best: dict[int, dict[int, _Trail]] = {}
        trails = [
            _Trail(entity, self._said(entity) * (1.0 + self._overlap(entity)), entity)
            for entity in sorted(self._known.mentions)
        ]
        for _ in range(HOPS + 1):
            for trail in trails:
                if self._is_target(trail.at):
                    found = best.setdefault(trail.at, {})
                    if trail.start not in found or found[trail.start].score < trail.score:
                        found[trail.start] = trail
            trails = self._further([each for each in trails if not self._is_target(each.at)])
        totals = {
            target: sum(each.score for each in found.values()) for target, found in best.items()
        }
        order = sorted(totals, key=lambda each: (-totals[each], self._known.nodes[each].name))
        return [self._told(best[each], totals[each]) for each in order[:limit]]

    def _is_target(self, entity: int) -> bool:
        return self._known.nodes[entity].label == self._label

    def _mention(self) -> None:
        """Read what the passages mention, each with its first place in each."""
        some, values = self._store.among([*self._weights])
        sql = f"""SELECT e.canonical, m.chunk_id, m.start, m."end" FROM mentions m
                  JOIN entities e ON e.id = m.entity_id
                  WHERE m.chunk_id IN {some} AND m.start < m."end" AND {self._sees.derived("m")}
                  ORDER BY m.start DESC"""
        found: dict[int, dict[int, tuple[int, int]]] = {}
        for entity, chunk, start, end in self._session.rows(sql, values):
            found.setdefault(entity, {})[chunk] = start, end
        self._load(found)
        self._known.mentions = {e: each for e, each in found.items() if e in self._known.nodes}

    def _said(self, entity: int) -> float:
        """Return what the passages that mention something weigh in all."""
        return sum(self._weights[chunk] for chunk in self._known.mentions.get(entity, ()))

    def _overlap(self, entity: int) -> float:
        """Return the share of a name's words that the question says."""
        words = {singular(each) for each in content_terms(self._known.nodes[entity].name)}
        return len(words & self._asked) / len(words) if words else 0.0

    def _further(self, trails: Sequence[_Trail]) -> list[_Trail]:
        """Return the best trail to each next thing from each start.

        What a thing counts is shared by those that one kind of relation leads to, as they
        count themselves.
        """
        self._connect({each.at for each in trails})
        found: dict[tuple[int, int], _Trail] = {}
        for trail in trails:
            passed = {trail.start, *(edge.to for edge in trail.edges)}
            going = [
                edge
                for edge in self._known.edges.get(trail.at, ())
                if edge.to not in passed and edge.to in self._known.nodes
            ]
            counts = {edge.to: self._counts(edge.to) for edge in going}
            totals: defaultdict[tuple[str, bool], float] = defaultdict(float)
            for edge in going:
                totals[edge.type, edge.forward] += counts[edge.to]
            for edge in going:
                share = counts[edge.to] / totals[edge.type, edge.forward]
                passing = 1.0 if self._is_target(edge.to) else counts[edge.to]
                score = trail.score * _STEP * share * passing
                key = trail.start, edge.to
                if key not in found or found[key].score < score:
                    edges = (*trail.edges, edge)
                    found[key] = replace(trail, at=edge.to, score=score, edges=edges)
        return [found[key] for key in sorted(found)]

    def _counts(self, entity: int) -> float:
        """Return what something on the way counts."""
        asked = _ASKED if self._overlap(entity) else 0.0
        return max(_ASIDE, min(1.0, self._said(entity)), asked)

    def _connect(self, entities: Iterable[int]) -> None:
        """Read the relations of things that were not read yet."""
        wanted = [each for each in entities if each not in self._known.edges]
        if not wanted or len(self._known.nodes) > WIDEST:
            return
        some, values = self._store.among(sorted(wanted))
        for one, other, forward in (("source", "target", True), ("target", "source", False)):
            sql = f"""SELECT r.{one}, r.id, r.type, r.{other} FROM relations r
                      WHERE r.{one} IN {some} AND {self._sees.relation("r")} AND EXISTS (
                          SELECT 1 FROM evidence v JOIN producers p ON p.id = v.producer_id
                          WHERE v.relation_id = r.id AND p.operator = ?)
                      ORDER BY r.id"""
            for here, relation, type, there in self._session.rows(sql, (*values, OPERATOR)):
                edge = _Edge(relation, type, there, forward)
                self._known.edges.setdefault(here, []).append(edge)
        for each in wanted:
            self._known.edges.setdefault(each, [])
        self._load({edge.to for each in wanted for edge in self._known.edges[each]})

    def _load(self, entities: Iterable[int]) -> None:
        wanted = sorted({each for each in entities if each not in self._known.nodes})
        if not wanted:
            return
        some, values = self._store.among(wanted)
        sql = f"""SELECT e.id, e.label, e.key, e.name FROM entities e
                  WHERE e.id IN {some} AND {self._sees.entity("e")}"""
        for row in self._session.rows(sql, values):
            self._known.nodes[row[0]] = Node(*row)

    def _told(self, trails: Mapping[int, _Trail], score: float) -> Connection:
        ordered = sorted(trails.values(), key=lambda each: (-each.score, each.start))
        telling = [each for each in ordered if each.score >= ordered[0].score * _ASIDE][:_TOLD]
        longest = sorted(telling, key=lambda each: -len(each.edges))
        steps = dict.fromkeys(step for trail in longest for step in self._steps(trail))
        target = self._known.nodes[ordered[0].at]
        begin = tuple(self._beginnings(telling))
        return Connection(target, score, begin, tuple(steps), self._row(target.id))

    def _steps(self, trail: _Trail) -> Iterator[Step]:
        here = self._known.nodes[trail.start]
        for edge in trail.edges:
            there = self._known.nodes[edge.to]
            source, target = (here, there) if edge.forward else (there, here)
            yield Step(source, edge.type, target, self._evidence(edge.relation))
            here = there

    def _beginnings(self, trails: Sequence[_Trail]) -> Iterator[Beginning]:
        """Yield where trails begin, each passage once."""
        taken: set[int] = set()
        for trail in trails:
            places = self._known.mentions[trail.start]
            for chunk in sorted(places, key=lambda each: (-self._weights[each], each)):
                if chunk not in taken:
                    taken.add(chunk)
                    yield Beginning(self._known.nodes[trail.start], chunk, *places[chunk])

    def _evidence(self, relation: int) -> int | None:
        """Return the chunk of the row that says a relation, and most else of what is asked."""
        some, values = self._store.among(sorted(self._known.mentions))
        sql = f"""SELECT c.id, (SELECT count(DISTINCT e.canonical) FROM mentions m
                      JOIN entities e ON e.id = m.entity_id
                      WHERE m.chunk_id = c.id AND e.canonical IN {some})
                  FROM evidence v JOIN producers p ON p.id = v.producer_id
                  JOIN chunks c ON c.version_id = v.version_id
                  AND c.start <= v.start AND c."end" >= v."end"
                  WHERE v.relation_id = ? AND p.operator = ? AND c.kind = 'row'
                  AND {self._sees.given("v")} ORDER BY 2 DESC, 1 LIMIT 1"""
        found = self._session.rows(sql, (*values, relation, OPERATOR))
        return int(found[0][0]) if found else None

    def _row(self, entity: int) -> int | None:
        """Return the chunk of the first row that an entity is, in a table that names it."""
        sql = """SELECT l.table_id, min(l.number) FROM links l JOIN entities e ON e.id = l.entity_id
                 LEFT JOIN names n ON n.version_id = l.version_id AND n.entity_id = l.entity_id
                 AND n.kind = 'name'
                 WHERE e.canonical = ? GROUP BY l.table_id
                 ORDER BY count(n.form) = 0, count(DISTINCT l.number), l.table_id LIMIT 1"""
        found = self._session.rows(sql, (entity,))
        if not found:
            return None
        table_id, number = found[0]
        place = f"""SELECT min(c.id) FROM tables t JOIN chunks c ON c.version_id = t.version_id
                    JOIN rows_{int(table_id)} r ON r."#start" >= c.start AND r."#end" <= c."end"
                    WHERE t.id = ? AND r."#number" = {int(number)} AND c.kind = 'row'"""
        return self._first(place, table_id)

    def _first(self, sql: str, value: int) -> int | None:
        found = self._session.rows(sql, (value,))
        return None if not found or found[0][0] is None else int(found[0][0])
