"""Evidence: what speaks for a span, beside the span head, in the words around it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.models.encoder.wordpiece import Tokenizer
    from motet.models.experts.reader.windows import Window

EVIDENCE = (
    "margin",
    "sentence",
    "near",
    "wide",
    "inside",
    "length",
    "article",
    "joiner",
    "covered",
    "named",
)
"""In the order of the coefficients:

the span's start and end logits minus those of "no answer here"; which part of the question's
words, the rare ones weighing more, is in the rest of its sentence, within 10 tokens, within
25 tokens, and in the span itself; the logarithm of its tokens; whether it begins with an
article, or with a word such as "of"; and which part of the question's words and of its names
and numbers is in the window.
"""

LONGEST = 30
"""Tokens of the longest span."""

_CANDIDATES = 20
_NEAR, _WIDE = 10, 25
_MARGIN_LIMIT = 30.0
_FIRST_WORD = 1996
"""The vocabulary's words follow from here, the frequent ones first."""
_NAME = re.compile(r"(?<!^)\b(?:[A-Z][\w-]*|\w*\d\w*)")
_ARTICLES = "the a an"
_JOINERS = "of in to and for by with"
_SENTENCE_ENDS = ".?!"


@dataclass(frozen=True, slots=True)
class Candidates:
    """Possible spans of one window: code-point ranges, and `EVIDENCE` of each in a row."""

    ranges: list[tuple[int, int]]
    values: NDArray[np.float64]


class Evidence:
    """Collects what speaks for the spans of any window of one question."""

    def __init__(self, tokenizer: Tokenizer, question: str) -> None:
        import numpy as np

        pieces = sorted(set(tokenizer.encode(question).ids))
        weights = np.array([math.log1p(max(0, piece - _FIRST_WORD)) for piece in pieces])
        self._pieces = np.array(pieces, np.int64)
        self._weights = weights / (weights.sum() or 1.0)
        self._names = {name.lower() for name in _NAME.findall(question)}
        self._articles = tokenizer.encode(_ARTICLES).ids
        self._joiners = tokenizer.encode(_JOINERS).ids
        self._ends = frozenset(tokenizer.encode(_SENTENCE_ENDS).ids)

    def candidates(self, window: Window, logits: NDArray[np.float32], text: str) -> Candidates:
        """Return the spans that the span head likes best; `logits` has shape (tokens, 2)."""
        import numpy as np

        firsts, lasts, sums = best_spans(logits[window.open : -1], _CANDIDATES)
        margins = (sums - logits[0].sum()).clip(-_MARGIN_LIMIT, _MARGIN_LIMIT)
        ids = np.array(window.ids[window.first : -1], np.int64)
        shift = window.open - window.first
        low, high = firsts + shift, lasts + shift + 1
        found = np.cumsum(ids == self._pieces[:, None], axis=1)
        counts = np.concatenate([np.zeros((len(found), 1), found.dtype), found], axis=1)
        begins, stops = self._sentences(window, text)

        def around(start: NDArray[np.intp], end: NDArray[np.intp]) -> NDArray[np.float64]:
            before = counts[:, low] - counts[:, np.clip(start, 0, low)]
            after = counts[:, np.clip(end, high, len(ids))] - counts[:, high]
            share: NDArray[np.float64] = self._weights @ ((before > 0) | (after > 0))
            return share

        leading = ids[low]
        held = text[window.starts[0] : window.ends[-1]]
        columns = (
            margins,
            around(begins[firsts] + shift, stops[lasts] + shift),
            around(low - _NEAR, high + _NEAR),
            around(low - _WIDE, high + _WIDE),
            self._weights @ (counts[:, high] > counts[:, low]),
            np.log1p(high - low),
            np.isin(leading, self._articles),
            np.isin(leading, self._joiners),
            np.full(len(low), self._weights @ (counts[:, -1] > 0)),
            np.full(len(low), self.named(held)),
        )
        ranges = [
            whole_words(text, window.starts[first], window.ends[last])
            for first, last in zip(firsts, lasts, strict=True)
        ]
        return Candidates(ranges, np.stack(columns, axis=1).astype(np.float64))

    def covered(self, tokenizer: Tokenizer, text: str) -> float:
        """Return which part of the question's words is in the text, rare ones weighing more."""
        import numpy as np

        return float(self._weights @ np.isin(self._pieces, tokenizer.encode(text).ids))

    def named(self, text: str) -> float:
        """Return which part of the question's names and numbers is in the text; 1 if none."""
        lowered = text.lower()
        found = sum(name in lowered for name in self._names)
        return found / len(self._names) if self._names else 1.0

    def _sentences(self, window: Window, text: str) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return for each token from `open` on where its sentence starts and stops."""
        import numpy as np

        ids = window.ids[window.open : -1]
        count = len(ids)
        cuts = [0]
        for place in range(1, count):
            gap = text[window.ends[place - 1] : window.starts[place]]
            if gap and ("\n" in gap or ids[place - 1] in self._ends):
                cuts.append(place)
        cuts.append(count)
        lengths = np.diff(cuts)
        return np.repeat(cuts[:-1], lengths), np.repeat(cuts[1:], lengths)


def best_spans(
    logits: NDArray[np.float32], limit: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Return first tokens, last tokens and sums of logits of the best spans, best first.

    `logits` has shape (tokens, 2), of at least one token: as start and as end.
    """
    import numpy as np

    count = len(logits)
    longest = min(LONGEST, count)
    sums = np.full((longest, count), -np.inf, np.float32)
    for width in range(longest):
        sums[width, : count - width] = logits[: count - width, 0] + logits[width:, 1]
    flat = sums.reshape(-1)
    top = np.argpartition(-flat, min(limit, flat.size) - 1)[:limit]
    top = top[np.isfinite(flat[top])]
    top = top[np.argsort(-flat[top], kind="stable")]
    widths, firsts = np.divmod(top, count)
    return firsts, firsts + widths, flat[top]


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range extended to whole words at both ends."""
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end
