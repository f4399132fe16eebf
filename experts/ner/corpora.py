"""Sentences with named spans from the collections, in one set of labels.

Every collection marks names in its own way. A sentence says with `knows_misc` whether its
collection marks works, products and events at all, and with `unsure` which ranges nothing may
be learnt from.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import gum

PERSON, ORGANISATION, PLACE, MISC = "person", "organisation", "place", "misc"
NAMES = {
    "PER": PERSON,
    "person": PERSON,
    "ORG": ORGANISATION,
    "corporation": ORGANISATION,
    "group": ORGANISATION,
    "LOC": PLACE,
    "location": PLACE,
    "MISC": MISC,
    "product": MISC,
    "creative-work": MISC,
}
ROLES = frozenset({"borrower", "lender", "bank", "remarketing agent", "paying agent", "erisa"})
ADDRESS = "http://t.co"
NO_SPACE_BEFORE = frozenset({".", ",", ":", ";", "!", "?", ")", "]", "'s", "n't", "%", "'", "’s"})
NO_SPACE_AFTER = frozenset({"(", "[", "$", "#"})

Span = tuple[int, int, str]


@dataclass(slots=True)
class Sentence:
    """A text with its names: (start, end, label) in code points, in order, none overlapping."""

    corpus: str
    document: str
    text: str
    spans: list[Span]
    knows_misc: bool
    unsure: list[tuple[int, int]] = field(default_factory=list)


Row = tuple[str, str]


def digest(folder: Path) -> str:
    """Return the SHA-256 over all files of the folder, in the order of their paths."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(path.read_bytes())
    return total.hexdigest()


def held_out(document: str) -> bool:
    """Whether a document of UNER is for the report only: half of them, by their hash."""
    return _first_digit(document) < 8


def tuning(document: str) -> bool:
    """Whether a document of UNER chooses settings: an eighth of them, by their hash."""
    return _first_digit(document) >= 14


def _first_digit(document: str) -> int:
    return int(hashlib.sha256(document.encode()).hexdigest()[0], 16)


def uner(folder: Path) -> list[Sentence]:
    """Return Universal NER's sentences of the English Web Treebank, with their raw texts."""
    sentences: list[Sentence] = []
    document, text, rows = "", "", list[Row]()
    for line in [*(folder / "uner_dev.iob2").read_text("utf-8").split("\n"), ""]:
        if line.startswith("# newdoc id"):
            document = line.partition("=")[2].strip()
        elif line.startswith("# text"):
            text = line.partition("=")[2].strip()
        elif line and not line.startswith("#"):
            _, word, tag, *_ = line.split("\t")
            rows.append((word, tag))
        elif not line and rows:
            spans = list(_spans(rows, place_words([word for word, _ in rows], text)))
            sentences.append(Sentence("uner", document, text, spans, knows_misc=False))
            rows = []
    return sentences


def place_words(words: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Return where each word stands in the text that they were split from."""
    ranges = []
    at = 0
    for word in words:
        start = text.index(word, at)
        at = start + len(word)
        ranges.append((start, at))
    return ranges


def columns(path: Path, corpus: str, *, knows_misc: bool) -> list[Sentence]:
    """Return the sentences of a file with a word a line, its tag in the last column."""
    sentences: list[Sentence] = []
    rows: list[Row] = []
    for line in [*path.read_text("utf-8").split("\n"), ""]:
        cells = line.split()
        if len(cells) > 1 and cells[0] != "-DOCSTART-":
            rows.append((ADDRESS if cells[0].startswith("http") else cells[0], cells[-1]))
        elif not cells and rows:
            document = f"{path.stem}-{len(sentences)}"
            sentences.append(_joined(corpus, document, rows, knows_misc))
            rows = []
    return sentences


def _joined(corpus: str, document: str, rows: Sequence[Row], knows_misc: bool) -> Sentence:
    """Join the words as people write them; user names and parties' roles teach nothing."""
    text, ranges = spaced([word for word, _ in rows])
    spans = list(_spans(rows, ranges))
    unsure = [
        (start, end) for start, end, _ in spans if text[start:end].lower().strip() in ROLES
    ] + [match.span() for match in re.finditer(r"[@＠] ?\w+", text)]
    return Sentence(corpus, document, text, spans, knows_misc, unsure)


def spaced(words: Iterable[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return the words as one text without spaces before full stops and the like."""
    text, ranges = "", []
    glue = True
    for word in words:
        if not glue and word not in NO_SPACE_BEFORE:
            text += " "
        ranges.append((len(text), len(text) + len(word)))
        text += word
        glue = word in NO_SPACE_AFTER
    return text, ranges


def _spans(rows: Sequence[Row], ranges: Sequence[tuple[int, int]]) -> Iterator[Span]:
    """Yield names from IOB1 or IOB2 tags."""
    opened: tuple[int, int, str] | None = None
    for (_, tag), (start, end) in zip(rows, ranges, strict=True):
        mark, _, kind = tag.partition("-")
        label = NAMES.get(kind)
        if opened and mark == "I" and label == opened[2]:
            opened = (opened[0], end, label)
            continue
        if opened:
            yield opened
        opened = (start, end, label) if label else None
    if opened:
        yield opened


def training(folder: Path) -> dict[str, list[Sentence]]:
    """Return all sentences but the held-out ones, by collection."""
    tweets = [
        sentence
        for path in sorted(folder.glob("btc_*.conll"))
        for sentence in columns(path, "btc", knows_misc=False)
        if any(span[:2] not in sentence.unsure for span in sentence.spans)
    ]
    user_text = [
        sentence
        for name in ("wnut17_train.conll", "wnut17_dev.conll")
        for sentence in columns(folder / name, "wnut", knows_misc=True)
    ]
    return {
        "uner": [each for each in uner(folder) if not held_out(each.document)],
        "gum": [
            Sentence("gum", document, text, spans, knows_misc=True, unsure=unsure)
            for document, text, spans, unsure in gum.sentences(folder / "gum")
        ],
        "wikigold": columns(folder / "wikigold.conll", "wikigold", knows_misc=True),
        "wnut": user_text,
        "btc": tweets,
        "sec": columns(folder / "sec_train.txt", "sec", knows_misc=False),
    }
