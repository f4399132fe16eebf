"""JSON with the place of every value: what a table's cells need to be cited."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder

DEPTH = 100
"""Levels of nesting up to which a document is read."""

_DECODER = JSONDecoder(strict=False)
_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|NaN|-?Infinity")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, number or boolean as text, None for null; `text[start:end]` without quotes."""

    value: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Array:
    """A list of values."""

    items: list[Node] = field(default_factory=list)
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Object:
    """Values by key; of a key that stands there twice, the last."""

    members: dict[str, Node] = field(default_factory=dict)
    start: int = 0
    end: int = 0


Node = Scalar | Array | Object


class NotJSON(ValueError):
    """The text is no JSON; `at` is where that shows."""

    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason)
        self.at = at


def scan(text: str, at: int = 0, stop: int | None = None) -> Node:
    """Read one JSON document that fills `text[at:stop]`. Raises `NotJSON`."""
    end = len(text) if stop is None else stop
    node, at = _value(text, _skip(text, at), 0)
    at = _skip(text, at)
    if at < end:
        raise NotJSON("something follows the document", at)
    return node


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int, depth: int) -> tuple[Node, int]:
    if depth > DEPTH:
        raise NotJSON(f"nested more than {DEPTH} levels deep", at)
    opening = text[at : at + 1]
    if opening == "{":
        return _object(text, at, depth)
    if opening == "[":
        return _array(text, at, depth)
    if opening == '"':
        value, end = _string(text, at)
        return Scalar(value, at + 1, end - 1), end
    found = _SCALAR.match(text, at)
    if found is None:
        raise NotJSON("a value is missing" if at < len(text) else "the document ends early", at)
    word = found.group()
    nothing = word in ("null", "NaN", "Infinity", "-Infinity")
    return Scalar(None if nothing else word, at, found.end()), found.end()


def _string(text: str, at: int) -> tuple[str, int]:
    try:
        value, end = _DECODER.raw_decode(text, at)
    except JSONDecodeError as error:
        raise NotJSON("a text does not end", error.pos) from error
    return str(value), end


def _array(text: str, start: int, depth: int) -> tuple[Array, int]:
    items: list[Node] = []
    at = _skip(text, start + 1)
    if text[at : at + 1] == "]":
        return Array(items, start, at + 1), at + 1
    while True:
        node, at = _value(text, at, depth + 1)
        items.append(node)
        at, closed = _next(text, at, "]")
        if closed:
            return Array(items, start, at), at


def _object(text: str, start: int, depth: int) -> tuple[Object, int]:
    members: dict[str, Node] = {}
    at = _skip(text, start + 1)
    if text[at : at + 1] == "}":
        return Object(members, start, at + 1), at + 1
    while True:
        if text[at : at + 1] != '"':
            raise NotJSON("a key is missing", at)
        key, at = _string(text, at)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise NotJSON("a colon is missing", at)
        members[key], at = _value(text, _skip(text, at + 1), depth + 1)
        at, closed = _next(text, at, "}")
        if closed:
            return Object(members, start, at), at


def _next(text: str, at: int, closing: str) -> tuple[int, bool]:
    """Return where the next member begins, or the end and True."""
    at = _skip(text, at)
    mark = text[at : at + 1]
    if mark == closing:
        return at + 1, True
    if mark != ",":
        raise NotJSON("a comma is missing" if mark else "the document ends early", at)
    return _skip(text, at + 1), False
