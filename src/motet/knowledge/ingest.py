"""Bringing the store up to date with the files it is declared to know."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from motet.core.clock import now, tick
from motet.core.errors import ExtractionError
from motet.core.protocols import Embedder
from motet.knowledge.chunks import Chunk
from motet.knowledge.discover import Found, Root, discover
from motet.knowledge.prepare import EXTRACTOR, Prepared
from motet.knowledge.provenance.erasure import away, is_away
from motet.knowledge.provenance.policy import differing, expire, login, set_policies
from motet.knowledge.resolve.resolution import Resolution
from motet.knowledge.store import Given, Known, Store
from motet.knowledge.workers import Reading, Workers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.core.store.sessions import Session
    from motet.knowledge.entities.graph import Graph
    from motet.knowledge.store import Written
    from motet.knowledge.structure.databases import Databases

EMBEDDED_ROWS = 2000
"""Rows of one source that get vectors; all rows are found by their words."""
BATCH = 64


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an ingest stands: `done` of `total` sources, `current` is the last one."""

    done: int
    total: int
    current: str


@dataclass(slots=True)
class IngestReport:
    """What an ingest did. `failed` holds (source, reason); `seconds` is wall time."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    chunks: int = 0
    pages: int = 0
    bytes: int = 0
    seconds: float = 0.0

    @property
    def touched(self) -> int:
        """How many sources were read, or removed."""
        return len(self.added) + len(self.changed) + len(self.removed) + len(self.failed)


Report = Callable[[Progress], None]


class Ingest:
    """Keeps a store's sources equal to the files under its roots."""

    def __init__(
        self,
        store: Store,
        base: Path,
        embedder: Callable[[], Embedder | None],
        skip: Sequence[Path] = (),
        graph: Callable[[], Graph] | None = None,
        databases: Databases | None = None,
    ) -> None:
        self._store = store
        self._databases = databases
        self._graph = graph
        self._base = base
        self._embedder = embedder
        self._skip = skip

    def pending(self, roots: Sequence[Root], *, retry: bool = False) -> Work:
        """Return what differs between files and store, without reading file contents."""
        from motet.knowledge.extract import SUFFIXES

        known = self._store.known()
        added = [Root(path) for path in self._store.roots()]
        present = [root for root in added if self._exists(root)]
        files = discover(
            self._base,
            [*roots, *present],
            lambda name: Path(name).suffix.lower() in SUFFIXES,
            self._skip,
        )
        tables, unreached = self._databases.found() if self._databases else ([], [])
        files += tables
        deleted = away(self._store)
        files = [f for f in files if not (is_away(deleted, f.source) or _is_over(f))]
        names = {file.source for file in files}
        embedder = self._embedder() if files else None  # it takes long to load
        name = embedder.name if embedder else None
        stale = [f for f in files if _stale(f, known.get(f.source), name, retry)]
        return Work(
            known=known,
            embedder=name,
            read=stale,
            gone=[each for each in known if each not in names and not _within(each, unreached)],
            unchanged=len(files) - len(stale),
            unsettled=self._store.is_unsettled() or self._is_unresolved(),
            unreached=unreached,
            policies=differing(self._store, {f.source: _given(f) for f in files}),
        )

    def _is_unresolved(self) -> bool:
        return self._graph is not None and Resolution(self._store).unsettled()

    def _exists(self, root: Root) -> bool:
        return (self._base / root.path).exists()

    def run(
        self, roots: Sequence[Root], report: Report | None = None, *, retry: bool = False
    ) -> IngestReport:
        """Read what is new or changed, drop what is gone. One bad file never stops the rest.

        `retry` reads failed sources again though they did not change.
        Raises `UsageError` for a root that does not exist, `StoreError` when the store fails;
        sources stored before that stay, whole.
        """
        began = tick()
        work = self.pending(roots, retry=retry)
        result = IngestReport(unchanged=work.unchanged)
        set_policies(self._store, work.policies)
        result.removed += expire(self._store)
        for source in set(work.gone).difference(result.removed):
            self._store.remove(source)
            result.removed.append(source)
        workers = Workers()
        try:
            with closing(self._readings(work, workers)) as readings:
                for done, reading in enumerate(readings, 1):
                    self._keep(reading, reading.file.source in work.known, result)
                    if report is not None:
                        report(Progress(done, len(work.read), reading.file.source))
        finally:
            workers.close()
        result.failed += work.unreached
        if self._graph is not None and work.any:
            self._graph().settle()
            Resolution(self._store).settle()
        for listing in (result.added, result.changed, result.failed):
            listing.sort()
        result.seconds = tick() - began
        return result

    def _readings(self, work: Work, workers: Workers) -> Generator[Reading, None, None]:
        yield from workers.read([each for each in work.read if each.kind == "file"], work.same)
        tables = [each for each in work.read if each.kind == "database"]
        if self._databases is not None and tables:
            yield from self._databases.read(tables, work.same)

    def _keep(self, reading: Reading, known: bool, result: IngestReport) -> None:
        source, outcome = reading.file.source, reading.outcome
        if outcome is None:
            self._store.touch(source, reading.file.fingerprint)
            result.unchanged += 1
        elif isinstance(outcome, ExtractionError):
            self._store.fail(
                source,
                version=reading.version,
                size=reading.size,
                fingerprint=reading.file.fingerprint,
                reason=outcome.message,
                given=_given(reading.file),
            )
            result.failed.append((source, outcome.message))
        else:
            self._store.put(
                source,
                version=reading.version,
                size=reading.size,
                fingerprint=reading.file.fingerprint,
                prepared=outcome,
                vectors=self._embed(outcome),
                given=_given(reading.file),
                also=self._also(outcome, source),
            )
            (result.changed if known else result.added).append(source)
            result.chunks += len(outcome.chunks)
            result.pages += sum(1 for region in outcome.regions if region.kind == "page")
            result.bytes += reading.size

    def _also(self, prepared: Prepared, source: str) -> list[Callable[[Session, Written], None]]:
        """Return what writes the graph with the version: of its texts, then of its tables."""
        if self._graph is None:
            return []
        writers = [self._graph().writer(prepared, source)]
        if prepared.tables:
            from motet.knowledge.structure.build import Build

            writers.append(Build(self._store).writer())
        return writers

    def _embed(self, prepared: Prepared) -> tuple[str, NDArray[np.float16], list[int]] | None:
        import numpy as np

        embedder = self._embedder()
        if embedder is None:
            return None
        texts = {i: prepared.reading(i) for i in _worth(prepared.chunks)}
        positions = [i for i, text in texts.items() if embedder.can_read(text)]
        vectors = np.empty((len(positions), embedder.dimensions), np.float16)
        for first in range(0, len(positions), BATCH):
            batch = positions[first : first + BATCH]
            vectors[first : first + len(batch)] = embedder.embed([texts[i] for i in batch])
        return embedder.name, vectors, positions


