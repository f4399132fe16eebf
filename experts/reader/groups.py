"""Questions with passages, tokenised and batched."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from questions import Group, Passage, Range
from tokenizers import Tokenizer
from torch import Tensor

QUESTION_TOKENS = 48


@dataclass(frozen=True, slots=True)
class Row:
    """One tokenised pair: `[CLS] question [SEP] passage [SEP]` and the gold positions."""

    tokens: list[int]
    first: int
    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded tensors; `group[i]` numbers the question of row i."""

    tokens: Tensor
    types: Tensor
    lengths: Tensor
    inside: Tensor
    starts: Tensor
    ends: Tensor
    group: Tensor


def load_tokenizer(path: Path) -> Tokenizer:
    """Return the base's tokenizer without its preset padding and truncation."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class Rows:
    """Tokenises groups; long passages are cut to a window that holds an answer."""

    def __init__(self, tokenizer: Tokenizer, limit: int) -> None:
        self._tokenizer = tokenizer
        self.limit = limit
        self._cache: dict[str, tuple[list[int], list[Range]]] = {}

    def _encode(self, text: str) -> tuple[list[int], list[Range]]:
        if text not in self._cache:
            encoding = self._tokenizer.encode(text, add_special_tokens=False)
            self._cache[text] = (encoding.ids, encoding.offsets)
        return self._cache[text]

    def row(self, question: str, passage: Passage, rng: random.Random) -> Row:
        """Return the pair with one annotator's answer, drawn by `rng`."""
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids[:QUESTION_TOKENS]
        ids, offsets = self._encode(passage.text)
        spans = []
        for start, end in rng.choice(passage.answers) if passage.answers else ():
            held = [i for i, (a, b) in enumerate(offsets) if a < end and b > start]
            if held:
                spans.append((held[0], held[-1]))
        room = self.limit - len(asked) - 3
        low = 0
        if len(ids) > room:
            first, last = spans[0] if spans else (rng.randrange(len(ids)),) * 2
            low = rng.randint(max(0, last - room + 1), max(0, min(first, len(ids) - room)))
        high = min(len(ids), low + room)
        first_token = len(asked) + 2
        kept = [(a - low, b - low) for a, b in spans if a >= low and b < high]
        return Row(
            [101, *asked, 102, *ids[low:high], 102],
            first_token,
            [first_token + a for a, _ in kept],
            [first_token + b for _, b in kept],
        )

    def pair(self, question: str, passage: str) -> tuple[Row, list[Range]]:
        """Return the pair without gold, and the code-point range of each passage token."""
        row = self.row(question, Passage(passage, ()), random.Random(0))
        offsets = self._encode(passage)[1]
        return row, offsets


def collate(groups: Sequence[Sequence[Row]]) -> Batch:
    """Pad the rows of several questions to one batch."""
    rows = [(row, index) for index, group in enumerate(groups) for row in group]
    width = max(len(row.tokens) for row, _ in rows)
    width += -width % 8
    shape = (len(rows), width)
    tokens, types = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    inside, starts, ends = (np.zeros(shape, np.bool_) for _ in range(3))
    for i, (row, _) in enumerate(rows):
        length = len(row.tokens)
        tokens[i, :length] = row.tokens
        types[i, row.first : length] = 1
        inside[i, row.first : length - 1] = True
        starts[i, row.starts or [0]] = True
        ends[i, row.ends or [0]] = True
    return Batch(
        torch.from_numpy(tokens),
        torch.from_numpy(types),
        torch.tensor([len(row.tokens) for row, _ in rows]),
        torch.from_numpy(inside),
        torch.from_numpy(starts),
        torch.from_numpy(ends),
        torch.tensor([index for _, index in rows]),
    )


def batches(
    groups: Sequence[Group], rows: Rows, budget: int, rng: random.Random
) -> Iterator[Batch]:
    """Yield shuffled batches of at most about `budget` padded tokens, of similar lengths."""
    order = list(groups)
    rng.shuffle(order)
    for begin in range(0, len(order), 600):
        chunk = [
            [row]
            if len(group.passages) == 1
            else [row, *(rows.row(group.question, p, rng) for p in group.passages[1:])]
            for group in order[begin : begin + 600]
            for row in [rows.row(group.question, group.passages[0], rng)]
        ]
        chunk.sort(key=lambda group: max(len(row.tokens) for row in group))
        packed: list[list[list[Row]]] = []
        current: list[list[Row]] = []
        for group in chunk:
            width = max(len(row.tokens) for row in group)
            if current and width * (sum(map(len, current)) + len(group)) > budget:
                packed.append(current)
                current = []
            current.append(group)
        packed.append(current)
        rng.shuffle(packed)
        yield from map(collate, packed)
