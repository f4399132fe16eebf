"""Answering with the reader expert: the span head picks the words, the engine cites them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from motet.core.answers import Citation, Draft
from motet.core.json import JSON
from motet.core.passages import Passage
from motet.core.protocols import Span
from motet.core.text import normalised, sentences
from motet.runtime.context import Context, Outcome
from motet.runtime.journal import Usage
from motet.runtime.methods.drafts import abstention, citation, record

THRESHOLD = 0.5
"""Probability of being answerable from which on the reader answers."""
RETRIEVAL_WEIGHT = 4.0
"""How much one unit of retrieval score (0 to 1) counts in logits of the span head."""
MAX_CITATIONS = 3
AGREEING = 3.0
"""Logits below the best span within which another passage with the same words is cited too."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: Passage
    span: Span
    score: float

    def words(self) -> str:
        return self.passage.body[self.span.start : self.span.end]


async def read(
    context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
) -> Outcome:
    """Return the best span of all passages, or an abstention."""
    passages = cast(tuple[Passage, ...], inputs[0])
    model = cast(str, arguments["model"])
    draft = await asyncio.to_thread(_read, context, passages, model)
    note = "" if draft.confidence is None else f"answerable {draft.confidence:.2f}"
    return Outcome(draft, Usage(rows=len(draft.citations), note=note), record(draft))


def _read(context: Context, passages: Sequence[Passage], model: str) -> Draft:
    reader = context.means.reader()
    if not passages:
        return abstention(context.question, model, 0.0)
    texts = [passage.body for passage in passages]
    spans = reader.read(context.question, texts)
    ranked = _ranked(passages, spans)
    confidence = reader.answerable(context.question, texts, spans)
    if confidence < THRESHOLD or ranked[0].span.start >= ranked[0].span.end:
        return abstention(context.question, model, confidence)
    text = _quoted(ranked[0])
    citations = tuple(_cite(number, each) for number, each in enumerate(_agreeing(ranked), 1))
    marked = f"{text} {''.join(f'[{each.id}]' for each in citations)}"
    context.emit(marked)
    return Draft(text, marked, citations, model, confidence=confidence)


def _ranked(passages: Sequence[Passage], spans: Sequence[Span]) -> list[_Candidate]:
    best = max((passage.score for passage in passages), default=0.0) or 1.0
    candidates = [
        _Candidate(
            passages[span.passage],
            span,
            span.score + RETRIEVAL_WEIGHT * passages[span.passage].score / best,
        )
        for span in spans
    ]
    return sorted(
        candidates, key=lambda each: (-each.score, each.passage.source, each.passage.start)
    )


def _agreeing(ranked: Sequence[_Candidate]) -> list[_Candidate]:
    """Return the best candidate and those near it that say the same words elsewhere."""
    best = ranked[0]
    words = normalised(best.words())
    others = [
        each
        for each in ranked[1:]
        if each.score > best.score - AGREEING and normalised(each.words()) == words
    ]
    return [best, *others][:MAX_CITATIONS]


def _quoted(candidate: _Candidate) -> str:
    return " ".join(candidate.words().split())


def _cite(number: int, candidate: _Candidate) -> Citation:
    """Cite the whole sentence, or the whole row, that the span stands in."""
    passage, span = candidate.passage, candidate.span
    if passage.segments is not None:
        return citation(number, passage, passage.start, passage.end)
    around = [
        (start, end)
        for start, end in sentences(passage.text)
        if start < span.end and span.start < end
    ]
    start = min([span.start, *(low for low, _ in around)])
    end = max([span.end, *(high for _, high in around)])
    return citation(number, passage, passage.start + start, passage.start + end)
