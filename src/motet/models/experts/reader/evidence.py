"""Evidence: what speaks for a span beside the span head, and the weights of it all."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.models.encoder.wordpiece import Tokenizer

EVIDENCE = ("margin", "covered", "near", "named")
"""In the order of the coefficients:

the span's start and end logits minus those of "no answer here"; which part of the question's
words, the rare ones weighing more, is in the passage, and which within 120 characters of the
span; and which part of the question's names and numbers is in the passage.
"""

_NEAR = 120
_MARGIN_LIMIT = 30.0
_FIRST_WORD = 1996
"""The vocabulary's words follow from here, the frequent ones first."""
_NAME = re.compile(r"(?<!^)\b(?:[A-Z][\w-]*|\w*\d\w*)")


class Evidence:
    """Weighs spans of any passage against one question."""

    def __init__(
        self, tokenizer: Tokenizer, question: str, coefficients: NDArray[np.float32]
    ) -> None:
        self._tokenizer = tokenizer
        self._weights = {
            piece: math.log1p(max(0, piece - _FIRST_WORD))
            for piece in tokenizer.encode(question).ids
        }
        self._names = {name.lower() for name in _NAME.findall(question)}
        self._coefficients = [float(value) for value in coefficients]

    def values(self, passage: str, start: int, end: int, margin: float) -> list[float]:
        """Return the values of `EVIDENCE` for `passage[start:end]`."""
        lowered = passage.lower()
        named = sum(name in lowered for name in self._names)
        return [
            max(-_MARGIN_LIMIT, min(_MARGIN_LIMIT, margin)),
            self._covered(passage),
            self._covered(passage[max(0, start - _NEAR) : end + _NEAR]),
            named / len(self._names) if self._names else 1.0,
        ]

    def log_odds(self, passage: str, start: int, end: int, margin: float) -> float:
        """Return the log-odds that the span answers the question."""
        values = self.values(passage, start, end, margin)
        *weights, constant = self._coefficients
        return sum(w * v for w, v in zip(weights, values, strict=True)) + constant

    def _covered(self, text: str) -> float:
        total = sum(self._weights.values())
        held = set(self._tokenizer.encode(text).ids)
        covered = sum(weight for piece, weight in self._weights.items() if piece in held)
        return covered / total if total else 0.0
