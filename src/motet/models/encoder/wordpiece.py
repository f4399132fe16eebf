"""WordPiece: BERT's uncased tokenizer with offsets into the original text.

Parity in ids and offsets with the `tokenizers` library is tested. One deliberate difference:
text that spells a control token, such as "[SEP]", is ordinary text here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from motet.core.errors import StoreError

UNKNOWN = "[UNK]"
_BEGIN = "[CLS]"
_END = "[SEP]"
_CONTROL_TOKENS = (UNKNOWN, _BEGIN, _END, "[PAD]")

_LONGEST_WORD = 100
_CACHE_LIMIT = 100_000
_CACHED_LENGTH = 64
_REPLACEMENT = "\ufffd"
# What BERT separates words at; other control characters (\v, \f, U+0085) are dropped instead.
_SPACE = "\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_CHUNK = re.compile(f"[^{_SPACE}]+")
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """Pieces of a text: token ids, and for each the range of code points it stands for."""

    ids: list[int]
    starts: list[int]
    ends: list[int]


class _Pieces(NamedTuple):
    ids: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


class Tokenizer:
    """Splits text into pieces of the vocabulary; safe to share between threads."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """Take pieces in the order of their ids. Raises `ValueError` if a control token lacks."""
        self._ids = {piece: index for index, piece in enumerate(vocabulary)}
        missing = [token for token in _CONTROL_TOKENS if token not in self._ids]
        if missing:
            raise ValueError(f"the vocabulary lacks {', '.join(missing)}")
        self.unknown = self._ids[UNKNOWN]
        self.begin = self._ids[_BEGIN]
        self.end = self._ids[_END]
        self._longest = max(len(piece.removeprefix("##")) for piece in vocabulary)
        self._cache: dict[str, _Pieces] = {}

    @classmethod
    def load(cls, path: Path) -> Tokenizer:
        """Read a vocabulary file with one piece per line. Raises `StoreError`."""
        try:
            return cls(path.read_text("utf-8").removesuffix("\n").split("\n"))
        except (OSError, ValueError) as error:
            raise StoreError(f"not a readable vocabulary: {error}", where=str(path)) from error

    def encode(self, text: str) -> Encoding:
        """Return all pieces with offsets, without [CLS] and [SEP]."""
        result = Encoding([], [], [])
        pieces = self._pieces
        for match in _CHUNK.finditer(text):
            begin = match.start()
            found = pieces(match[0])
            result.ids.extend(found.ids)
            result.starts.extend([begin + start for start in found.starts])
            result.ends.extend([begin + end for end in found.ends])
        return result

    def ids(self, text: str, *, max_length: int) -> list[int]:
        """Return [CLS], the first pieces of the text, [SEP]: at most `max_length` ids."""
        room = max_length - 2
        result = [self.begin]
        pieces = self._pieces
        for match in _CHUNK.finditer(text):
            result.extend(pieces(match[0]).ids)
            if len(result) > room:
                break
        del result[room + 1 :]
        result.append(self.end)
        return result

    def _pieces(self, chunk: str) -> _Pieces:
        found = self._cache.get(chunk)
        if found is None:
            found = self._split(chunk)
            if len(chunk) <= _CACHED_LENGTH:
                if len(self._cache) >= _CACHE_LIMIT:
                    self._cache.clear()
                self._cache[chunk] = found
        return found

    def _split(self, chunk: str) -> _Pieces:
        ids: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        for letters, origins in _words(chunk):
            for index, first, last in self._match(letters):
                ids.append(index)
                starts.append(origins[first])
                ends.append(origins[last - 1] + 1)
        return _Pieces(tuple(ids), tuple(starts), tuple(ends))

    def _match(self, word: str) -> list[tuple[int, int, int]]:
        """Return (id, first, last) of the longest pieces from left to right."""
        whole = [(self.unknown, 0, len(word))]
        if len(word) > _LONGEST_WORD:
            return whole
        found: list[tuple[int, int, int]] = []
        first = 0
        while first < len(word):
            prefix = "##" if first else ""
            for last in range(min(len(word), first + self._longest), first, -1):
                index = self._ids.get(prefix + word[first:last])
                if index is not None:
                    break
            else:
                return whole
            found.append((index, first, last))
            first = last
        return found


def _words(chunk: str) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield normalised words and, for each of their characters, its place in the chunk."""
    letters: list[str] = []
    origins: list[int] = []
    for character, origin in _normalise(chunk):
        if _is_alone(character):
            if letters:
                yield "".join(letters), origins
                letters, origins = [], []
            yield character, (origin,)
        else:
            letters.append(character)
            origins.append(origin)
    if letters:
        yield "".join(letters), origins


def _normalise(chunk: str) -> Iterable[tuple[str, int]]:
    """Drop control characters and accents, decompose and lower; keep each one's origin."""
    if chunk.isascii() and chunk.isprintable():
        return zip(chunk.lower(), range(len(chunk)), strict=True)
    return _normalise_any(chunk)


def _normalise_any(chunk: str) -> Iterator[tuple[str, int]]:
    for origin, character in enumerate(chunk):
        if character == _REPLACEMENT or unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs"):
            continue
        for part in unicodedata.normalize("NFD", character):
            if unicodedata.category(part) != "Mn":
                for lowered in part.lower():
                    yield lowered, origin


def _is_alone(character: str) -> bool:
    """Whether a character is a word of its own: punctuation, an ASCII symbol, an ideograph."""
    if character.isascii():
        return not character.isalnum()
    if unicodedata.category(character).startswith("P"):
        return True
    code = ord(character)
    return any(first <= code <= last for first, last in _IDEOGRAPHS)
