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
from motet.core.text import content_terms, has_cjk, normalised, sentences
from motet.runtime.context import Context, Outcome
from motet.runtime.journal import Usage
from motet.runtime.methods.drafts import abstention, citation, record

THRESHOLD = 0.5
AROUND = 0.6
"""What a term counts that stands in the passage or above it, not in the sentence itself."""

# Words that ask and carry nothing to look for, longest first.
_ASKING = re.compile(
    "|".join(
        sorted(
            """什么时候 什么 多少钱 多少 多久 多长时间 多长 多大 多高 几个 几年 几天 怎么样 怎么
            怎样 如何 哪里 哪儿 哪些 哪个 哪种 哪家 哪一 为什么 是否 能否 可否 可以 应该 需要
            必须 请问 谁 吗 呢 吧 的 了 是 在 有 和 与 或 我 你 您 我们 一次
            ですか ますか どこ いつ だれ なに 何 どの どれ どう は が を に で の と も か
            무엇 어떻게 얼마나 얼마 언제 어디 누가 누구 어떤 어느 몇 왜 인가요 나요
            입니까 습니까 합니까 됩니까 하나요 되나요 있나요 해야 할까요 주세요""".split(),
            key=len,
            reverse=True,
        )
    )
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: Passage
    start: int
    end: int
    coverage: float


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
    best = max(
        (each for passage in passages for each in _candidates(passage, weights)),
        key=lambda each: (each.coverage, -each.end + each.start, -each.passage.chunk),
        default=None,
    )
    if best is None or best.coverage < THRESHOLD:
        return abstention(context.question, model, best.coverage if best else 0.0)
    cited = citation(1, best.passage, best.start, best.end)
    text = " ".join(cited.text.split())
    context.emit(f"{text} [1]")
    return Draft(text, f"{text} [1]", (cited,), model, confidence=best.coverage)


def asked_terms(question: str) -> tuple[str, ...]:
    """Return the terms a question asks about, without the words that only ask."""
    if not has_cjk(question):
        return content_terms(question)
    bare = _ASKING.sub(" ", normalised(question))
    return content_terms(bare) or content_terms(question)


def _candidates(passage: Passage, weights: Mapping[str, float]) -> list[_Candidate]:
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
        found.append(_Candidate(passage, start, end, score / total))
    return found


def _units(passage: Passage) -> list[tuple[int, int]]:
    if passage.segments is not None:
        return [(passage.start, passage.end)]
    return [(passage.start + low, passage.start + high) for low, high in sentences(passage.text)]
