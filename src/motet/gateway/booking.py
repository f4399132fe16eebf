"""Usage as the ledger's rows hold it."""

from __future__ import annotations

from motet.core.chat import Usage
from motet.gateway.ledger.entry import Entry


def counted(entry: Entry, usage: Usage) -> Entry:
    """Return the entry with the counts of a usage; its cost is not touched."""
    return entry._replace(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        audio_input_tokens=usage.audio_input_tokens,
        audio_output_tokens=usage.audio_output_tokens,
    )
