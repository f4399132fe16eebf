"""What answering methods share: citations from passages, and saying that there is no answer."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, cast

from motet.core.answers import Citation, Draft
from motet.core.json import JSON
from motet.core.passages import Passage
from motet.core.text import language
from motet.runtime.context import Context

_NO_ANSWER = {
    "en": "The sources do not say.",
    "zh": "资料中没有说明。",
    "ja": "資料には書かれていません。",
    "ko": "자료에 나와 있지 않습니다.",
}


def no_answer(question: str) -> str:
    """Return the sentence that says so, in the question's language where we know it."""
    return _NO_ANSWER[language(question)]


def abstention(question: str, model: str, confidence: float | None = None) -> Draft:
    """Return the draft of a method that found no answer."""
    text = no_answer(question)
    return Draft(text, text, (), model, abstained=True, confidence=confidence)


def citation(number: int, passage: Passage, start: int, end: int) -> Citation:
    """Cite `start` to `end` of the source of a passage; the range lies in the passage."""
    return Citation(
        id=number,
        source=passage.source,
        version=passage.version,
        page=passage.page,
        start=start,
        end=end,
        text=passage.excerpt(start, end),
    )


def record(draft: Draft) -> JSON:
    """Return a draft as the journal keeps it."""
    found: dict[str, JSON] = {} if _bare(draft) == draft.text else {"plain": draft.text}
    return {
        **found,
        "text": draft.marked,
        "model": draft.model,
        "abstained": draft.abstained,
        "confidence": draft.confidence,
        "citations": [each.to_json() for each in draft.citations],
    }


def restored(context: Context, value: JSON) -> object:
    """Return the draft of a record."""
    found = cast("dict[str, Any]", value)
    citations = tuple(Citation(**each) for each in found["citations"])
    draft = Draft(
        "", found["text"], citations, found["model"], found["abstained"], found["confidence"]
    )
    return replace(draft, text=found.get("plain", _bare(draft)))


def _bare(draft: Draft) -> str:
    """Return the marked text without its markers."""
    if not draft.citations:
        return draft.marked
    numbers = "|".join(str(each.id) for each in draft.citations)
    return re.sub(rf" ?\[(?:{numbers})\]", "", draft.marked)
