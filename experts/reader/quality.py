"""Answer quality on chosen titles: BM25, the base encoder, both fused, and the reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from corpus import Paragraph, Question, occurrences
from lexical import Lexical
from measure import auroc, exact, f1
from numpy.typing import NDArray

from motet.core.protocols import Embedder, Span, SpanReader

READ = 8
"""Passages of the fused ranking that the reader reads."""
THIRD = 3
FUSION = 60
"""Constant of reciprocal rank fusion (Cormack et al. 2009)."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one question got from a collection: rankings (best first) and top scores."""

    lexical: list[int]
    dense: list[int]
    fused: list[int]
    lexical_score: float
    dense_score: float


class Collection:
    """Paragraphs, searchable as a whole or without one article."""

    def __init__(self, paragraphs: Sequence[Paragraph], encoder: Embedder) -> None:
        self.paragraphs = paragraphs
        self.encoder = encoder
        self._lexical = Lexical([p.text for p in paragraphs])
        self._vectors = encoder.embed([p.text for p in paragraphs])
        self._titles = np.array([p.title for p in paragraphs])

    def search(self, question: str, without: str | None = None) -> Found:
        """Rank all paragraphs but those of the article `without`."""
        here = np.flatnonzero(self._titles != without)
        lexical = self._lexical.scores(question)[here]
        dense = (self._vectors @ self.encoder.embed([question])[0])[here]
        ranks = [np.argsort(np.argsort(-scores, kind="stable")) for scores in (lexical, dense)]
        fused = 1.0 / (FUSION + 1 + ranks[0]) + 1.0 / (FUSION + 1 + ranks[1])
        return Found(
            _order(here, lexical),
            _order(here, dense),
            _order(here, fused),
            float(lexical.max()),
            float(dense.max()),
        )


