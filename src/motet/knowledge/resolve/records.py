"""Records to compare, and what their fields hold once they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from motet.core.text import has_cjk, ngrams, normalised, words
from motet.knowledge.resolve.values import Value, value_of


@dataclass(frozen=True, slots=True)
class Record:
    """Something with a name and properties, as one source or the store tells it.

    `label` says what it is (person, part); `fields` are in order of importance where known.
    """

    uid: str
    label: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """A field's text as it is compared."""

    text: str
    """Normalised."""
    tokens: tuple[str, ...]
    numbers: frozenset[str]
    """Tokens of digits, by their value: `7`, `7.0` and `07` are one."""
    codes: frozenset[str]
    """Tokens that mix letters and digits, without what joins them: model numbers."""
    value: Value | None
    """What the whole field is, if it is a number, an amount, a date, a length of time."""


@lru_cache(maxsize=65536)
def content(text: str) -> Content:
    """Read a field's text."""
    plain = normalised(text)
    found = tuple(_tokens(plain))
    numbers = frozenset(_number(each) for each in found if _is_number(each))
    bare = (each.replace("-", "").replace(".", "") for each in found)
    codes = frozenset(each for each in bare if _is_code(each))
    return Content(plain, found, numbers, codes, value_of(plain))


def _tokens(plain: str) -> list[str]:
    tokens: list[str] = []
    for word in words(plain):
        if has_cjk(word):
            tokens.extend(ngrams(word))
        elif "-" in word and not any(char.isdigit() for char in word):
            tokens.extend(word.split("-"))
        else:
            tokens.append(word.replace("'", "").replace("’", ""))
    return tokens


def _is_number(token: str) -> bool:
    return token.replace(".", "", 1).isdigit() and token.isascii()


def _number(token: str) -> str:
    return f"{float(token):g}" if len(token) < 16 else token


def _is_code(token: str) -> bool:
    has_digit = any(char.isdigit() for char in token)
    return has_digit and len(token) >= 3 and any(char.isalpha() for char in token)
