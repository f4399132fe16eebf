"""Examples: sentences packed, varied and split into units with the tags each may have."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from corpora import MISC, Sentence, Span
from model import CORPORA
from torch import Tensor

from motet.models.encoder.wordpiece import Tokenizer
from motet.models.experts.ner.tags import COUNT, OUTSIDE, begin
from motet.models.experts.ner.units import units

SHARES = {"uner": 4.0, "gum": 0.5, "wikigold": 0.8, "wnut": 0.3, "btc": 0.15, "sec": 0.05}
"""How often a collection's sentences are seen in an epoch."""

PACKED = frozenset({"uner", "gum", "wikigold", "sec"})
"""Collections whose neighbouring sentences belong together."""

PACK_SHARE = 0.5
PACK_CHARACTERS = 400
LONGEST = 250
LOWERED, RAISED = 0.06, 0.03
SWAPPED = 0.15


@dataclass(frozen=True, slots=True)
class Example:
    """One input: pieces with [CLS] and [SEP], shapes of pieces, units' first pieces, tags."""

    corpus: int
    tokens: list[int]
    shapes: list[int]
    first: list[int]
    allowed: list[list[bool]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples padded to one shape; see `Tagger.emissions` and `model.loss`."""

    corpus: Tensor
    tokens: Tensor
    shapes: Tensor
    lengths: Tensor
    first: Tensor
    allowed: Tensor
    counts: Tensor


def example(tokenizer: Tokenizer, sentence: Sentence) -> Example:
    """Split a sentence into units and say which tags each may have; cut at 250 pieces."""
    found = units(tokenizer, sentence.text)
    pieces = min(len(found.ids), LONGEST)
    count = sum(first < pieces for first in found.first)
    allowed = []
    for start, end in zip(found.starts[:count], found.ends[:count], strict=True):
        allowed.append(_allowed(sentence, start, end))
    shapes = [found.shapes[owner] for owner in found.owner[:pieces]]
    return Example(
        CORPORA.index(sentence.corpus),
        [tokenizer.begin, *found.ids[:pieces], tokenizer.end],
        [0, *shapes, 0],
        [1 + place for place in found.first[:count]],
        allowed,
    )


def _allowed(sentence: Sentence, start: int, end: int) -> list[bool]:
    if any(low < end and start < high for low, high in sentence.unsure):
        return [True] * COUNT
    row = [False] * COUNT
    for low, high, label in sentence.spans:
        if low < end and start < high:
            row[begin(label) + (start > low)] = True
            return row
    row[OUTSIDE] = True
    if not sentence.knows_misc:
        row[begin(MISC)] = row[begin(MISC) + 1] = True
    return row


def collate(examples: Sequence[Example]) -> Batch:
    """Pad examples to the longest."""
    longest = max(len(each.tokens) for each in examples)
    most = max(len(each.first) for each in examples)
    blank = [True] * COUNT

    def padded(rows: Sequence[list[int]], size: int) -> Tensor:
        return torch.tensor([row + [0] * (size - len(row)) for row in rows])

    return Batch(
        torch.tensor([each.corpus for each in examples]),
        padded([each.tokens for each in examples], longest),
        padded([each.shapes for each in examples], longest),
        torch.tensor([len(each.tokens) for each in examples]),
        padded([each.first for each in examples], most),
        torch.tensor([each.allowed + [blank] * (most - len(each.first)) for each in examples]),
        torch.tensor([len(each.first) for each in examples]),
    )


def batches(examples: Sequence[Example], budget: int, order: random.Random) -> Iterator[Batch]:
    """Yield all examples in batches of like length, at most `budget` pieces with padding."""
    chosen = sorted(
        (each for each in examples if each.first),
        key=lambda each: len(each.tokens) * order.uniform(0.9, 1.1),
    )
    groups: list[list[Example]] = [[]]
    longest = 0
    for each in chosen:
        longest = max(longest, len(each.tokens))
        if groups[-1] and longest * (len(groups[-1]) + 1) > budget:
            groups.append([])
            longest = len(each.tokens)
        groups[-1].append(each)
    order.shuffle(groups)
    yield from map(collate, groups)


def epoch(
    corpora: dict[str, list[Sentence]], tokenizer: Tokenizer, order: random.Random, others: float
) -> list[Example]:
    """Return one epoch's examples: sampled, packed and varied anew.

    Of collections other than UNER, `others` of the usual share is taken.
    """
    names = pools(corpora)
    found = []
    for corpus, sentences in corpora.items():
        whole, rest = divmod(SHARES[corpus] * (1.0 if corpus == "uner" else others), 1)
        for _ in range(int(whole)):
            found += packed(sentences, order) if corpus in PACKED else sentences
        found += order.sample(sentences, int(rest * len(sentences)))
    return [example(tokenizer, varied(sentence, names, order)) for sentence in found]


def packed(sentences: Sequence[Sentence], order: random.Random) -> list[Sentence]:
    """Join half of the sentences with those that follow them in their document."""
    result: list[Sentence] = []
    grows = False
    for sentence in sentences:
        last = result[-1] if result else None
        size = len(sentence.text) + (len(last.text) if last else 0)
        same = last is not None and _together(last, sentence)
        if last is not None and grows and same and size < PACK_CHARACTERS:
            result[-1] = joined(last, sentence, order.choice(" \n"))
        else:
            result.append(sentence)
            grows = order.random() < PACK_SHARE
    return result


def _together(last: Sentence, sentence: Sentence) -> bool:
    """Whether two sentences are of one document; the last two collections do not tell."""
    return last.corpus in ("wikigold", "sec") or last.document == sentence.document


def joined(left: Sentence, right: Sentence, space: str) -> Sentence:
    """Return two sentences as one text."""
    shift = len(left.text) + len(space)
    return Sentence(
        left.corpus,
        left.document,
        left.text + space + right.text,
        left.spans + [(start + shift, end + shift, label) for start, end, label in right.spans],
        left.knows_misc,
        left.unsure + [(start + shift, end + shift) for start, end in right.unsure],
    )


def pools(corpora: dict[str, list[Sentence]]) -> dict[str, list[str]]:
    """Return the names in the sentences by label, tweets and contracts left out."""
    found: dict[str, set[str]] = defaultdict(set)
    for corpus in ("uner", "gum", "wikigold", "wnut"):
        for sentence in corpora[corpus]:
            for start, end, label in sentence.spans:
                found[label].add(sentence.text[start:end])
    return {label: sorted(names) for label, names in sorted(found.items())}


def varied(sentence: Sentence, names: dict[str, list[str]], order: random.Random) -> Sentence:
    """Return the sentence with some names exchanged, and now and then in another case."""
    if sentence.corpus not in PACKED:
        return sentence
    if not sentence.unsure:
        sentence = _exchanged(sentence, names, order)
    chance = order.random()
    text = sentence.text
    if chance < LOWERED:
        text = text.lower()
    elif chance < LOWERED + RAISED:
        text = text.upper()
    if len(text) != len(sentence.text):
        return sentence
    return Sentence(
        sentence.corpus,
        sentence.document,
        text,
        sentence.spans,
        sentence.knows_misc,
        sentence.unsure,
    )


def _exchanged(sentence: Sentence, names: dict[str, list[str]], order: random.Random) -> Sentence:
    text, at, spans = "", 0, list[Span]()
    for start, end, label in sentence.spans:
        text += sentence.text[at:start]
        name = sentence.text[start:end]
        if order.random() < SWAPPED:
            name = order.choice(names[label])
        spans.append((len(text), len(text) + len(name), label))
        text += name
        at = end
    text += sentence.text[at:]
    return Sentence(sentence.corpus, sentence.document, text, spans, sentence.knows_misc)
