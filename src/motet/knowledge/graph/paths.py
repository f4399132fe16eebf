"""How a walk came to a chunk: the entities on its strongest way there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from motet.knowledge.graph.pagerank import RESTART

if TYPE_CHECKING:
    from motet.core.store.sessions import Session
    from motet.knowledge.graph.flow import Flow
    from motet.knowledge.graph.surroundings import Surroundings
    from motet.knowledge.store import Store

LONGEST = 4
"""Steps of a path that is told."""
Triple = tuple[str, str, str]


class Paths:
    """Tells paths as (document, mentions, entity) from what the question names."""

    def __init__(
        self,
        session: Session,
        store: Store,
        around: Surroundings,
        flow: Flow,
        named: Mapping[int, float],
    ) -> None:
        self._flow = flow
        self._named = named
        self._about = dict(sorted(around.about, reverse=True))
        self._names = _names(session, store, flow.entities)
        self._into = self._strongest_into_things()
        self._out_of: dict[int, list[tuple[float, int]]] = {}
        back = flow.back
        for source, target, weight in zip(
            back.sources.tolist(), back.targets.tolist(), back.weights.tolist(), strict=True
        ):
            told = weight * float(flow.at_things[source])
            self._out_of.setdefault(target, []).append((told, source))

    def _strongest_into_things(self) -> dict[int, tuple[float, int]]:
        """Return the chunk that sends most to each thing."""
        flow, strongest = self._flow, dict[int, tuple[float, int]]()
        moved = flow.at_chunks[flow.out.sources] * flow.out.weights
        for source, target, told in zip(
            flow.out.sources.tolist(), flow.out.targets.tolist(), moved.tolist(), strict=True
        ):
            if told > strongest.get(target, (0.0, 0))[0]:
                strongest[target] = told, source
        return strongest

    def to(self, chunk: int) -> tuple[Triple, ...]:
        """Return the way to a chunk, its beginning first; empty where the walk began there."""
        steps: list[Triple] = []
        here, seen = self._flow.chunk_at[chunk], set[int]()
        while len(steps) < LONGEST and here not in seen:
            seen.add(here)
            step = self._step(here, seen)
            if step is None:
                break
            triple, before = step
            steps.append(triple)
            if before is None:
                break
            here = before
        return tuple(reversed(steps))

    def _step(self, here: int, seen: set[int]) -> tuple[Triple, int | None] | None:
        """Return the strongest step that leads here, and from where: None is the question."""
        ways = sorted(self._out_of.get(here, ()), key=lambda way: (-way[0], way[1]))
        for _, thing in ways:
            entity = self._flow.entities[thing // 2]
            if thing % 2 == 0 and entity in self._named:
                return ("question", "names", self._names[entity]), None
        begun = RESTART * float(self._flow.restart[here])
        for told, thing in ways:
            before = self._into.get(thing, (0.0, here))[1]
            if told < begun:
                break
            if before not in seen:
                return self._triple(thing, before, here), before
        return None

    def _triple(self, thing: int, before: int, here: int) -> Triple:
        name = self._names[self._flow.entities[thing // 2]]
        if thing % 2:
            return name, "mentioned in", self._document(here)
        return self._document(before), "mentions", name

    def _document(self, place: int) -> str:
        entity = self._about.get(self._flow.chunks[place])
        return self._names[entity] if entity is not None else "a passage"


def _names(session: Session, store: Store, entities: list[int]) -> dict[int, str]:
    among, values = store.among(entities)
    found = session.rows(f"SELECT id, name FROM entities WHERE id IN {among}", values)
    return {row[0]: row[1] for row in found}
