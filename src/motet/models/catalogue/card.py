"""What is known of one model, and where each fact is from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from motet.models.catalogue.pricing import Pricing

Modality = Literal["text", "image", "audio", "video", "document", "vector", "score"]


@dataclass(frozen=True, slots=True)
class Card:
    """One model of a provider. None means that nobody says, never that it cannot.

    `context` is the most tokens it takes in, `max_output` the most it writes. `sources` tells
    by field name where each fact is from.
    """

    provider: str
    model: str
    title: str | None = None
    context: int | None = None
    max_output: int | None = None
    input_modalities: frozenset[Modality] | None = None
    output_modalities: frozenset[Modality] | None = None
    tools: bool | None = None
    structured: bool | None = None
    reasoning: bool | None = None
    pricing: Pricing | None = field(default=None, compare=False)
    deprecated: bool = False
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def use(self) -> str:
        """Its name in a declaration: `provider/model`."""
        return f"{self.provider}/{self.model}"
