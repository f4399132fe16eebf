"""A text that comes in pieces, looked through as if it came at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from motet.gateway.guards.finding import Family, Found
from motet.gateway.guards.scanning import CONTEXT, Hunt, open_from, taken

STOP: Literal[True] = True
"""Decides that nothing from a find on may pass."""
Decide = Callable[[Found, str], str | Literal[True] | None]
"""Says what stands for a find, given its text; None leaves it as it is."""


class Watched:
    """Feeds on a text's pieces and gives it with every find decided.

    Put together that is the same wherever the text was cut: what may still become a find,
    a few hundred characters at most, waits.
    """

    def __init__(self, among: Sequence[Family], decide: Decide, *, json: bool = False) -> None:
        """`json` says that the text is JSON: what is replaced outside of strings is quoted."""
        self.stopped = False
        self.changed = False
        self._among = among
        self._decide = decide
        self._quotes = _Quotes() if json else None
        self._before = ""
        self._waiting = ""
        self._taking: Found | None = None
        self._taken = ""
        self._read = 0
        self._moves: list[tuple[int, int, int]] = []

    def feed(self, piece: str) -> str:
        """Take more of the text; return what is decided now."""
        return self._look(piece, over=False)

    def finish(self) -> str:
        """Take what waits as the end of the text."""
        return self._look("", over=True)

    def moved(self, place: int) -> int:
        """Return where a place of the text that came is in the text that was given."""
        by = 0
        for start, end, size in self._moves:
            if place < end:
                return (start if place > start else place) + by
            by += size - (end - start)
        return place + by

    def _look(self, piece: str, *, over: bool) -> str:
        self._waiting += piece
        if self.stopped or not (self._waiting or self._taking):
            self._waiting = ""
            return ""
        text, at = self._before + self._waiting, len(self._before)
        out, at = self._end_taking(text, at, over)
        if self._taking is None and not self.stopped:
            found, at = self._decided(text, at, over)
            out += found
        self._before, self._waiting = text[max(0, at - CONTEXT) : at], text[at:]
        return out

    def _decided(self, text: str, at: int, over: bool) -> tuple[str, int]:
        """Return what is decided of a text from a place on, and where the rest begins."""
        out = ""
        limit = len(text) if over else open_from(text, self._among, at)
        hunt = Hunt(text, self._among, at)
        while (found := hunt.next(at)) is not None and found.since < limit:
            out += self._pass(text[at : found.start])
            self._taking, self._taken = found, text[found.start : found.end]
            ended, at = self._end_taking(text, found.end, over)
            out += ended
            if self._taking is not None or self.stopped:
                return out, at
        end = max(at, limit)
        return out + self._pass(text[at:end]), end

    def _end_taking(self, text: str, at: int, over: bool) -> tuple[str, int]:
        """Take what belongs to the last find; return what stands for it once it is whole."""
        found = self._taking
        if found is None:
            return "", at
        if found.rest is not None:
            end = taken(found.rest, self._taken, text, at)
            self._taken += text[at:end]
            at = len(text) if end is None else end
            if end is None and not over:
                return "", at
        self._taking = None
        return self._replaced(found, self._taken), at

    def _replaced(self, found: Found, text: str) -> str:
        said = self._decide(found, text)
        if said is True:
            self.stopped = True
            return ""
        if said is None:
            return self._pass(text)
        self.changed = True
        if self._quotes is not None:
            said = said if self._quotes.inside else f'"{said}"'
            self._quotes.read(text)
        self._moves.append((self._read, self._read + len(text), len(said)))
        self._read += len(text)
        return said

    def _pass(self, text: str) -> str:
        self._read += len(text)
        if self._quotes is not None:
            self._quotes.read(text)
        return text


class _Quotes:
    """Whether a place of a JSON text lies within a string."""

    def __init__(self) -> None:
        self.inside = False
        self._escaped = False

    def read(self, text: str) -> None:
        for char in text:
            if self._escaped:
                self._escaped = False
            elif char == "\\":
                self._escaped = self.inside
            elif char == '"':
                self.inside = not self.inside
