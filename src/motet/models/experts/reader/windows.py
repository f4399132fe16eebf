"""Windows: a question with as much of a passage as the encoder reads at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from motet.models.encoder.wordpiece import Tokenizer

TOKENS = 288
"""Tokens of a window, question and control tokens included, as in training."""
QUESTION_TOKENS = 48
OVERLAP = 96


@dataclass(frozen=True, slots=True)
class Window:
    """`[CLS] question [SEP] passage piece [SEP]`.

    `first` is the place of the passage's first token; `starts` and `ends` are the code-point
    ranges in the whole passage, for the passage's tokens only.
    """

    ids: list[int]
    first: int
    starts: list[int]
    ends: list[int]


def windows(tokenizer: Tokenizer, question: str, passage: str) -> Iterator[Window]:
    """Yield windows that overlap by 96 tokens; none if the passage holds no token."""
    asked = tokenizer.encode(question).ids[:QUESTION_TOKENS]
    encoding = tokenizer.encode(passage)
    room = TOKENS - len(asked) - 3
    count = len(encoding.ids)
    for low in range(0, max(1, count - OVERLAP), room - OVERLAP):
        high = min(count, low + room)
        if low == high:
            return
        yield Window(
            [
                tokenizer.begin,
                *asked,
                tokenizer.end,
                *encoding.ids[low:high],
                tokenizer.end,
            ],
            len(asked) + 2,
            encoding.starts[low:high],
            encoding.ends[low:high],
        )
        if high == count:
            return
