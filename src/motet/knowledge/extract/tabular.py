"""What tables have in common: is the first row a header, and what are the columns called."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(
    r"[-+(]?\s*[$€£¥₩]?\s*[-+]?\d[\d\s,.'’]*(?:[eE][-+]?\d+)?\s*(?:%|[$€£¥₩]|[a-zA-Z]{0,3})?\)?"
)
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d{1,2}:\d{2}.*)?")


def is_value(cell: str) -> bool:
    """Tell whether a cell holds a number, an amount or a date rather than a name."""
    cell = cell.strip()
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def is_header(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether `first` names the columns of the rows `below` it.

    Numbers can be names when the cells below them are not numbers, and so can years.
    """
    named = [cell.strip() for cell in first]
    filled = [cell for cell in named if cell]
    if not below or not filled or len(set(filled)) * 2 < len(filled):
        return False
    if len(filled) < len(named) - 1 and len(filled) * 2 < len(named):
        return False
    values = [index for index, cell in enumerate(named) if is_value(cell)]
    if not values:
        return max(map(len, filled)) <= 200
    if all(_is_year(named[index]) for index in values) and len(values) < len(filled):
        return True
    return not any(_mostly_values(below, index) for index in values)


def _mostly_values(rows: Sequence[Sequence[str]], index: int) -> bool:
    cells = [row[index] for row in rows if index < len(row) and row[index].strip()]
    return not cells or sum(map(is_value, cells)) * 2 >= len(cells)


def _is_year(cell: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d", cell))


def column_names(header: Sequence[str], width: int) -> tuple[str, ...]:
    """Name `width` columns after `header`: unnamed ones by number, repeated ones numbered."""
    names: list[str] = []
    taken: set[str] = set()
    for index in range(width):
        base = " ".join(header[index].split()) if index < len(header) else ""
        name = base = base or f"column {index + 1}"
        count = 2
        while name.casefold() in taken:
            name = f"{base} ({count})"
            count += 1
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)
