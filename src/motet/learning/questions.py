"""Questions with their right answers, from a JSON Lines file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motet.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Question:
    """A question and all texts that would be right; none means that it has no answer.

    `context` is what to answer from where a model is asked without a system.
    """

    text: str
    answers: tuple[str, ...]
    domain: str | None = None
    context: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A named set. `digest` changes with its questions and answers."""

    name: str
    questions: tuple[Question, ...]

    @property
    def digest(self) -> str:
        """Return twelve digits that tell sets apart."""
        told = [(each.text, each.answers) for each in self.questions]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]

    def first(self, count: int | None) -> QuestionSet:
        """Return the set cut to its first questions."""
        return self if count is None else QuestionSet(self.name, self.questions[:count])


def read(path: Path) -> QuestionSet:
    """Read a test set: one object a line with `question` and `answer` or `answers`.

    Each may be a text or a list; null or an empty list says that there is no answer.
    `domain` and `context` are optional, other members are ignored. Raises `UsageError` with
    the line at fault.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UsageError((error.strerror or str(error)).lower(), where=str(path)) from error
    except UnicodeDecodeError as error:
        raise UsageError("the test set is not UTF-8 text", where=str(path)) from error
    questions = [
        _question(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()
    ]
    if not questions:
        raise UsageError("the test set is empty", where=str(path))
    return QuestionSet(path.name, tuple(questions))


def _question(line: str, where: str) -> Question:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise UsageError(f"this is no JSON: {error}", where=where) from error
    if not isinstance(found, Mapping):
        raise UsageError("expected an object", where=where)
    text = found.get("question")
    if not isinstance(text, str) or not text.strip():
        raise UsageError("`question` must be a text", where=where)
    return Question(
        text,
        _answers(found, where),
        _optional(found, "domain", where),
        _optional(found, "context", where),
    )


def _answers(found: Mapping[str, Any], where: str) -> tuple[str, ...]:
    names = [name for name in ("answers", "answer") if name in found]
    if not names:
        hint = "null says that the question has no answer"
        raise UsageError("`answer` is missing", where=where, hint=hint)
    value = found[names[0]]
    values = [] if value is None else [value] if isinstance(value, (str, int, float)) else value
    if not isinstance(values, Sequence) or not all(
        isinstance(v, (str, int, float)) for v in values
    ):
        raise UsageError(f"`{names[0]}` must be a text, a list of texts or null", where=where)
    return tuple(str(each) for each in values)


def _optional(found: Mapping[str, Any], name: str, where: str) -> str | None:
    value = found.get(name)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"`{name}` must be a text", where=where)
    return value
