"""Finding passages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from motet.core.errors import RunError
from motet.core.json import JSON
from motet.core.passages import Passage, RetrievalMode
from motet.runtime.context import Context, Outcome
from motet.runtime.records import Usage


async def search(
    context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
) -> Outcome:
    """Return the passages that the retriever finds for the question."""
    mode = cast(RetrievalMode, arguments["mode"])
    count = cast(int, arguments["k"])
    found = await asyncio.to_thread(
        context.means.retriever.search, context.question, k=count, mode=mode
    )
    kept: list[JSON] = [reference(each) for each in found]
    return Outcome(tuple(found), Usage(rows=len(found)), kept, sources_of(found))


async def nothing(
    context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
) -> Outcome:
    """Return no passages: the system has no knowledge."""
    return Outcome((), Usage(rows=0), [])


def sources_of(found: Sequence[Passage]) -> set[tuple[str, str]]:
    """Return the sources and versions that passages are of."""
    return {(each.source, each.version) for each in found}


def reference(passage: Passage) -> dict[str, JSON]:
    """Name a passage without its text: the journal grows with new data only."""
    return {
        "chunk": passage.chunk,
        "source": passage.source,
        "version": passage.version,
        "start": passage.start,
        "end": passage.end,
        "score": passage.score,
        "signals": dict(passage.signals),
    }


def recalled(context: Context, record: JSON) -> object:
    """Return the passages that a record names.

    Raises `RunError` when a source changed since: the answer would cite what is not there.
    """
    named = {each["chunk"]: each for each in cast("list[dict[str, Any]]", record)}
    found = {each.chunk: each for each in context.means.retriever.recall([*named])}
    for chunk, each in named.items():
        if chunk not in found or found[chunk].version != each["version"]:
            raise RunError(
                "its passages have changed since the run began",
                where=each["source"],
                hint="ask again",
            )
    return tuple(
        replace(found[chunk], score=each["score"], signals=each["signals"])
        for chunk, each in named.items()
    )
