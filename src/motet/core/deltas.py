"""Texts that grow: what is new against an earlier one."""

from __future__ import annotations

from typing import NamedTuple


class Delta(NamedTuple):
    """The first `head` and last `tail` characters are the base's, `middle` stands between."""

    head: int
    tail: int
    middle: str


def between(base: str, text: str) -> Delta:
    """Return what turns the base into the text. Takes O(n log n) comparisons of memory."""
    head = _common(base, text, min(len(base), len(text)))
    rest = min(len(base), len(text)) - head
    tail = _common_end(base, text, rest)
    return Delta(head, tail, text[head : len(text) - tail])


def apply(base: str, delta: Delta) -> str:
    """Return the text."""
    return base[: delta.head] + delta.middle + base[len(base) - delta.tail :]


def _common(a: str, b: str, most: int) -> int:
    low = 0
    while low < most:
        middle = (low + most + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            most = middle - 1
    return low


def _common_end(a: str, b: str, most: int) -> int:
    low = 0
    while low < most:
        middle = (low + most + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            most = middle - 1
    return low
