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
MAX_CITATIONS = 3
AGREEING = 3.0
"""Logits below the best span within which another passage with the same words is cited too."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """`passage.body[start:end]` with its score."""

    passage: Passage
    start: int
    end: int
    score: float

    def words(self) -> str:
        return self.passage.body[self.start : self.end]


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
    heads = [f"{passage.context}\n" if passage.context else "" for passage in passages]
    texts = [head + passage.body for head, passage in zip(heads, passages, strict=True)]
    spans = reader.read(context.question, texts, [len(head) for head in heads])
    ranked = _ranked(passages, spans, heads)
    confidence = reader.answerable(context.question, texts, spans)
    if confidence < THRESHOLD or ranked[0].start >= ranked[0].end:
        return abstention(context.question, model, confidence)
    text = _quoted(ranked[0])
    citations = tuple(_cite(number, each) for number, each in enumerate(_agreeing(ranked), 1))
    marked = f"{text} {''.join(f'[{each.id}]' for each in citations)}"
    return Draft(text, marked, citations, model, confidence=confidence)


def _ranked(
    passages: Sequence[Passage], spans: Sequence[Span], heads: Sequence[str]
) -> list[_Candidate]:
    found = [
        _in_one_unit(passages[s.passage], s.start - len(heads[s.passage]), s)
        for s in spans
        if s.end > s.start
    ]
    none = _Candidate(passages[0], 0, 0, float("-inf"))
    return sorted(found, key=lambda c: (-c.score, c.passage.source, c.passage.start)) or [none]


def _in_one_unit(passage: Passage, start: int, span: Span) -> _Candidate:
    """Keep a span to the cell or sentence it starts in: answers do not run over either."""
    end = start + span.end - span.start
    for low, high in _units(passage):
        if high > start and low < end:
            start, end = max(start, low), min(end, high)
            break
    return _Candidate(passage, start, end, span.score)


def _units(passage: Passage) -> list[tuple[int, int]]:
    """Return the ranges of `body` that may hold an answer: a row's cells, or sentences."""
    if passage.segments is not None:
        return [(segment.start, segment.end) for segment in passage.segments]
    return sentences(passage.body)


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
    passage = candidate.passage
    if passage.segments is not None:
        return citation(number, passage, passage.start, passage.end)
    around = [unit for unit in _units(passage) if unit[0] < candidate.end <= unit[1]]
    start, end = around[0] if around else (candidate.start, candidate.end)
    return citation(number, passage, passage.start + start, passage.start + end)
