"""What a guard looks for: a kind, its form, and a check that tells it from its likes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from motet.gateway.guards.shapes import Shape

Group = Literal["pii", "secrets", "injection"]
"""The guard that a kind belongs to."""
GROUPS: tuple[Group, ...] = ("pii", "secrets", "injection")


@dataclass(frozen=True, slots=True)
class Rest:
    """What is taken with a find, however long: characters of a class, up to `until`'s end."""

    kinds: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A find: `text[start:end]` is what it is, `since` is where its form begins."""

    kind: str
    group: Group
    since: int
    start: int
    end: int
    rest: Rest | None = None


class Looked:
    """A text to be looked through, with one byte for each character of it.

    `plain` is its ASCII, with ? for every other character; `folded` that in lower case.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = text.encode("ascii", "replace")

    @cached_property
    def folded(self) -> bytes:
        """The ASCII in lower case."""
        return self.plain.lower()


def _all(text: str) -> int:
    return len(text)


@dataclass(frozen=True)
class Detector:
    """One kind of find.

    `check` gets what the form's group `it`, else the whole form, matched and returns how
    many characters of it are the find: 0 where it is none.
    """

    kind: str
    group: Group
    shape: Shape
    check: Callable[[str], int] = _all
    rest: Rest | None = None
    flags: int = 0

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return re.compile(self.shape.whole, self.flags)

    def at(self, text: str, start: int) -> Found | None:
        """Return the find that begins at a place, None where there is none."""
        match = self._whole.match(text, start)
        if match is None:
            return None
        name = "it" if "it" in self._whole.groupindex else 0
        size = self.check(match[name])
        if size == 0:
            return None
        first = match.start(name)
        return Found(self.kind, self.group, start, first, first + size, self.rest)


Seek = Callable[[Looked, int], Iterator[int]]
"""Gives places, in order, among which every begin of a find from a place on is."""


@dataclass(frozen=True)
class Family:
    """Detectors that are looked for in the same places, the first that finds wins.

    `fabric` holds the ASCII characters that their forms are made of, empty where any is;
    `most` is the longest form's length.
    """

    detectors: tuple[Detector, ...]
    seek: Seek
    fabric: str
    most: int

    @cached_property
    def _begun(self) -> re.Pattern[str]:
        begun = "|".join(f"(?:{each.shape.begun})" for each in self.detectors)
        return re.compile(begun, self.detectors[0].flags)

    def find(self, text: str, places: Iterator[int], start: int) -> Found | None:
        """Return the next find from a place on among the places that are left."""
        for place in places:
            if place >= start:
                for each in self.detectors:
                    found = each.at(text, place)
                    if found is not None:
                        return found
        return None

    def open(self, text: str) -> int:
        """Return the first place where more text could make a find or change one."""
        least = max(0, len(text) - self.most)
        if self.fabric:
            least = max(least, len(text.rstrip(self.fabric)))
        if least == len(text):
            return least
        match = self._begun.search(text, least)
        return len(text) if match is None else match.start()


def every(data: bytes, literal: bytes, start: int) -> Iterator[int]:
    """Yield the places of a literal from a place on."""
    place = data.find(literal, start)
    while place >= 0:
        yield place
        place = data.find(literal, place + 1)
