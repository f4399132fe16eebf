"""Which records are worth comparing: those that share a key that few have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from motet.knowledge.resolve.conflicts import IDENTIFYING
from motet.knowledge.resolve.rarity import Fixed
from motet.knowledge.resolve.records import Record, content
from motet.knowledge.resolve.surroundings import first

LIMIT = 48
"""Records in a block, beyond which its key tells too little to compare them all."""
ALIKE = 50
"""Percentage of letters in common from which names are compared in full."""
_FIXED = Fixed()
_SOUNDS = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556", "aeiouyhw")


def keys(record: Record) -> frozenset[str]:
    """Return the keys of a record; they depend on nothing but the record.

    Words, pairs of neighbouring words, sounds, both ends of long words, acronyms, an initial
    with a surname, model numbers, and the values of identifying properties.
    """
    return _name_keys(first(record)) | frozenset(_of_values(record))


@lru_cache(maxsize=16384)
def _name_keys(name: str) -> frozenset[str]:
    return frozenset(_of_name(name))


def _of_name(name: str) -> Iterator[str]:
    held = content(name)
    tokens = [each for each in held.tokens if _FIXED.weight("name", each) > 0.2] or [*held.tokens]
    if not tokens:
        return
    yield "n " + " ".join(sorted(tokens))
    for token in tokens:
        if len(token) > 1:
            yield "t " + token
        yield from _of_word(token)
    for one, two in pairwise(tokens):
        yield "p " + " ".join(sorted((one, two)))
    yield from (f"c {code}" for code in held.codes)
    if len(tokens) > 1:
        yield f"i {tokens[0][0]} {tokens[-1]}"
        for letters in {_initials(tokens), _initials(held.tokens)}:
            yield "a " + letters
    elif 2 <= len(tokens[0]) <= 6:
        yield "a " + tokens[0].replace(".", "")


def _initials(tokens: Iterable[str]) -> str:
    return "".join(each[0] for each in tokens)


def _of_word(token: str) -> Iterator[str]:
    if token.isalpha() and token.isascii() and len(token) >= 5:
        yield "s " + _sound(token)
        if len(token) >= 7:
            yield "b " + token[:5]
            yield "e " + token[-5:]


def _sound(word: str) -> str:
    """Return the first letter and what the consonants sound like, repeats dropped.

    After Soundex (Russell 1918), without cutting it off.
    """
    sounds = word[1:].translate(_SOUNDS)
    kept = [each for place, each in enumerate(sounds) if place == 0 or sounds[place - 1] != each]
    return word[0] + "".join(kept)


def _of_values(record: Record) -> Iterator[str]:
    for name, text in record.fields.items():
        if name.lower().replace(" ", "_") in IDENTIFYING:
            for value in text.split(";"):
                bare = "".join(char for char in value.lower() if char.isalnum())
                if len(bare) >= 4:
                    yield f"v {bare}"


_TELLING = frozenset("npiacv")


def worthwhile(left: Record, right: Record) -> bool:
    """Whether two records that share a key are alike enough for a full comparison."""
    from rapidfuzz import fuzz

    one, two = content(first(left)).text, content(first(right)).text
    if fuzz.ratio(one, two) >= ALIKE or fuzz.token_sort_ratio(one, two) >= ALIKE:
        return True
    return any(key[0] in _TELLING for key in keys(left) & keys(right))


class Blocks:
    """An inverted index of records by key; adding one costs no more than its blocks."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._members: defaultdict[str, set[str]] = defaultdict(set)
        self._keys: dict[str, frozenset[str]] = {}

    def add(self, record: Record) -> None:
        """Add a record, in place of one of the same uid."""
        self.remove(record.uid)
        self._keys[record.uid] = keys(record)
        for key in self._keys[record.uid]:
            self._members[key].add(record.uid)

    def remove(self, uid: str) -> None:
        """Take a record out, if it is there."""
        for key in self._keys.pop(uid, ()):
            self._members[key].discard(uid)

    def candidates(self, uid: str) -> set[str]:
        """Return who shares a key with a record that no more than the limit have."""
        blocks = (self._members[key] for key in self._keys[uid])
        return {one for each in blocks if len(each) <= self._limit for one in each} - {uid}

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield every pair to compare, the smaller uid first."""
        for uid in sorted(self._keys):
            yield from ((uid, other) for other in sorted(self.candidates(uid)) if uid < other)
