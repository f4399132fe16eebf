"""A passage: a chunk as retrieval returns it, able to say where each of its words stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from motet.core.clock import iso

if TYPE_CHECKING:
    from motet.core.json import JSON

RetrievalMode = Literal["lexical", "dense", "hybrid"]


@dataclass(frozen=True, slots=True)
class Segment:
    """`body[start:end]` stands in the source at `source_start` to `source_end`."""

    start: int
    end: int
    source_start: int
    source_end: int


@dataclass(frozen=True, slots=True)
class Signal:
    """What one way of looking says of a passage.

    `value` is in its own measure (`lexical`: BM25, `dense`: cosine, `graph`: personalised
    PageRank), `rank` its place by it from 1, `share` what it adds to the score.
    """

    name: str
    value: float
    rank: int
    share: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a passage was found, and where it comes from.

    `path` leads through the graph to it, as (entity, relation, entity); `rows` are the rows of
    tables that it shows, as (table, number from 1). `kind` is file, memory, database or url,
    `by` who gave it, `at` when it says that it was made (seconds since 1970), `origin` from
    where. The text of a passage is first-party; what led to it may be derived.
    """

    signals: tuple[Signal, ...]
    kind: str
    owner: str | None = None
    by: str | None = None
    at: float | None = None
    origin: str | None = None
    path: tuple[tuple[str, str, str], ...] = ()
    rows: tuple[tuple[str, int], ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "signals": [
                {
                    "name": each.name,
                    "value": round(each.value, 6),
                    "rank": each.rank,
                    "share": round(each.share, 6),
                }
                for each in self.signals
            ],
            "path": self.path,
            "rows": self.rows,
            "kind": self.kind,
            "owner": self.owner,
            "by": self.by,
            "at": None if self.at is None else iso(self.at),
            "origin": self.origin,
        }


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of a source with its score.

    `text` is the source's own text at `start` to `end`. `body` is how the chunk is read:
    the same text, or a table's row with its column names, and then `segments` map `body`
    back to the source. `context` names what stands above (title, headings).
    `signals` are the parts of `score` (`lexical`: BM25, `dense`: cosine); `explanation` is
    there where it was asked for.
    """

    chunk: int
    source: str
    version: str
    media_type: str
    kind: str
    page: int | None
    start: int
    end: int
    text: str
    body: str
    context: str
    segments: tuple[Segment, ...] | None = None
    score: float = 0.0
    signals: Mapping[str, float] = field(default_factory=dict)
    explanation: Explanation | None = None

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        found: dict[str, JSON] = {
            "source": self.source,
            "version": self.version,
            "page": self.page,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "context": self.context,
            "score": round(self.score, 6),
            "signals": {name: round(value, 6) for name, value in self.signals.items()},
        }
        if self.explanation is not None:
            found["explanation"] = self.explanation.to_json()
        return found

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Return where `body[start:end]` stands in the source."""
        if self.segments is None:
            return self.start + start, self.start + end
        inside = [s for s in self.segments if s.start < end and start < s.end]
        if not inside:
            return self.start, self.end
        first, last = inside[0], inside[-1]
        low, high = first.source_start, last.source_end
        if _verbatim(first):
            low += max(0, start - first.start)
        if _verbatim(last):
            high -= max(0, last.end - end)
        return low, high

    def excerpt(self, start: int, end: int) -> str:
        """Return the source's text at a range of the source that lies in this passage."""
        return self.text[start - self.start : end - self.start]


def _verbatim(segment: Segment) -> bool:
    """Whether the value stands in the source letter by letter (no escapes inside)."""
    return segment.end - segment.start == segment.source_end - segment.source_start


class Retriever(Protocol):
    """Finds passages; another store can stand in."""

    def search(self, query: str, *, k: int, mode: RetrievalMode) -> Sequence[Passage]:
        """Return the k best passages, best first. Deterministic: ties go by place."""
        ...

    def recall(self, chunks: Sequence[int]) -> Sequence[Passage]:
        """Return the passages of chunks that are still there, in no order, with score 0."""
        ...

    def modes(self, query: str) -> Mapping[RetrievalMode, str | None]:
        """Return each mode with None when it can serve the query, else why not."""
        ...

    def rarity(self, terms: Sequence[str]) -> Sequence[float]:
        """Return each term's inverse document frequency, in nats, at least 0."""
        ...

    def count(self) -> int:
        """Return the number of chunks that can be found."""
        ...
