"""What was said before: found, put beside what documents say, and added to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from motet.core.answers import Draft
from motet.core.errors import RunError
from motet.core.json import JSON
from motet.core.passages import Passage
from motet.core.protocols import Recollection
from motet.core.text import covered
from motet.runtime.context import Context, Outcome
from motet.runtime.methods.drafts import record
from motet.runtime.methods.retrieve import recalled, reference, sources_of
from motet.runtime.records import Usage

MEMORY = "memory"
"""The kind of passages that were remembered."""


async def recall(
    context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
) -> Outcome:
    """Return the passages that are remembered of whoever asks and fit the question."""
    count = cast(int, arguments["k"])
    found = await asyncio.to_thread(_memory(context).recall, context.question, k=count)
    kept: list[JSON] = [{**reference(each), "context": each.context} for each in found]
    return Outcome(tuple(found), Usage(rows=len(found)), kept, sources_of(found))


def recalled_again(context: Context, value: JSON) -> object:
    """Return the passages that a record of `recall` names. Raises `RunError` as `recalled`."""
    found = cast("tuple[Passage, ...]", recalled(context, value))
    contexts = {each["chunk"]: each["context"] for each in cast("list[dict[str, Any]]", value)}
    return tuple(replace(each, context=contexts[each.chunk]) for each in found)


async def gather(
    context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
) -> Outcome:
    """Return documents' passages and remembered ones, best first, in one order."""
    documents, said = cast("tuple[tuple[Passage, ...], tuple[Passage, ...]]", tuple(inputs))
    found = _gathered(context.question, documents, said)
    kept = [[each.chunk, each.score] for each in found]
    return Outcome(found, Usage(rows=len(found)), cast(JSON, kept))


def gathered_again(context: Context, value: JSON) -> object:
    """Return the passages that a record of `gather` names."""
    scores = dict(cast("list[tuple[int, float]]", value))
    found = {each.chunk: each for each in context.means.retriever.recall([*scores])}
    return tuple(
        replace(found[chunk], score=score) for chunk, score in scores.items() if chunk in found
    )


def _gathered(
    question: str, documents: Sequence[Passage], said: Sequence[Passage]
) -> tuple[Passage, ...]:
    """Score what was said as retrieval would, by how near it is compared with documents."""
    if not documents or not said:
        return tuple(documents or said)
    nearest = max(_near(question, each) for each in documents)
    scale = documents[0].score / nearest if nearest > 0 else 1.0
    scored = [replace(each, score=each.score * scale) for each in said]
    return tuple(sorted([*documents, *scored], key=lambda each: -each.score))


def _near(question: str, passage: Passage) -> float:
    """Return how near a document's passage is, on the scale of remembered ones: 0 to 1."""
    words = covered(question, f"{passage.context} {passage.body}")
    cosine = passage.signals.get("dense")
    return words if cosine is None else (words + max(cosine, 0.0)) / 2


async def remember(
    context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
) -> Outcome:
    """Remember the question and its answer; return the answer as it is.

    An answer that only repeats what is remembered teaches nothing.
    """
    draft = cast(Draft, inputs[0])
    cites = [each.source for each in draft.citations if not each.source.startswith(MEMORY)]
    repeats = bool(draft.citations) and not cites
    answer = None if draft.abstained or repeats else draft.text
    facts = await asyncio.to_thread(_memory(context).remember, context.question, answer, cites)
    note = "nothing new" if facts is None else f"{facts} {'fact' if facts == 1 else 'facts'}"
    return Outcome(draft, Usage(rows=facts or 0, note=note), record(draft))


def _memory(context: Context) -> Recollection:
    if context.memory is None:
        text = "the plan recalls, but nobody says whose memory is meant"
        raise RunError(text, hint="name the user or the session that it was planned for")
    return context.memory
