"""What prices are for: tokens of a kind, seconds, characters, searches, requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from motet.core.chat import Usage


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that is charged. A price is for `per` of them.

    `usage` names the count; it is counted within those of `within` too, and charged apart.
    """

    usage: str
    per: int
    within: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What it is counted within in the end: input tokens, output tokens, else itself."""
        return next((each for each in (INPUT, OUTPUT) if each in self.within), self.usage)


INPUT = "input_tokens"
OUTPUT = "output_tokens"
REQUESTS = "requests"


def counts(usage: Usage, units: Mapping[str, float]) -> dict[str, float]:
    """Return what was used, by name; `units` tells what a chat's usage does not."""
    return {
        INPUT: usage.input_tokens,
        OUTPUT: usage.output_tokens,
        "cache_read_tokens": usage.cached_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "input_audio_tokens": usage.audio_input_tokens,
        "output_audio_tokens": usage.audio_output_tokens,
        "output_reasoning_tokens": usage.reasoning_tokens,
        **units,
        REQUESTS: 1,
    }
