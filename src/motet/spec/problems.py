"""What is wrong with a declaration: each mistake with its place, and all of them as one error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from motet.core.errors import DeclarationError

MAX_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the file; both numbers are 1-based."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where, what was expected, what was found, and the nearest valid name.

    `path` is the place in the declaration (`models[1].use`, empty for the whole of it);
    `line` and `column` are 1-based, None for a declaration built in Python.
    """

    path: str
    expected: str
    got: str
    nearest: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def where(self) -> str | None:
        """The place as `file:line:column`, without what is not known."""
        parts = [part for part in (self.file, self.line, self.column) if part is not None]
        return ":".join(str(part) for part in parts) or None

    @property
    def message(self) -> str:
        """The mistake in words, beginning with the path."""
        text = f"expected {self.expected}, got {self.got}"
        return f"{self.path}: {text}" if self.path else text

    @property
    def hint(self) -> str | None:
        """What to try instead, where a valid name is near."""
        return f"did you mean {self.nearest}?" if self.nearest else None

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text} ({self.hint})" if self.hint else text


class InvalidDeclaration(DeclarationError):
    """A declaration with mistakes: `problems` holds all of them, in the order of the file.

    As text it is the first one and the number of others.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.message, where=first.where, hint=first.hint)

    def __str__(self) -> str:
        others = len(self.problems) - 1
        if not others:
            return str(self.problems[0])
        return f"{self.problems[0]} [and {others} more problem{'s' if others > 1 else ''}]"


def shown(text: str) -> str:
    """Quote text for a message: on one line, not too long, and fit for any terminal."""
    short = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
    quoted = json.dumps(short, ensure_ascii=False)
    return quoted.encode("utf-8", "backslashreplace").decode("utf-8")


def step(path: str, key: str) -> str:
    """Return the path of a key below a path; an unusual key is quoted."""
    if not re.fullmatch(r"[\w-]+", key):
        return f"{path}[{shown(key)}]"
    return f"{path}.{key}" if path else key


def nearest(word: str, names: Iterable[str]) -> str | None:
    """Return the name that a misspelt word most likely meant, or None."""
    import difflib

    found = difflib.get_close_matches(word.lower(), list(names), n=1, cutoff=0.6)
    return found[0] if found else None
