"""The name finder on the held-out half of UNER: F1, sureness, speed.

    python bench/ner.py DATA

DATA (or the environment's MOTET_DATA) holds `ner/`. A span counts only with its exact ends and
its label; intervals are bootstraps over documents. The floor, without any training, looks the
names of the training half up in the text. Needs the base encoder (`motet setup`).
"""

from __future__ import annotations

import os
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "experts/ner"))

from corpora import Sentence, Span, held_out, uner  # noqa: E402
from measure import Counts, counts  # noqa: E402

from motet.core.graph import Named  # noqa: E402
from motet.models.encoder import Encoder, load_encoder  # noqa: E402
from motet.models.encoder.session import available_processors  # noqa: E402
from motet.models.experts.ner import load_names  # noqa: E402

LABELS = ("person", "organisation", "place")
SAMPLES = 2000
REPEATS = 5
BANDS = ((0.0, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01))


def interval(sentences: Sequence[Sentence], each: Sequence[Counts]) -> tuple[float, float]:
    """Return the 95% bootstrap interval of F1, documents drawn with replacement."""
    documents: dict[str, Counts] = defaultdict(Counts)
    for sentence, found in zip(sentences, each, strict=True):
        documents[sentence.document] += found
    pool = list(documents.values())
    rng = random.Random(0)
    values = sorted(sum(rng.choices(pool, k=len(pool)), Counts()).f1 for _ in range(SAMPLES))
    return values[SAMPLES // 40], values[-SAMPLES // 40]


def table(title: str, sentences: Sequence[Sentence], found: Sequence[Sequence[Span]]) -> None:
    """Print precision, recall and F1 for all labels together and one by one."""
    for name, labels in (("all", LABELS), *((label, (label,)) for label in LABELS)):
        each = [
            counts(spans, sentence.spans, labels)
            for spans, sentence in zip(found, sentences, strict=True)
        ]
        total = sum(each, Counts())
        low, high = interval(sentences, each)
        print(
            f"{title:11} {name:13} P {total.precision:.3f} R {total.recall:.3f} "
            f"F1 {total.f1:.3f} [{low:.3f}, {high:.3f}]  {total.there} names"
        )


def looked_up(known: Sequence[Sentence], sentences: Sequence[Sentence]) -> list[list[Span]]:
    """Return where names of known sentences stand, longest first, with their usual label."""
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    for sentence in known:
        for start, end, label in sentence.spans:
            labels[sentence.text[start:end]][label] += 1
    names = sorted(labels, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
    return [
        [(*match.span(), labels[match[0]].most_common(1)[0][0]) for match in found]
        for found in (pattern.finditer(sentence.text) for sentence in sentences)
    ]


def sureness(sentences: Sequence[Sentence], found: Sequence[Sequence[Named]]) -> None:
    """Print how often names of a range of scores are right."""
    scored = [
        (name.score, (name.start, name.end, name.label) in sentence.spans)
        for names, sentence in zip(found, sentences, strict=True)
        for name in names
        if name.label in LABELS
    ]
    for low, high in BANDS:
        band = [(score, right) for score, right in scored if low <= score < high]
        if band:
            mean = sum(score for score, _ in band) / len(band)
            right = sum(right for _, right in band) / len(band)
            print(
                f"score {low:.2f} to {min(high, 1):.2f}: mean {mean:.3f}, right {right:.3f}"
                f" of {len(band)}"
            )


def in_documents(
    find: Callable[[Sequence[str]], list[list[Named]]], sentences: Sequence[Sentence]
) -> list[list[Span]]:
    """Return the names of each sentence as found in its document, a sentence a line."""
    found: list[list[Span]] = []
    for _, group in groupby(sentences, key=lambda sentence: sentence.document):
        lines = [sentence.text for sentence in group]
        [names] = find(["\n".join(lines)])
        begin = 0
        for line in lines:
            end = begin + len(line)
            found.append(
                [
                    (name.start - begin, name.end - begin, name.label)
                    for name in names
                    if begin <= name.start < end
                ]
            )
            begin = end + 1
    return found


def speed(encoder: Encoder, find: Callable[[Sequence[str]], object], texts: list[str]) -> None:
    """Print texts per second, and CPU time, of finding names and of embedding, in turn."""
    long = [" ".join(texts[first : first + 12]) for first in range(0, len(texts) - 12, 12)]
    for name, given in (("sentences", texts), ("chunks of 12 sentences", long)):
        walls: tuple[list[float], list[float]] = ([], [])
        processor: tuple[list[float], list[float]] = ([], [])
        for _ in range(REPEATS):
            for place, work in enumerate((find, encoder.embed)):
                wall, cpu = time.perf_counter(), time.process_time()
                work(given)
                walls[place].append(time.perf_counter() - wall)
                processor[place].append(time.process_time() - cpu)
        names, embed = (len(given) / min(each) for each in walls)
        costs = [min(each) * 1000 / len(given) for each in processor]
        print(
            f"{name}: names {names:.0f}/s {costs[0]:.2f} ms CPU, "
            f"embedding {embed:.0f}/s {costs[1]:.2f} ms CPU"
        )


def main() -> None:
    """Print everything."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["MOTET_DATA"]) / "ner"
    every = uner(data)
    sentences = [sentence for sentence in every if held_out(sentence.document)]
    known = [sentence for sentence in every if not held_out(sentence.document)]
    texts = [sentence.text for sentence in sentences]
    encoder = load_encoder()
    finder = load_names(encoder)
    documents = len({sentence.document for sentence in sentences})
    print(f"{finder.name}: {len(texts)} sentences of {documents} held-out documents")
    found = finder.find(texts)
    spans = [[(name.start, name.end, name.label) for name in names] for names in found]
    table("names", sentences, spans)
    table("in document", sentences, in_documents(finder.find, sentences))
    table("look-up", sentences, looked_up(known, sentences))
    sureness(sentences, found)
    print(f"{available_processors()} processors")
    speed(encoder, finder.find, texts)


if __name__ == "__main__":
    main()
