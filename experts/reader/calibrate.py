"""Fit the small linear models of the reader on the tuning titles; store them with its weights.

    python experts/reader/calibrate.py --data DIR

Which of a passage's likely spans to choose (`choice`), on the paragraphs that people asked
about; whether the chosen one answers (`odds`), on the passages that retrieval finds; whether
the question is answerable (`answerable`), on people's unanswerable questions and on questions
whose article is taken away. Invented table rows take part in all three.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import corpus
import numpy as np
import tables
from measure import auroc, exact, f1
from numpy.typing import NDArray
from quality import READ, Collection, RememberingEmbedder, cases

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "encoder"))

from fitting import Rows, choice, logistic

import motet.models.experts.reader.weights as reader_weights
from motet.core.protocols import Embedder, Span
from motet.core.tensors import read_tensors, write_tensors
from motet.models.encoder import load_encoder
from motet.models.encoder.install import load_parts
from motet.models.experts.reader import load_reader
from motet.models.experts.reader.answerable import (
    FEATURES,
    features,
    probability,
)
from motet.models.experts.reader.evidence import EVIDENCE, Candidates, Evidence

TARGET = Path(reader_weights.__file__).with_name(reader_weights.FILE)
DISTRACTING = 6
"""Training titles that share the tuning collection, so that a removed article leaves others."""
ENOUGH_OVERLAP = 0.5
OVERLAP_REWARD = 0.5
CHOICE_RIDGE = 1e-2
EVERY = 2
"""Of the questions on the collection, which read most passages, every other one is enough."""
SETTLED = 0.8
"""Share of answerable questions where passages speak of what is asked: people seldom set traps."""
ROWS = 300
SEED = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with passages; `gold` is the place of the one that answers it, if any does.

    `answerable` may be true without `gold`, when retrieval missed it.
    """

    kind: str
    question: str
    texts: tuple[str, ...]
    gold: int | None
    answers: tuple[str, ...]
    answerable: bool


def in_paragraphs(collection: Collection) -> Iterator[Asked]:
    """Yield people's questions, answerable or not, with the paragraph they were asked about."""
    for answerable in (True, False):
        for case in cases(collection.paragraphs, answerable=answerable):
            text = collection.paragraphs[case.place].text
            gold = 0 if answerable else None
            question = case.question
            yield Asked("paragraph", question.text, (text,), gold, question.answers, answerable)


def in_collection(collection: Collection) -> Iterator[Asked]:
    """Yield answerable questions with what retrieval finds, also without their article."""
    for case in cases(collection.paragraphs, answerable=True)[::EVERY]:
        question, own = case.question, collection.paragraphs[case.place]
        for without in (None, own.title):
            found = collection.search(question.text, without).fused[:READ]
            texts = tuple(collection.paragraphs[place].text for place in found)
            gold = found.index(case.place) if case.place in found else None
            answers = question.answers
            yield Asked("collection", question.text, texts, gold, answers, without is None)


def in_rows(count: int, rng: random.Random) -> Iterator[Asked]:
    """Yield invented questions on rows, lists and letters, also without the one that answers."""
    groups = tables.questions(count, rng)
    for place, group in enumerate(groups):
        passage = group.passages[0]
        others = [groups[(place + step) % count].passages[0].text for step in (1, 2, 3)]
        answers = tuple(passage.text[a:b] for answer in passage.answers for a, b in answer)
        gold = 0 if answers else None
        texts = (passage.text, *others)
        yield Asked("rows", group.question, texts, gold, answers, bool(answers))
        yield Asked("rows", group.question, tuple(others), None, (), answerable=False)


