"""Verifiers: by citations, and by whether the reader says the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from runtime_samples import passage

from motet.core.answers import Draft
from motet.core.passages import Passage
from motet.core.protocols import Span
from motet.runtime.context import Context
from motet.runtime.methods.drafts import citation
from motet.runtime.methods.verdicts import Verdict, verdict_from_record
from motet.runtime.methods.verify import answerable, support

TEXT = "The oak table costs 480 euro. Nordlicht delivers the oak table to Oslo."
PASSAGES = (passage(TEXT), passage("The pine shelf is soft.", source="pine.md"))


class Reader:
    """A reader that has found a span already."""

    name = "test"

    def __init__(self, words: str, sure: float) -> None:
        self.words, self.sure = words, sure

    def read(
        self, question: str, passages: Sequence[str], skip: Sequence[int] | None = None
    ) -> list[Span]:
        start = passages[0].index(self.words)
        return [Span(0, start, start + len(self.words), 9.0), Span(1, 0, 3, -9.0)]

    def answerable(self, question: str, passages: Sequence[str], spans: Sequence[Span]) -> float:
        return self.sure


def context(reader: Reader | None = None) -> Context:
    means = SimpleNamespace(reader=lambda: reader)
    return Context(cast(Any, means), "Who delivers it?", (), print, cast(Any, None))


def judged(method: Any, draft: Draft, found: Context, passages: Sequence[Passage]) -> Verdict:
    outcome = asyncio.run(method(found, (draft, tuple(passages)), {}))
    assert verdict_from_record(found, outcome.record) == outcome.value
    assert outcome.usage.note.endswith(outcome.value.reason)
    return cast(Verdict, outcome.value)


def cited(marked: str, *places: tuple[int, int]) -> Draft:
    citations = tuple(citation(n, PASSAGES[0], *place) for n, place in enumerate(places, 1))
    return Draft(marked.replace(" [1]", ""), marked, citations, "m")


@pytest.mark.parametrize(
    ("draft", "passed", "score"),
    [
        (cited("Nordlicht delivers the oak table. [1]", (30, 71)), True, 1.0),
        (cited("Nordlicht delivers the oak table [1].", (30, 71)), True, 1.0),
        (cited("Nordlicht brings the oak table there [1].", (30, 71)), True, 0.75),
        (cited("Nordlicht delivers the oak table."), False, 0.0),
        (cited("Fjord ships beds. Nordlicht delivers the oak table [1].", (30, 71)), False, 0.5),
        (cited("The oak table costs 481 euro [1].", (0, 29)), False, 0.0),
        (Draft("No.", "No.", (), "m", abstained=True), False, 0.0),
        (Draft("", "", (), "m"), False, 0.0),
    ],
)
def test_support(draft: Draft, passed: bool, score: float) -> None:
    verdict = judged(support, draft, context(), PASSAGES)
    assert (verdict.passed, round(verdict.score, 2)) == (passed, pytest.approx(score))


def test_a_citation_of_what_was_not_found_supports_nothing() -> None:
    draft = cited("Nordlicht delivers the oak table. [1]", (30, 71))
    assert not judged(support, draft, context(), PASSAGES[1:]).passed


@pytest.mark.parametrize(("confidence", "passed"), [(0.9, True), (0.5, False)])
def test_the_readers_own_answer_counts_as_it_was_sure(confidence: float, passed: bool) -> None:
    draft = Draft("Nordlicht", "Nordlicht", (), "expert/reader", confidence=confidence)
    verdict = judged(answerable, draft, context(), PASSAGES)
    assert (verdict.passed, verdict.score) == (passed, confidence)


@pytest.mark.parametrize(
    ("words", "sure", "passed", "score"),
    [
        ("Nordlicht", 0.9, True, 0.9),
        ("Nordlicht", 0.5, False, 0.5),
        ("480 euro", 0.9, False, 0.1),
    ],
)
def test_anothers_answer_must_say_what_the_reader_reads(
    words: str, sure: float, passed: bool, score: float
) -> None:
    draft = Draft("It is Nordlicht.", "It is Nordlicht.", (), "m")
    verdict = judged(answerable, draft, context(Reader(words, sure)), PASSAGES)
    assert (verdict.passed, verdict.score) == (passed, pytest.approx(score))
    assert not judged(answerable, draft, context(Reader(words, sure)), ()).passed
