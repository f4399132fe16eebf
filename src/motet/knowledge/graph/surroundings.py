"""What lies around some chunks in the graph: the entities they name, and who else names them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from motet.knowledge.entities.extraction import DOCUMENT
from motet.knowledge.graph.pagerank import Edges

if TYPE_CHECKING:
    from motet.core.store.sessions import Session, Value
    from motet.knowledge.graph.conditions import Conditions
    from motet.knowledge.store import Store

HOPS = 2
"""Steps from chunk to chunk that are read from the store."""
MOST_CHUNKS = 3000
"""Chunks at which reading ends."""
MOST_NAMING = 150
"""Chunks naming an entity that are followed; it is too common to tell anything beyond them."""
SHARED = 0.2
"""Weight of going to a thing that two chunks name, beside 1 for one that some are about."""
_ABOUT = f"""AND e.label = '{DOCUMENT}' AND m."end" = m.start"""
BACK = 0.15
"""Weight of going to those who name a thing, beside 1 for what is about it."""


@dataclass(slots=True)
class Surroundings:
    """Mentions around some chunks.

    `named` maps (chunk, entity) to the weight of its mentions, `about` holds the pairs of a
    chunk and the document that it is a part of; `naming` counts the chunks that name an entity.
    """

    named: dict[tuple[int, int], float] = field(default_factory=dict)
    about: set[tuple[int, int]] = field(default_factory=set)
    naming: dict[int, int] = field(default_factory=dict)
    total: int = 1

    def chunks(self) -> list[int]:
        """Return the ids of all chunks, in order."""
        return sorted({chunk for chunk, _ in self.named} | {chunk for chunk, _ in self.about})

    def entities(self) -> list[int]:
        """Return the ids of all entities, in order."""
        return sorted({entity for _, entity in (*self.named, *self.about)})

    def edges(self, chunks: Sequence[int], entities: Sequence[int]) -> tuple[Edges, Edges]:
        """Return the edges from chunks to things and from things to chunks.

        Each entity is two things: at an even place it leads to the chunks that are about it,
        or else name it; at the odd place behind, from what is about it to who names it.
        """
        chunk_at = {chunk: place for place, chunk in enumerate(chunks)}
        thing_at = {entity: 2 * place for place, entity in enumerate(entities)}
        out: dict[tuple[int, int], float] = {}
        back: dict[tuple[int, int], float] = {}
        parts = Counter(entity for _, entity in self.about)
        for (chunk, entity), weight in self.named.items():
            if (chunk, entity) in self.about or self._leads_nowhere(entity, parts):
                continue
            here, thing = chunk_at[chunk], thing_at[entity]
            told = weight * self._telling(entity)
            out[here, thing] = told if entity in parts else SHARED * told
            back[thing if entity not in parts else thing + 1, here] = told
        for chunk, entity in sorted(self.about):
            here, thing = chunk_at[chunk], thing_at[entity]
            back[thing, here] = 1 / parts[entity]
            if self.naming.get(entity):
                out[here, thing + 1] = BACK * self._telling(entity) * self.naming[entity]
        shape = (len(chunks), 2 * len(entities))
        return Edges.of(out, shape), Edges.of(back, (shape[1], shape[0]))

    def _leads_nowhere(self, entity: int, parts: Mapping[int, int]) -> bool:
        """Whether one chunk alone speaks of an entity."""
        return entity not in parts and self.naming.get(entity, 0) < 2

    def _telling(self, entity: int) -> float:
        """Return how much it tells that a chunk names an entity: little where many do."""
        return math.log1p(self.total / (1 + self.naming.get(entity, 0))) / math.log1p(self.total)


class Reader:
    """Reads the surroundings of chunks and entities, what a viewer may see of them."""

    def __init__(self, store: Store, session: Session, conditions: Conditions) -> None:
        self._store = store
        self._session = session
        self._seen = conditions.derived("m")

    def around(self, chunks: Iterable[int], entities: Iterable[int], total: int) -> Surroundings:
        """Return what lies within `HOPS` of chunks and entities.

        `total` is about how many chunks there are at all.
        """
        found = Surroundings(total=max(total, 2))
        fresh, known = set(chunks), set[int]()
        seen: set[int] = set()
        waiting = set(entities)
        for _ in range(HOPS):
            waiting |= self._named_by(fresh, found)
            known |= fresh
            fresh = self._naming(waiting - seen, found) - known
            seen |= waiting
            waiting = set()
            if len(known) + len(fresh) > MOST_CHUNKS:
                break
        return found

    def _named_by(self, chunks: set[int], found: Surroundings) -> set[int]:
        """Read the mentions of chunks; return the entities they name or are about."""
        if not chunks:
            return set()
        among, values = self._store.among(sorted(chunks))
        sql = f"""SELECT m.chunk_id, e.canonical, max(m.score), min(m."end" - m.start)
                  FROM mentions m JOIN entities e ON e.id = m.entity_id
                  WHERE m.chunk_id IN {among} AND {self._seen} GROUP BY m.chunk_id, e.canonical"""
        return self._add(sql, values, found)

    def _naming(self, entities: set[int], found: Surroundings) -> set[int]:
        """Read who names entities or is about them; return those chunks."""
        if not entities:
            return set()
        among, values = self._store.among(sorted(entities))
        some = f"""SELECT DISTINCT m.chunk_id FROM entities e JOIN mentions m ON m.entity_id = e.id
                   WHERE e.canonical = a.id AND m."end" > m.start AND {self._seen}
                   LIMIT {MOST_NAMING + 1}"""
        counted = f"""SELECT a.id, (SELECT count(*) FROM ({some}) AS naming)
                      FROM entities a WHERE a.id IN {among}"""
        counts = {row[0]: row[1] for row in self._session.rows(counted, values)}
        found.naming.update(counts)
        followed = [each for each in sorted(entities) if counts.get(each, 0) <= MOST_NAMING]
        before = {chunk for chunk, _ in (*found.named, *found.about)}
        for wanted, part in ((followed, ""), (sorted(entities), _ABOUT)):
            among, values = self._store.among(wanted)
            sql = f"""SELECT m.chunk_id, e.canonical, max(m.score), min(m."end" - m.start)
                      FROM entities e JOIN mentions m ON m.entity_id = e.id
                      WHERE e.canonical IN {among} {part} AND {self._seen}
                      GROUP BY m.chunk_id, e.canonical"""
            self._add(sql, values, found)
        return {chunk for chunk, _ in (*found.named, *found.about)} - before

    def _add(self, sql: str, values: Sequence[Value], found: Surroundings) -> set[int]:
        entities: set[int] = set()
        for chunk, entity, score, shortest in self._session.rows(sql, values):
            entities.add(entity)
            if shortest > 0:
                found.named[chunk, entity] = score
            else:
                found.about.add((chunk, entity))
        return entities
