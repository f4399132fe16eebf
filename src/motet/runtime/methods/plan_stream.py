"""The calls of a plan while its text still streams: each as soon as its object closes."""

from __future__ import annotations

import re

from motet.core.json import JSON, loads

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)


class PlanStream:
    """Feeds on the text of a plan and returns the elements of its list `calls`.

    The text may hold words or a fence around the document. An element is given out when the
    brace that closes it has come: nothing after it can change what it says.
    """

    def __init__(self) -> None:
        self._text = ""
        self._at = 0
        self._open: list[str] = []
        self._in_string = False
        self._escaped = False
        self._string = 0
        self._last_string = ""
        self._key = ""
        self._element = 0
        self._start: int | None = None
        self._end: int | None = None

    def feed(self, piece: str) -> list[JSON]:
        """Take more of the text; return the calls that it completes."""
        self._text += piece
        found: list[JSON] = []
        while self._at < len(self._text) and self._end is None:
            element = self._take(self._text[self._at])
            if element is not None:
                found.append(element)
            self._at += 1
        return found

    def document(self) -> JSON:
        """Return the whole document. Raises ValueError where there is none."""
        candidates = [*_FENCED.findall(self._text), self._text]
        if self._start is not None and self._end is not None:
            candidates.insert(0, self._text[self._start : self._end])
        problem = ValueError("there is no JSON object in it")
        for candidate in candidates:
            try:
                value = loads(candidate)
            except ValueError as error:
                problem = error
                continue
            if isinstance(value, dict):
                return value
        raise problem

    def _take(self, char: str) -> JSON:
        if self._in_string:
            self._take_in_string(char)
            return None
        if self._start is None:
            if char == "{":
                self._start = self._at
                self._open.append(char)
            return None
        if char == '"':
            self._in_string, self._string = True, self._at
        elif char == ":" and len(self._open) == 1:
            self._key = self._last_string
        elif char in "{[":
            if char == "{" and self._open == ["{", "["] and self._key == "calls":
                self._element = self._at
            self._open.append(char)
        elif char in "}]":
            return self._close()
        return None

    def _take_in_string(self, char: str) -> None:
        if self._escaped:
            self._escaped = False
        elif char == "\\":
            self._escaped = True
        elif char == '"':
            self._in_string = False
            if len(self._open) == 1:
                self._last_string = self._text[self._string + 1 : self._at]

    def _close(self) -> JSON:
        closed = self._open.pop()
        if not self._open:
            self._end = self._at + 1
        if closed == "{" and self._open == ["{", "["] and self._key == "calls":
            try:
                return loads(self._text[self._element : self._at + 1])
            except ValueError:
                return None  # the whole document says what is wrong with it
        return None
