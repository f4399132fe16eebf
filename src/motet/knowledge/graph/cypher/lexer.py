"""The words of a Cypher query, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from motet.core.errors import UsageError

Kind = Literal["name", "quoted", "string", "integer", "float", "parameter", "sign", "end"]

SUPPORTED = "supported: MATCH, OPTIONAL MATCH, WHERE, WITH, UNWIND, RETURN, ORDER BY, SKIP, LIMIT"
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<float>\d+\.\d+(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
    |(?P<integer>0x[0-9a-fA-F]+|\d+)
    |(?P<name>[^\W\d]\w*)
    |(?P<quoted>`(?:[^`]|``)*`)
    |(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<parameter>\$(?:\w+|`(?:[^`]|``)*`))
    |(?P<sign><=|>=|<>|=~|\.\.|\+=|[-+*/%^=<>()\[\]{},:;.|])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word: its kind, its text as it is meant, and where it begins (code points)."""

    kind: Kind
    text: str
    at: int


def tokens(query: str) -> list[Token]:
    """Return the words of a query, an `end` last. Raises `UsageError`."""
    found: list[Token] = []
    at = 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            raise mistake(query, at, f"{query[at]!r} begins nothing that Cypher knows")
        kind, text = str(match.lastgroup), match.group()
        if kind != "space":
            found.append(Token(kind, _meant(query, at, kind, text), at))  # type: ignore[arg-type]
        at = match.end()
    found.append(Token("end", "", len(query)))
    return found


def mistake(query: str, at: int, message: str, hint: str | None = None) -> UsageError:
    """Return an error that names line and column of a place in a query, both from 1."""
    line = query.count("\n", 0, at) + 1
    column = at - (query.rfind("\n", 0, at) + 1) + 1
    return UsageError(message, where=f"query {line}:{column}", hint=hint)


def _meant(query: str, at: int, kind: str, text: str) -> str:
    if kind == "string":
        return _ESCAPE.sub(lambda found: _unescaped(query, at, found[1]), text[1:-1])
    if kind == "quoted":
        return text[1:-1].replace("``", "`")
    if kind == "parameter":
        name = text[1:]
        return name[1:-1].replace("``", "`") if name.startswith("`") else name
    return text


def _unescaped(query: str, at: int, code: str) -> str:
    if code[0] in "uU" and len(code) > 1:
        number = int(code[1:], 16)
        if number > 0x10FFFF:
            raise mistake(query, at, f"\\{code} is no character")
        return chr(number)
    if code in _LETTERS:
        return _LETTERS[code]
    if code in "\\'\"`":
        return code
    raise mistake(query, at, f"\\{code} stands for nothing", "\\\\ is one backslash")