class Calibration:
    """Reads every passage of every question once, then fits one model after the other."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = RememberingEmbedder(embedder)
        self._reader = load_reader(embedder)
        _, self._tokenizer = load_parts()
        self._read: dict[tuple[str, str], Candidates] = {}
        self.choice: NDArray[np.float32] = np.eye(1, len(EVIDENCE), dtype=np.float32)[0]
        self.odds: NDArray[np.float32] = np.eye(1, len(EVIDENCE) + 1, dtype=np.float32)[0]

    def candidates(self, question: str, text: str) -> Candidates:
        """Return the possible spans of the passage's window that has the largest margin."""
        if (question, text) not in self._read:
            windows = [found for _, found in self._reader.candidates(question, [text])]
            best = max(windows, key=lambda found: float(found.values[0, 0]))
            self._read[question, text] = best
        return self._read[question, text]

    def chosen(self, question: str, text: str) -> tuple[tuple[int, int], Rows]:
        """Return the chosen span and its evidence."""
        found = self.candidates(question, text)
        place = int((found.values @ self.choice).argmax())
        return found.ranges[place], found.values[place]

    def fit_choice(self, asked: Sequence[Asked]) -> None:
        """Fit on the spans of the passages that answer."""
        lists, rewards = [], []
        for each in asked:
            if each.gold is None:
                continue
            text = each.texts[each.gold]
            found = self.candidates(each.question, text)
            spans = [text[start:end] for start, end in found.ranges]
            gains = [exact(s, each.answers) + OVERLAP_REWARD * f1(s, each.answers) for s in spans]
            lists.append(found.values)
            rewards.append(np.array(gains))
        self.choice = choice(lists, rewards, CHOICE_RIDGE)

    def fit_odds(self, asked: Sequence[Asked]) -> None:
        """Fit on the chosen spans of all passages."""
        values, labels = [], []
        for each in asked:
            for place, text in enumerate(each.texts):
                (start, end), evidence = self.chosen(each.question, text)
                right = place == each.gold and f1(text[start:end], each.answers) >= ENOUGH_OVERLAP
                values.append(evidence)
                labels.append(float(right))
        self.odds = logistic(np.array(values), np.array(labels))

    def features(self, each: Asked) -> list[float]:
        """Return the values that tell whether the question is answerable."""
        spans = []
        for place, text in enumerate(each.texts):
            (start, end), evidence = self.chosen(each.question, text)
            score = float(evidence @ self.odds[:-1]) + float(self.odds[-1])
            spans.append(Span(place, start, end, score))
        question = Evidence(self._tokenizer, each.question)
        given = (self._tokenizer, self._embedder, each.question, each.texts, spans)
        return features(question, *given)


def tuning_collection(data: Path) -> Collection:
    """Return the tuning titles among a few training titles without their questions."""
    everything = corpus.paragraphs(data)
    apart = {*corpus.HELD_OUT, *corpus.TUNING}
    others = sorted({p.title for p in everything} - apart)[:DISTRACTING]
    tuning = [p for p in everything if p.title in corpus.TUNING]
    mute = [corpus.Paragraph(p.title, p.text) for p in everything if p.title in others]
    return Collection(tuning + mute, load_encoder())


def store(**coefficients: NDArray[np.float32]) -> None:
    """Replace coefficients in the shipped file."""
    tensors = {name: np.array(tensor) for name, tensor in read_tensors(TARGET).items()}
    write_tensors(TARGET, tensors | coefficients)


def show(name: str, inputs: Sequence[str], coefficients: NDArray[np.float32]) -> None:
    """Print coefficients by name."""
    pairs = zip((*inputs, "constant"), coefficients, strict=False)
    print(f"{name}:", ", ".join(f"{each} {value:.2f}" for each, value in pairs))


def main() -> None:
    """Calibrate, and print the figures on what it was calibrated with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    collection = tuning_collection(parser.parse_args().data)
    paragraphs = list(in_paragraphs(collection))
    found = list(in_collection(collection))
    rows = list(in_rows(ROWS, random.Random(SEED)))
    calibration = Calibration(collection.encoder)
    calibration.fit_choice(paragraphs + rows)
    show("choice", EVIDENCE, calibration.choice)
    calibration.fit_odds(found + rows)
    show("odds", EVIDENCE, calibration.odds)
    store(choice=calibration.choice, odds=calibration.odds)

    store(answerable=fit_answerable(calibration, paragraphs, found, rows))


def fit_answerable(calibration: Calibration, *kinds: Sequence[Asked]) -> NDArray[np.float32]:
    """Return the two models of `answerable.probability`, and print how well they tell."""
    asked = [each for kind in kinds for each in kind]
    values = np.array([calibration.features(each) for each in asked])
    labels = np.array([float(each.answerable) for each in asked])
    names = np.array([each.kind for each in asked])
    spoken = names != "paragraph"
    settled = names != "collection"
    models = np.stack(
        [
            logistic(values[spoken], labels[spoken]),
            logistic(values[settled], labels[settled], SETTLED),
        ]
    )
    show("spoken of", FEATURES, models[0])
    show("settled", FEATURES, models[1])
    chances = np.array([probability(list(row), models) for row in values])
    for kind in sorted(set(names)):
        yes, no = ((names == kind) & (labels == label) for label in (1, 0))
        area = auroc(list(chances[yes]), list(chances[no]))
        above = [float((chances[side] >= 0.5).mean()) for side in (yes, no)]
        print(f"{kind}: AUROC {area:.3f}, above one half {above[0]:.2f} and {above[1]:.2f}")
    return models


if __name__ == "__main__":
    main()
