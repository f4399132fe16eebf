"""Answering with the reader expert: the span head picks the words, the engine cites them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from motet.core.answers import Citation, Draft
from motet.core.json import JSON
from motet.core.passages import Passage
from motet.core.protocols import Span
from motet.core.text import normalised, sentences
from motet.runtime.context import Context, Outcome
from motet.runtime.methods.cells import asked_cell
from motet.runtime.methods.drafts import abstention, citation, record
from motet.runtime.records import Usage

THRESHOLD = 0.45
"""Probability of being answerable from which on the reader answers.

On the tuning titles this refuses 12% of answerable questions and all whose article is absent.
"""
RETRIEVAL_WEIGHT = 8.0
"""What retrieval's best passage is ahead of one it scores nought, in log-odds of a span.

Chosen on the reader's tuning titles, where the best citation holds the answer more often
than by either ranking alone.
"""
MAX_CITATIONS = 3
_BREAK = re.compile(r"\n[ \t]*\r?\n|^#{1,6}\s", re.MULTILINE)
"""What parts paragraphs: a blank line, a heading."""
EXCERPT = 360
"""Code points up to which a cited sentence takes its neighbours along."""
AGREEING = 1.1
"""Log-odds below the best span within which another passage with the same words is cited too."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """`passage.body[start:end]` with its score."""

    passage: Passage
    start: int
    end: int
    score: float
    span: Span

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
    ranked = [_where_asked(c, context.question) for c in _ranked(passages, spans, heads)]
    if not ranked:
        return abstention(context.question, model, 0.0)
    # The first passage is retrieval's best: how near it comes tells whether any speaks of it.
    looked_at = [texts[0], texts[ranked[0].span.passage]]
    best = replace(ranked[0].span, passage=1)
    confidence = reader.answerable(context.question, looked_at, [best])
    if confidence < THRESHOLD:
        return abstention(context.question, model, confidence)
    text = _quoted(ranked[0])
    citations = tuple(_cite(number, each) for number, each in enumerate(_agreeing(ranked), 1))
    marked = f"{text} {''.join(f'[{each.id}]' for each in citations)}"
    return Draft(text, marked, citations, model, confidence=confidence)


def _ranked(
    passages: Sequence[Passage], spans: Sequence[Span], heads: Sequence[str]
) -> list[_Candidate]:
    best = max((passage.score for passage in passages), default=0.0) or 1.0
    found = [
        _in_one_unit(passages[s.passage], s, len(heads[s.passage]), best)
        for s in spans
        if s.end > s.start
    ]
    return sorted(found, key=lambda c: (-c.score, c.passage.source, c.passage.start))


def _in_one_unit(passage: Passage, span: Span, head: int, best: float) -> _Candidate:
    """Keep a span to the cell or sentence it starts in: answers do not run over either."""
    start, end = span.start - head, span.end - head
    for low, high in _units(passage):
        if high > start and low < end:
            start, end = max(start, low), min(end, high)
            break
    score = span.score + RETRIEVAL_WEIGHT * passage.score / best
    return _Candidate(passage, start, end, score, span)


def _where_asked(candidate: _Candidate, question: str) -> _Candidate:
    """Move to the cell whose column the question names, where it names one of the row."""
    cell = asked_cell(candidate.passage, question)
    return candidate if cell is None else replace(candidate, start=cell.start, end=cell.end)


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
    units = _units(passage)
    around = [i for i, (low, high) in enumerate(units) if low < candidate.end <= high]
    if not around:
        return citation(
            number, passage, passage.start + candidate.start, passage.start + candidate.end
        )
    start, end = _widened(passage.body, units, around[0])
    return citation(number, passage, passage.start + start, passage.start + end)


def _widened(text: str, units: Sequence[tuple[int, int]], at: int) -> tuple[int, int]:
    """Return a sentence with its paragraph's next and last one, while that is short.

    A sentence alone often cannot be judged: "It costs 25 euros." needs the one before.
    """
    start, end = units[at]
    for low, high in [*units[max(0, at - 1) : at], *units[at + 1 : at + 2]]:
        together = text[min(start, low) : max(end, high)]
        if len(together) <= EXCERPT and not _BREAK.search(together):
            start, end = min(start, low), max(end, high)
    return start, end
