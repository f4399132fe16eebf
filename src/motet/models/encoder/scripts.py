"""Scripts: which letters of a text the encoder can make sense of.

Its vocabulary holds words and syllables of the Latin script. Of other scripts it holds little
but single letters, and most Chinese characters are unknown: such a text has a vector, but the
vector does not mean what the text means.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motet.models.encoder.wordpiece import Tokenizer

_SAMPLE = 4000


def readable_share(tokenizer: Tokenizer, text: str) -> float:
    """Return the share (0 to 1) of letters that are in pieces the encoder learnt; 1 if none.

    A letter is readable if its piece is known and it is Latin, or if the piece joins it with
    another letter. Only the first 4,000 characters are looked at.
    """
    sample = text[:_SAMPLE]
    letters = sum(map(str.isalpha, sample))
    if letters == 0:
        return 1.0
    encoding = tokenizer.encode(sample)
    readable = 0
    for piece, start, end in zip(encoding.ids, encoding.starts, encoding.ends, strict=True):
        if piece == tokenizer.unknown:
            continue
        covered = [letter for letter in sample[start:end] if letter.isalpha()]
        readable += len(covered) if len(covered) > 1 else sum(map(_is_latin, covered))
    return readable / letters


@lru_cache(maxsize=4096)
def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")
