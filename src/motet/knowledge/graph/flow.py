"""One walk over chunks and the things they mention, and where it came to stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from motet.knowledge.graph.pagerank import RESTART, walk
from motet.knowledge.graph.surroundings import Surroundings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Flow:
    """A finished walk: what stands at each chunk and each thing, and the edges it went."""

    def __init__(
        self, around: Surroundings, begun: Mapping[int, float], named: Mapping[int, float]
    ) -> None:
        import numpy as np

        self.chunks = sorted({*around.chunks(), *begun})
        self.entities = sorted({*around.entities(), *named})
        self.chunk_at = {chunk: place for place, chunk in enumerate(self.chunks)}
        self.thing_at = {entity: 2 * place for place, entity in enumerate(self.entities)}
        self.out, self.back = around.edges(self.chunks, self.entities)
        things = np.zeros(2 * len(self.entities))
        for entity, weight in named.items():
            things[self.thing_at[entity]] = weight
        self.named = self.back.spread(things)
        restart = self.named.copy()
        for chunk, weight in begun.items():
            restart[self.chunk_at[chunk]] += weight
        whole = float(restart.sum()) or 1.0
        self.restart: NDArray[np.float64] = restart / whole
        self.at_chunks = walk(self.restart, (self.out, self.back))
        moved = self.out.spread(self.at_chunks)
        self.at_things: NDArray[np.float64] = RESTART * things / whole + (1 - RESTART) * moved
        self.named_things = things
