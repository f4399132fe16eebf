"""Windows: a question with as much of a passage as the encoder reads at once."""

from __future__ import annotations

from bisect import bisect_left
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

    `first` is the place of the passage's first token, `open` of the first that an answer may
    begin with; `starts` and `ends` are the code-point ranges in the whole passage, for the
    tokens from `open` on.
    """

    ids: list[int]
    first: int
    open: int
    starts: list[int]
    ends: list[int]


def windows(tokenizer: Tokenizer, question: str, passage: str, skip: int = 0) -> Iterator[Window]:
    """Yield windows that overlap by 96 tokens; none if the passage holds no token.

    The passage's first `skip` code points are read but are no part of an answer.
    """
    asked = tokenizer.encode(question).ids[:QUESTION_TOKENS]
    encoding = tokenizer.encode(passage)
    room = TOKENS - len(asked) - 3
    count = len(encoding.ids)
    for low in range(0, max(1, count - OVERLAP), room - OVERLAP):
        high = min(count, low + room)
        if low == high:
            return
        closed = bisect_left(encoding.starts, skip, low, high) - low
        if low + closed < high:
            first = len(asked) + 2
            ids = [*asked, tokenizer.end, *encoding.ids[low:high], tokenizer.end]
            yield Window(
                [tokenizer.begin, *ids],
                first,
                first + closed,
                encoding.starts[low + closed : high],
                encoding.ends[low + closed : high],
            )
        if high == count:
            return
