"""What a system knows: its store, what finds in it, and what reads into it."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from motet import terms
from motet.core.clock import tick
from motet.core.errors import UsageError
from motet.core.folders import home_folder, is_shipped, knowledge_place
from motet.experts import Experts
from motet.knowledge.store import Store
from motet.spec.types import Declaration

if TYPE_CHECKING:
    from motet.core.passages import Passage, RetrievalMode
    from motet.knowledge.discover import Root
    from motet.knowledge.entities.graph import Graph
    from motet.knowledge.indexes import Indexes
    from motet.knowledge.ingest import Ingest, IngestReport, Report
    from motet.knowledge.memory import Memory
    from motet.knowledge.search import HybridRetriever, Query

MANY_CHUNKS = 2000
"""Chunks that one ingest adds from which on it also brings the indexes up to date."""
FRESH_SECONDS = 1.0
"""How long a look at the files is good for when many questions come at once."""


class Library:
    """The knowledge of one declared system. Opening it opens the state folder.

    Safe to use from several threads. Raises `StoreError`.
    """

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.base = Path.cwd() if is_shipped(declaration.file) else declaration.root
        self.home = home_folder(declaration.file)
        place = knowledge_place(declaration.file)
        beside = self.base / ".motet" / "store.db"
        scope = self.name if place == beside else f"{self.name}@{self.base}"
        self.experts = Experts()
        self.store = Store(place, scope)
        self._ingesting = threading.Lock()
        self._refreshed = float("-inf")

    @property
    def name(self) -> str:
        """The model name that the system is served as."""
        return self.declaration.system

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    @cached_property
    def indexes(self) -> Indexes:
        """What makes search in many chunks fast."""
        from motet.knowledge.indexes import Indexes

        return Indexes(self.store, self.home)

    @cached_property
    def retriever(self) -> HybridRetriever:
        """What finds passages."""
        from motet.knowledge.graph.signal import MentionWalk
        from motet.knowledge.search import HybridRetriever
        from motet.knowledge.tables import Tables

        return HybridRetriever(
            self.store,
            self.experts.encoder,
            indexes=self.indexes,
            graph=MentionWalk(self.store),
            rows=Tables(self.store).rows_matching,
        )

    @cached_property
    def memory(self) -> Memory:
        """What was said and done, of everybody."""
        from motet.knowledge.memory import Memory

        return Memory(self.store, self.experts.encoder_or_none, graph=lambda: self.graph)

    @cached_property
    def graph(self) -> Graph:
        """What writes and keeps the entities, relations and claims of the store."""
        from motet.knowledge.entities.graph import Graph

        return Graph(self.store, self.experts.extractor)

    @property
    def roots(self) -> list[Root]:
        """The declared files, folders and globs."""
        return terms.roots(self.declaration)

    def source_name(self, path: Path) -> str:
        """Return the name a file has as a source: its POSIX path from the declaration."""
        return Path(os.path.relpath(path, self.base)).as_posix()

    def _ingest(self) -> Ingest:
        from motet.knowledge.ingest import Ingest

        skip = [self.home]
        if self.declaration.file is not None:
            skip.append(self.declaration.file)
        return Ingest(
            self.store,
            self.base,
            self.experts.encoder_or_none,
            skip,
            lambda: self.graph,
            terms.databases(self.declaration),
        )

    def stale(self) -> bool:
        """Whether files changed since the last ingest, told without reading them."""
        return self._ingest().pending(self.roots).any

    def ingest(
        self, paths: Sequence[str] = (), report: Report | None = None, *, retry: bool = False
    ) -> IngestReport:
        """Bring the knowledge up to date; `paths` are added to it for good.

        Raises `UsageError` for a path that does not exist, `StoreError`.
        """
        from motet.knowledge.provenance.erasure import bring_back

        for path in paths:
            if not (self.base / path).exists():
                raise UsageError("no such file or folder", where=path)
        with self._ingesting:
            for path in paths:
                bring_back(self.store, self.source_name(self.base / path))
                self.store.add_root(path)
            done = self._ingest().run(self.roots, report, retry=retry)
            if done.chunks >= MANY_CHUNKS:
                self.index()
            return done

    def index(self) -> bool:
        """Bring the search indexes up to date; False where another process is at it."""
        embedder = self.experts.encoder_or_none()
        return self.indexes.absorb(embedder.name if embedder is not None else None)

    def search(
        self, query: str, *, k: int = 10, mode: RetrievalMode | None = None
    ) -> Sequence[Passage]:
        """Return the k best passages, best first; the mode defaults to the best available."""
        terms.check_question(query)
        if mode is None:
            mode = "hybrid" if self.retriever.modes(query)["hybrid"] is None else "lexical"
        return self.retriever.search(query, k=k, mode=mode)

    def find(self, query: Query) -> Sequence[Passage]:
        """Return the passages of a whole query: filters, time, graph, explanations.

        Raises `UsageError` for a filter that cannot be meant.
        """
        terms.check_question(query.text)
        return self.retriever.find(query)

    def passages(self, chunks: Sequence[int]) -> Sequence[Passage]:
        """Return the passages of chunks that are still there, in no order."""
        return self.retriever.recall(chunks)

    def is_fresh(self) -> bool:
        """Whether somebody looked at the files a moment ago."""
        return tick() - self._refreshed < FRESH_SECONDS

    def refresh(self) -> None:
        """Ingest what changed, unless somebody looked a moment ago."""
        if self.is_fresh():
            return
        if self.stale():
            self.ingest()
        self._refreshed = tick()
