"""Answers and the citations that the engine owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from motet.core.json import JSON, loads


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a statement stands: `text` equals the source's text at `start` to `end`.

    Offsets are 0-based, half-open code points over the extracted text of `version`;
    `page` is 1-based or None; `id` is the number in the marker `[id]`.
    """

    id: int
    source: str
    version: str
    page: int | None
    start: int
    end: int
    text: str

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "id": self.id,
            "source": self.source,
            "version": self.version,
            "page": self.page,
            "start": self.start,
            "end": self.end,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Draft:
    """What an answering operator proposes.

    `marked` is `text` with markers `[1]`, `[2]`... that number `citations`. `confidence` is the
    probability (0 to 1) that the passages answer the question, None where unknown;
    `abstained` says that the operator found no answer in the passages.
    """

    text: str
    marked: str
    citations: tuple[Citation, ...]
    model: str
    abstained: bool = False
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used: tokens as billed by providers (none by experts), USD, wall seconds."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost_usd + other.cost_usd,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as the caller gets it.

    `text` is for reading; `marked` is the same with markers `[1]` behind what each
    citation supports. `model` is the model really used, `run` finds plan and trace.
    """

    system: str
    text: str
    marked: str
    citations: tuple[Citation, ...]
    abstained: bool
    model: str
    run: str
    usage: Spent

    def value(self) -> JSON:
        """Return what a skill with a declared type produced. Raises ValueError on plain text."""
        return loads(self.text)

    @staticmethod
    def from_json(value: Mapping[str, Any], marked: str) -> Answer:
        """Return the answer of `to_json`, which lacks the text with markers."""
        used = value["usage"]
        spent = Spent(
            used["input_tokens"], used["output_tokens"], used["cost_usd"], value["latency_ms"] / 1e3
        )
        return Answer(
            system=value["system"],
            text=value["answer"],
            marked=marked,
            citations=tuple(Citation(**each) for each in value["citations"]),
            abstained=value["abstained"],
            model=value["model"],
            run=value["run"],
            usage=spent,
        )

    def to_json(self) -> dict[str, JSON]:
        """Return the object that `motet ask --json` prints."""
        return {
            "schema_version": 1,
            "system": self.system,
            "model": self.model,
            "answer": self.text,
            "abstained": self.abstained,
            "citations": [citation.to_json() for citation in self.citations],
            "run": self.run,
            "usage": {
                "input_tokens": self.usage.input_tokens,
                "output_tokens": self.usage.output_tokens,
                "cost_usd": round(self.usage.cost_usd, 8),
            },
            "latency_ms": round(self.usage.seconds * 1000, 1),
        }
