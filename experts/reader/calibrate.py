"""Fit the weights of the evidence on the tuning titles, and store them with the weights.

    python experts/reader/calibrate.py --data DIR

Two small logistic models: whether a span answers (`evidence`), on the spans of the passages
that retrieval finds; and whether a question is answerable (`answerable`), on people's
unanswerable questions and on questions whose article is taken away.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import corpus
import numpy as np
from measure import auroc, f1
from numpy.typing import NDArray
from quality import READ, Collection, Remembering, cases

import motet.models.experts.reader.weights as reader_weights
from motet.core.tensors import read_tensors, write_tensors
from motet.models.encoder import load_encoder
from motet.models.experts.reader import Reader, load_reader
from motet.models.experts.reader.answerable import FEATURES, features
from motet.models.experts.reader.evidence import EVIDENCE

DISTRACTING = 6
"""Training titles that share the tuning collection, so that a removed article leaves others."""
TARGET = Path(reader_weights.__file__).with_name(reader_weights.FILE)
RIDGE = 1e-3
STEPS = 50
ENOUGH_OVERLAP = 0.5

Rows = NDArray[np.float64]


def logistic(values: Rows, labels: Rows) -> NDArray[np.float32]:
    """Return coefficients and a constant: Newton's method, classes weighing the same."""
    scale = values.std(axis=0) + 1e-9
    inputs = np.column_stack([values / scale, np.ones(len(values))])
    weights = np.where(labels > 0, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
    found = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-inputs @ found))
        slope = inputs.T @ (weights * (chance - labels)) / len(labels) + RIDGE * found
        bend = inputs.T @ (inputs * (weights * chance * (1 - chance))[:, None]) / len(labels)
        found -= np.linalg.solve(bend + RIDGE * np.eye(len(found)), slope)
    return np.append(found[:-1] / scale, found[-1]).astype(np.float32)


def span_rows(
    reads: Remembering, reader: Reader, collection: Collection
) -> Iterator[tuple[list[float], float]]:
    """Yield the evidence of each span found, and whether it answers."""
    for case in cases(collection.paragraphs, answerable=True):
        question = case.question
        found = collection.search(question.text).fused[:READ]
        texts = [collection.paragraphs[place].text for place in found]
        weigh = reader.evidence(question.text)
        for span in reads.read(question.text, texts):
            text = texts[span.passage]
            overlap = f1(text[span.start : span.end], question.answers)
            right = found[span.passage] == case.place and overlap >= ENOUGH_OVERLAP
            yield weigh.values(text, span.start, span.end, span.score), float(right)


def question_rows(
    reads: Remembering, fitted: Reader, collection: Collection
) -> Iterator[tuple[list[float], float, str]]:
    """Yield features, whether the question is answerable, and the kind of test.

    `reads` gives spans with bare margins, `fitted` weighs them.
    """
    embedder = load_encoder()

    def row(question: str, texts: Sequence[str]) -> list[float]:
        weigh = fitted.evidence(question)
        spans = [
            replace(span, score=weigh.log_odds(text, span.start, span.end, span.score))
            for text, span in zip(texts, reads.read(question, texts), strict=True)
        ]
        return features(weigh, embedder, question, texts, spans)

    for answerable in (True, False):
        for case in cases(collection.paragraphs, answerable=answerable):
            paragraph = collection.paragraphs[case.place]
            question = case.question.text
            yield row(question, [paragraph.text]), float(answerable), "adversarial"
            if answerable:
                for without in (None, paragraph.title):
                    found = collection.search(question, without).fused[:READ]
                    texts = [collection.paragraphs[place].text for place in found]
                    yield row(question, texts), float(without is None), "removed"


def store(**coefficients: NDArray[np.float32]) -> None:
    """Replace coefficients in the shipped file."""
    tensors = {name: np.array(tensor) for name, tensor in read_tensors(TARGET).items()}
    write_tensors(TARGET, tensors | coefficients)


def tuning_collection(data: Path) -> Collection:
    """Return the tuning titles among a few training titles without their questions."""
    everything = corpus.paragraphs(data)
    apart = {*corpus.HELD_OUT, *corpus.TUNING}
    others = sorted({p.title for p in everything} - apart)[:DISTRACTING]
    tuning = [p for p in everything if p.title in corpus.TUNING]
    mute = [corpus.Paragraph(p.title, p.text) for p in everything if p.title in others]
    return Collection(tuning + mute, load_encoder())


def main() -> None:
    """Calibrate, and print the figures on the tuning titles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    collection = tuning_collection(parser.parse_args().data)

    store(evidence=np.eye(1, len(EVIDENCE) + 1, dtype=np.float32)[0])
    bare = load_reader()
    reads = Remembering(bare)
    values, labels = map(np.array, zip(*span_rows(reads, bare, collection), strict=True))
    evidence = logistic(values, labels)
    store(evidence=evidence)
    print("evidence", dict(zip((*EVIDENCE, "constant"), evidence.round(3), strict=True)))

    rows = list(question_rows(reads, load_reader(), collection))
    values, labels = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    answerable = logistic(values, labels)
    store(answerable=answerable)
    print("answerable", dict(zip((*FEATURES, "constant"), answerable.round(3), strict=True)))
    for kind in ("adversarial", "removed"):
        mine = np.array([row[2] == kind for row in rows])
        scores = values[mine] @ answerable[:-1]
        print(kind, auroc(list(scores[labels[mine] > 0]), list(scores[labels[mine] == 0])))


if __name__ == "__main__":
    main()