@dataclass(frozen=True, slots=True)
class Work:
    """What differs between the files and the store."""

    known: dict[str, Known]
    embedder: str | None
    read: list[Found]
    gone: list[str]
    unchanged: int
    unsettled: bool
    policies: dict[str, Given]
    unreached: list[tuple[str, str]] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.read or self.gone or self.unsettled or self.policies)

    def same(self, file: Found, version: str) -> bool:
        """Whether the store already holds exactly this version, derived as we would now."""
        known = self.known.get(file.source)
        return (
            known is not None
            and known.status == "ready"
            and known.version == version
            and known.extractor == EXTRACTOR
            and known.embedder == (self.embedder or known.embedder)
        )


def _given(file: Found) -> Given:
    given = file.policy.given(file.made, file.root, login())
    return given if file.kind == "file" else replace(given, kind="database", given_at=None)


def _is_over(file: Found) -> bool:
    ends = _given(file).expires
    return ends is not None and ends <= now()


def _within(source: str, unreached: Sequence[tuple[str, str]]) -> bool:
    """Whether a source is a table of a database that could not be reached, so it stays."""
    return any(source.startswith(f"{name}#") for name, _ in unreached)


def _stale(file: Found, known: Known | None, embedder: str | None, retry: bool) -> bool:
    if known is None or known.fingerprint != file.fingerprint:
        return True
    if known.status == "failed":
        return retry
    return known.extractor != EXTRACTOR or (embedder is not None and known.embedder != embedder)


def _worth(chunks: Sequence[Chunk]) -> list[int]:
    rows = 0
    positions = []
    for position, chunk in enumerate(chunks):
        rows += chunk.kind == "row"
        if chunk.kind != "row" or rows <= EMBEDDED_ROWS:
            positions.append(position)
    return positions
