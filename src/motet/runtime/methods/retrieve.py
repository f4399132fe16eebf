"""Finding passages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import cast

from motet.core.json import JSON
from motet.core.passages import Passage, RetrievalMode
from motet.runtime.context import Context, Outcome
from motet.runtime.journal import Usage


async def search(
    context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
) -> Outcome:
    """Return the passages that the retriever finds for the question."""
    mode = cast(RetrievalMode, arguments["mode"])
    count = cast(int, arguments["k"])
    found = await asyncio.to_thread(
        context.means.retriever.search, context.question, k=count, mode=mode
    )
    return Outcome(tuple(found), Usage(rows=len(found)), [_reference(each) for each in found])


async def nothing(
    context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
) -> Outcome:
    """Return no passages: the system has no knowledge."""
    return Outcome((), Usage(rows=0), [])


def _reference(passage: Passage) -> JSON:
    """Name a passage without its text: the journal grows with new data only."""
    return {
        "source": passage.source,
        "version": passage.version,
        "start": passage.start,
        "end": passage.end,
        "score": round(passage.score, 4),
        "signals": {name: round(value, 4) for name, value in passage.signals.items()},
    }
