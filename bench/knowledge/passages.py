"""Passages with vectors for the benchmarks of search: any number of them, from real sentences.

The sentences of passages (JSON as of SQuAD, HotpotQA's and 2WikiMultihopQA's corpora, or plain
text) are embedded once with the base encoder. A passage is two sentences of one paragraph, one
of another paragraph under the same title and one of anywhere; its vector is the mean of theirs,
weighed at random, moved by .15 times the difference of two others. So words and vectors are
distributed, and go together, as in real text. Questions are those of the files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motet.core.json import JSON
from motet.core.text import sentences
from motet.knowledge.chunks import Chunk
from motet.knowledge.prepare import Prepared
from motet.knowledge.store import Store
from motet.models.encoder import load_encoder

DIMENSIONS = 384
PER_DOCUMENT = 20
"""Passages of one document."""
PART = 20_000
JITTER = 0.15


@dataclass(frozen=True, slots=True)
class Passages:
    """`texts` (n), unit `vectors` (n, 384) in float16, `questions` and their `asked` (m, 384)."""

    texts: list[str]
    vectors: NDArray[np.float16]
    questions: list[str]
    asked: NDArray[np.float32]


def make(files: Sequence[Path], count: int, work: Path) -> Passages:
    """Return passages made of the files; what is embedded is kept in the folder `work`."""
    groups, questions = _read(files)
    flat = [*dict.fromkeys(sentence for _, group in groups for sentence in group)]
    known, asked = _embedded(flat, questions, work)
    number = {sentence: at for at, sentence in enumerate(flat)}
    paragraphs = [(title, [number[each] for each in group]) for title, group in groups]
    texts: list[str] = []
    vectors = np.empty((count, DIMENSIONS), np.float16)
    random = np.random.default_rng(5)
    for first in range(0, count, PART):
        some = min(PART, count - first)
        members = _members(random, paragraphs, len(flat), some)
        vectors[first : first + some] = _mixed(random, known, members)
        texts += [" ".join(flat[each] for each in dict.fromkeys(row)) for row in members.tolist()]
    return Passages(texts, vectors, questions, asked)


def fill(store: Store, passages: Passages, embedder: str) -> None:
    """Put the passages into a store, twenty to a document, a hundred documents to a commit."""
    names = documents(len(passages.texts))
    for first in range(0, len(names), 100):
        with store.write():
            for at in range(first, min(first + 100, len(names))):
                low, high = at * PER_DOCUMENT, min((at + 1) * PER_DOCUMENT, len(passages.texts))
                store.put(
                    names[at],
                    version=f"{at:064x}",
                    size=1,
                    fingerprint="",
                    prepared=_prepared(passages.texts[low:high]),
                    vectors=(embedder, passages.vectors[low:high], range(high - low)),
                )


def documents(count: int) -> list[str]:
    """Return the names of the documents: the first hundredth, tenth... have folders of their own.

    `part/one/*` holds 1% and `part/ten/*` 10% of them, spread evenly.
    """
    number = -(-count // PER_DOCUMENT)
    return [
        f"part/{'one' if at % 100 == 7 else 'ten' if at % 10 == 3 else 'rest'}/{at}.txt"
        for at in range(number)
    ]


def _prepared(texts: list[str]) -> Prepared:
    whole, chunks = "", []
    for text in texts:
        start = len(whole)
        chunks.append(Chunk("text", None, start, start + len(text), ""))
        whole += f"{text}\n\n"
    return Prepared("text/plain", None, whole, (), (), tuple(chunks), (), ())


def _read(files: Sequence[Path]) -> tuple[list[tuple[str, list[str]]], list[str]]:
    groups: list[tuple[str, list[str]]] = []
    questions: list[str] = []
    for file in files:
        text = file.read_text()
        found = json.loads(text) if file.suffix == ".json" else {file.stem: text}
        for title, paragraph, asked in _paragraphs(found):
            groups.append((title, _sentences(paragraph)))
            questions += asked
    return [each for each in groups if each[1]], [
        *dict.fromkeys(each.strip() for each in questions)
    ]


def _paragraphs(found: JSON) -> Iterator[tuple[str, str, list[str]]]:
    found = found.get("data", found) if isinstance(found, dict) else found
    if isinstance(found, dict):
        for title, text in found.items():
            yield title, text if isinstance(text, str) else " ".join(text), []
        return
    for each in found:
        if "paragraphs" in each and "title" in each:
            for part in each["paragraphs"]:
                yield each["title"], part["context"], [qa["question"] for qa in part["qas"][:1]]
        elif "text" in each:
            yield each["title"], each["text"], []
        elif "question" in each:
            yield "", "", [each["question"]]


def _sentences(text: str) -> list[str]:
    return [text[low:high] for low, high in sentences(text) if 25 <= high - low <= 500]


def _embedded(
    flat: list[str], questions: list[str], work: Path
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    kept = work / f"sentences-{len(flat)}-{len(questions)}.npz"
    if not kept.exists():
        encoder = load_encoder()
        parts = [encoder.embed(flat[at : at + 512]) for at in range(0, len(flat), 512)]
        work.mkdir(parents=True, exist_ok=True)
        np.savez(kept, known=np.concatenate(parts), asked=encoder.embed(questions))
    found = np.load(kept)
    return found["known"].astype(np.float32), found["asked"].astype(np.float32)


def _members(
    random: np.random.Generator,
    paragraphs: list[tuple[str, list[int]]],
    sentences: int,
    count: int,
) -> NDArray[np.int64]:
    titled: dict[str, list[list[int]]] = {}
    for title, group in paragraphs:
        titled.setdefault(title, []).append(group)
    members = np.empty((count, 4), np.int64)
    for at, chosen in enumerate(random.integers(0, len(paragraphs), count)):
        title, group = paragraphs[chosen]
        sibling = titled[title][random.integers(len(titled[title]))]
        members[at, :2] = random.choice(group, 2)
        members[at, 2:] = random.choice(sibling), random.integers(sentences)
    return members


def _mixed(
    random: np.random.Generator, known: NDArray[np.float32], members: NDArray[np.int64]
) -> NDArray[np.float32]:
    weights = random.dirichlet((2, 2, 2, 0.7), len(members)).astype(np.float32)
    mixed = _unit(np.einsum("ij,ijk->ik", weights, known[members]))
    ends = random.integers(0, len(known), (2, len(members)))
    return _unit(mixed + JITTER * (known[ends[0]] - known[ends[1]]))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths
