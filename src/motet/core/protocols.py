"""How rooms see each other: small protocols, no implementations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.core.documents import Extracted
    from motet.core.graph import Named
    from motet.core.json import JSON
    from motet.core.passages import Passage

Effect = Literal["pure", "read", "idempotent", "once"]
"""What calling something again means: see the declaration's `effect`."""


class Embedder(Protocol):
    """Maps texts to unit vectors."""

    @property
    def name(self) -> str:
        """Identity of weights and precision; vectors of different names never mix."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (len(texts), dimensions); rows have length 1."""
        ...

    def can_read(self, text: str) -> bool:
        """Whether the encoder knows the script of the text well enough to mean anything."""
        ...


class Extractor(Protocol):
    """Turns a file's bytes into text with positions."""

    def __call__(self, data: bytes, name: str) -> Extracted:
        """Extract. `name` is the file's name. Raises `ExtractionError`."""
        ...


@dataclass(frozen=True, slots=True)
class Span:
    """A candidate answer: `passages[passage][start:end]`, code points.

    `score` is the fitted log-odds that the span answers; comparable across passages of one
    question.
    """

    passage: int
    start: int
    end: int
    score: float


class SpanReader(Protocol):
    """Finds the answer's span in passages."""

    @property
    def name(self) -> str:
        """Identity of the weights."""
        ...

    def read(
        self, question: str, passages: Sequence[str], skip: Sequence[int] | None = None
    ) -> list[Span]:
        """Return the best span of every passage, in the order of `passages`.

        The first `skip[i]` code points of a passage are read, but no span lies in them.
        """
        ...

    def answerable(self, question: str, passages: Sequence[str], spans: Sequence[Span]) -> float:
        """Return the calibrated probability (0 to 1) that the passages answer the question."""
        ...


class NameFinder(Protocol):
    """Finds names of people, organisations, places... in texts."""

    @property
    def name(self) -> str:
        """Identity of the weights; recorded with every name it found."""
        ...

    def find(self, texts: Sequence[str]) -> list[list[Named]]:
        """Return the names in each text, by place, without overlaps.

        What is found in a text depends on that text alone: neither on the others nor on
        their number or order.
        """
        ...

    def can_read(self, text: str) -> bool:
        """Whether the finder knows the script of the text; what it cannot read has no names."""
        ...


class Asker(Protocol):
    """Asks a language model for JSON."""

    @property
    def name(self) -> str:
        """Identity of the model; recorded with every answer."""
        ...

    def ask(self, prompt: str) -> JSON:
        """Return what the model answers, parsed. Raises `ProviderError`."""
        ...


class Recollection(Protocol):
    """What is remembered of whoever asks in a run."""

    def recall(self, question: str, *, k: int) -> Sequence[Passage]:
        """Return the k best passages of what was said before, best first."""
        ...

    def remember(self, said: str, answer: str | None, cites: Sequence[str]) -> int | None:
        """Remember what was said and answered from sources, once for a run.

        Returns how many facts were found in what was said, None where nothing is kept.
        """
        ...


class Tool(Protocol):
    """Something a model may call."""

    @property
    def name(self) -> str:
        """The name it goes by in declarations, approvals and traces."""
        ...

    @property
    def description(self) -> str:
        """What it is for, as the model reads it."""
        ...

    @property
    def parameters(self) -> Mapping[str, JSON]:
        """JSON Schema of the arguments, an object."""
        ...

    @property
    def returns(self) -> Mapping[str, JSON]:
        """JSON Schema of the result, empty where it may be anything."""
        ...

    @property
    def effect(self) -> Effect:
        """What calling it again means."""
        ...

    @property
    def timeout(self) -> float | None:
        """Longest wait for a result in seconds, None where nobody said."""
        ...

    @property
    def retries(self) -> int:
        """How often a failed call is tried again; 0 where the effect is `once`."""
        ...

    @property
    def concurrency(self) -> int | None:
        """Most calls at a time, None for any number."""
        ...

    async def call(self, arguments: Mapping[str, JSON]) -> JSON:
        """Call it. Raises `ProviderError` when it fails or the arguments do not fit."""
        ...
