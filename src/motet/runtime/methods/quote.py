"""Answering with the verbatim sentence that covers the question's rare words best.

Serves scripts that the base encoder cannot read, and systems without the encoder. It has
an abstention rule of its own: the share of the question's information that one sentence,
with what stands above and around it, must hold.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from motet.core.answers import Draft
from motet.core.json import JSON
from motet.core.passages import Passage
from motet.core.text import normalised, sentences
from motet.runtime.context import Context, Outcome
from motet.runtime.methods.asking import asked_terms, asks_figure, has_figure
from motet.runtime.methods.drafts import abstention, citation, record
from motet.runtime.records import Usage

THRESHOLD = 0.5
AROUND = 0.6
"""What a term counts that stands in the passage or above it, not in the sentence itself."""
FIGURE = 0.2
"""What a figure in the sentence adds where the question asks how much, how long or when."""

_HEADING = re.compile(r"#{1,6}\s[^\n]*")


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: Passage
    start: int
    end: int
    coverage: float
    bonus: float


async def quote(
    context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
) -> Outcome:
    """Return the best sentence of all passages, or an abstention."""
    passages = cast(tuple[Passage, ...], inputs[0])
    model = cast(str, arguments["model"])
    draft = await asyncio.to_thread(_quote, context, passages, model)
    note = "" if draft.confidence is None else f"covers {draft.confidence:.2f} of the question"
    return Outcome(draft, Usage(rows=len(draft.citations), note=note), record(draft))


def _quote(context: Context, passages: Sequence[Passage], model: str) -> Draft:
    terms = asked_terms(context.question)
    weights = dict(zip(terms, context.means.retriever.rarity(terms), strict=True))
    figure = asks_figure(context.question)
    best = max(
        (each for passage in passages for each in _candidates(passage, weights, figure)),
        key=lambda each: (each.coverage + each.bonus, each.start - each.end),
        default=None,
    )
    if best is None or best.coverage < THRESHOLD:
        return abstention(context.question, model, best.coverage if best else 0.0)
    cited = citation(1, best.passage, best.start, best.end)
    text = " ".join(cited.text.split())
    return Draft(text, f"{text} [1]", (cited,), model, confidence=best.coverage)


def _candidates(passage: Passage, weights: Mapping[str, float], figure: bool) -> list[_Candidate]:
    total = sum(weights.values())
    if total <= 0:
        return []
    around = normalised(f"{passage.context} {passage.body}")
    near = {term for term in weights if term in around}
    found = []
    for start, end in _units(passage):
        inside = normalised(passage.excerpt(start, end))
        score = sum(
            weight * (1.0 if term in inside else AROUND if term in near else 0.0)
            for term, weight in weights.items()
        )
        bonus = FIGURE if figure and has_figure(inside) else 0.0
        found.append(_Candidate(passage, start, end, score / total, bonus))
    return found


def _units(passage: Passage) -> list[tuple[int, int]]:
    """Return the ranges that may answer: rows, and sentences but headings."""
    if passage.segments is not None:
        return [(passage.start, passage.end)]
    ranges = sentences(passage.text)
    prose = [r for r in ranges if not _HEADING.fullmatch(passage.text[r[0] : r[1]])]
    return [(passage.start + low, passage.start + high) for low, high in prose or ranges]