def _order(here: NDArray[np.intp], scores: NDArray[np.float64]) -> list[int]:
    return [int(place) for place in here[np.argsort(-scores, kind="stable")]]


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the paragraph it was asked about."""

    question: Question
    place: int


def cases(paragraphs: Sequence[Paragraph], *, answerable: bool) -> list[Case]:
    """Return the questions that have, or have not, an answer in their paragraph."""
    return [
        Case(question, place)
        for place, paragraph in enumerate(paragraphs)
        for question in paragraph.questions
        if bool(question.answers) is answerable
    ]


class RememberingEmbedder:
    """An embedder that embeds no text twice."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name, self.dimensions = embedder.name, embedder.dimensions
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, one a row."""
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._vectors |= zip(new, self._embedder.embed(new), strict=True)
        return np.stack([self._vectors[text] for text in texts])

    def can_read(self, text: str) -> bool:
        """Whether the embedder knows the script of the text."""
        return self._embedder.can_read(text)


class Remembering:
    """A reader that reads no passage twice for one question.

    Allowed since a passage's span does not depend on the passages beside it.
    """

    @property
    def name(self) -> str:
        """Identity of the weights."""
        return self._reader.name

    def __init__(self, reader: SpanReader) -> None:
        self._reader = reader
        self._spans: dict[tuple[str, str], Span] = {}

    def read(
        self, question: str, passages: Sequence[str], skip: Sequence[int] | None = None
    ) -> list[Span]:
        """Return the best span of every passage; nothing is skipped."""
        new = [text for text in passages if (question, text) not in self._spans]
        for text, span in zip(new, self._reader.read(question, new), strict=True):
            self._spans[question, text] = span
        found = [self._spans[question, text] for text in passages]
        return [replace(span, passage=place) for place, span in enumerate(found)]

    def answerable(self, question: str, passages: Sequence[str], spans: Sequence[Span]) -> float:
        """Return the chance that the passages answer the question."""
        return self._reader.answerable(question, passages, spans)


def in_paragraph(reader: SpanReader, collection: Collection) -> dict[str, float]:
    """Return F1 and EM of the best span in the gold paragraph."""
    asked = cases(collection.paragraphs, answerable=True)
    scores = []
    for case in asked:
        text = collection.paragraphs[case.place].text
        [span] = reader.read(case.question.text, [text])
        answer = text[span.start : span.end]
        scores.append((f1(answer, case.question.answers), exact(answer, case.question.answers)))
    overlap, same = np.mean(scores, axis=0)
    return {"questions": len(asked), "f1": float(overlap), "em": float(same)}


def first_citation(reader: SpanReader, collection: Collection) -> dict[str, float]:
    """Return how often the first citation holds an accepted answer.

    The citation of BM25, the encoder and their fusion is their best paragraph; ours is the
    paragraph with the best span among the fused ranking's best eight; `sentence` asks more of
    it: that the span's own sentence holds the answer. `ceiling`: one of the eight holds it.
    """
    asked = cases(collection.paragraphs, answerable=True)
    hits = []
    for case in asked:
        found = collection.search(case.question.text)
        texts = [collection.paragraphs[place].text for place in found.fused[:READ]]
        spans = reader.read(case.question.text, texts)
        best = max(spans, key=lambda span: span.score)
        firsts = [
            collection.paragraphs[ranking[0]].text
            for ranking in (found.lexical, found.dense, found.fused)
        ]
        cited = texts[best.passage]
        firsts += [cited, _sentence(cited, best), "\n".join(texts)]
        hits.append([_holds(text, case.question.answers) for text in firsts])
    names = ("bm25", "minilm", "fused", "reader", "sentence", "ceiling")
    return dict(zip(names, (float(x) for x in np.mean(hits, axis=0)), strict=True))


def removed(reader: SpanReader, collection: Collection) -> dict[str, float]:
    """Return AUROC of telling whether a question's article is in the collection.

    On every third question: each reads another set of passages.
    """
    scores: dict[str, tuple[list[float], list[float]]] = {
        name: ([], []) for name in ("bm25", "minilm", "reader")
    }
    for case in cases(collection.paragraphs, answerable=True)[::THIRD]:
        own = collection.paragraphs[case.place].title
        for side, without in enumerate((None, own)):
            found = collection.search(case.question.text, without)
            texts = [collection.paragraphs[place].text for place in found.fused[:READ]]
            spans = reader.read(case.question.text, texts)
            scores["bm25"][side].append(found.lexical_score)
            scores["minilm"][side].append(found.dense_score)
            scores["reader"][side].append(reader.answerable(case.question.text, texts, spans))
    return {name: auroc(*sides) for name, sides in scores.items()}


def adversarial(reader: SpanReader, encoder: Embedder, collection: Collection) -> dict[str, float]:
    """Return AUROC of telling SQuAD 2's unanswerable questions in their paragraphs.

    All titles must be in both files: for others nobody wrote unanswerable questions.
    """
    sides: dict[str, tuple[list[float], list[float]]] = {
        name: ([], []) for name in ("bm25", "minilm", "reader")
    }
    lexical = Lexical([p.text for p in collection.paragraphs])
    for side, answerable in enumerate((True, False)):
        for case in cases(collection.paragraphs, answerable=answerable):
            question, text = case.question.text, collection.paragraphs[case.place].text
            asked, held = encoder.embed([question, text])
            spans = reader.read(question, [text])
            sides["bm25"][side].append(float(lexical.scores(question)[case.place]))
            sides["minilm"][side].append(float(asked @ held))
            sides["reader"][side].append(reader.answerable(question, [text], spans))
    return {name: auroc(*pair) for name, pair in sides.items()}


def _holds(text: str, answers: Sequence[str]) -> bool:
    return any(occurrences(text, answer) for answer in answers)


def _sentence(text: str, span: Span) -> str:
    """Return the text from the sentence end before the span to the one after it."""
    start = max(text.rfind(mark, 0, span.start) for mark in (". ", "? ", "! ")) + 1
    stops = [text.find(mark, span.end) for mark in (". ", "? ", "! ")]
    end = min([stop + 1 for stop in stops if stop >= 0], default=len(text))
    return text[start:end]
