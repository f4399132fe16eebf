"""Forms of text as regular expressions, each with the form of its own beginnings.

What a `Shape` matches is bounded in length, and no two parts of it can take the same text
in more ways than their bounds multiply to, so that matching takes bounded time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_END = r"\Z"


@dataclass(frozen=True, slots=True)
class Shape:
    """A form of text: `whole` matches it; `begun` what the text's end cuts off of it.

    Where the text's end could change what `whole` matches at a place, `begun` matches there.
    """

    whole: str
    begun: str


def text(literal: str) -> Shape:
    """Return the shape of exactly this text."""
    begun = _END
    for char in reversed(literal):
        begun = f"(?:{_END}|{re.escape(char)}{begun})"
    return Shape(re.escape(literal), begun)


def chars(kinds: str, least: int, most: int) -> Shape:
    """Return the shape of `least` to `most` characters of a class, as within brackets."""
    return Shape(f"[{kinds}]{{{least},{most}}}", f"[{kinds}]{{0,{most}}}{_END}")


def seq(*parts: Shape) -> Shape:
    """Return the shape of parts that follow each other."""
    *before, last = parts
    whole, begun = last.whole, last.begun
    for part in reversed(before):
        whole = part.whole + whole
        begun = f"(?:{part.begun}|{part.whole}{begun})"
    return Shape(whole, begun)


def either(*options: Shape) -> Shape:
    """Return the shape of one of several, the first that fits."""
    return Shape(
        "(?:" + "|".join(each.whole for each in options) + ")",
        "(?:" + "|".join(each.begun for each in options) + ")",
    )


def words(listed: str) -> Shape:
    """Return the shape of one of the words, which commas part."""
    return either(*(text(each.strip()) for each in listed.split(",")))


def maybe(part: Shape) -> Shape:
    """Return the shape of a part or nothing."""
    return Shape(f"(?:{part.whole})?", f"(?:{part.begun}|{_END})")


def several(part: Shape, least: int, most: int) -> Shape:
    """Return the shape of `least` to `most` times a part."""
    upto = f"(?:{part.whole}){{0,{most - 1}}}"
    return Shape(f"(?:{part.whole}){{{least},{most}}}", f"{upto}(?:{part.begun}|{_END})")


def not_after(kinds: str) -> Shape:
    """Return the shape of a place that no character of a class precedes.

    The letter of an escape does not count: what stands in JSON text may follow a `\\n`.
    """
    place = rf"(?:(?<![{kinds}])|(?<=\\[nrt]))"
    return Shape(place, f"{place}{_END}")


def not_before(kinds: str, *, then: str = "", after: str = "") -> Shape:
    """Return the shape of a place that no character of a class follows.

    Neither may one of `then` with one of `after` behind it.
    """
    more = f"|[{then}][{after}]" if then else ""
    cut = f"[{then}]?" if then else ""
    return Shape(f"(?![{kinds}]{more})", f"{cut}{_END}")
