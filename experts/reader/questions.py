"""What training learns from: a question with passages and the answers in them."""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage and its answers, one entry an annotator, each with all its occurrences."""

    text: str
    answers: tuple[tuple[Range, ...], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A question and the passages whose spans compete for it."""

    question: str
    passages: tuple[Passage, ...]
