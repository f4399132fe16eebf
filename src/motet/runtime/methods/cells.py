"""Which cell of a row a question asks for, told by the names of its columns."""

from __future__ import annotations

from motet.core.passages import Passage, Segment
from motet.core.text import content_terms, normalised

NAMED = 0.5
"""Share of a column's name that the question must hold."""
STEM = 4
"""Letters by which words count as the same: weigh and weight, supplier and supplies."""


def asked_cell(passage: Passage, question: str) -> Segment | None:
    """Return the cell whose column the question names best, None where none or several do.

    A cell whose own value stands in the question is what is known, not what is asked.
    """
    asked = {_stem(term) for term in content_terms(question)}
    whole = normalised(question)
    best: list[Segment] = []
    most = 0
    for segment, label in _labelled(passage):
        terms = {_stem(term) for term in content_terms(label)}
        named = len(terms & asked)
        if not named or named < NAMED * len(terms):
            continue
        if normalised(passage.body[segment.start : segment.end]) in whole:
            continue
        if named > most:
            best, most = [], named
        if named == most:
            best.append(segment)
    return best[0] if len(best) == 1 else None


def _labelled(passage: Passage) -> list[tuple[Segment, str]]:
    """Return each cell with the name of its column, as the row's rendering has it."""
    found = []
    end = 0
    for segment in passage.segments or ():
        label = passage.body[end : segment.start].strip("; ").rstrip(": ")
        found.append((segment, label.replace("_", " ")))
        end = segment.end
    return found


def _stem(word: str) -> str:
    return word[: max(STEM, len(word) - 3)]
