"""Clauses that recognise a name: the match rules of genai-prices, compiled.

A clause is a text whose first character says how to compare (`=` equals, `^` starts with,
`$` ends with, `*` contains, `~` regular expression), a list of which one must match, or
`{"all": [...]}`. Names are compared in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Clause = str | Sequence["Clause"] | Mapping[str, Sequence["Clause"]]

_COMPACT_DATE = re.compile(r"-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)")


def matches(clause: Clause, name: str) -> bool:
    """Whether a name in lower case satisfies a clause."""
    if isinstance(clause, Mapping):
        return all(matches(each, name) for each in clause["all"])
    if not isinstance(clause, str):
        return any(matches(each, name) for each in clause)
    text = clause[1:]
    match clause[0]:
        case "=":
            return name == text
        case "^":
            return name.startswith(text)
        case "$":
            return name.endswith(text)
        case "*":
            return text in name
        case _:
            return re.search(text, name) is not None


def dashed(name: str) -> str:
    """Write the compact dates of a name (`-20251211`) with dashes, as most providers do."""
    return _COMPACT_DATE.sub(r"-\1-\2-\3", name)
