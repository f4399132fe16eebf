"""Keys of a table: minimal sets of columns whose values no two rows share, the likeliest first.

Uniqueness alone proves little in small tables, so candidates are ranked by what their names
say, where they stand, what type they have. Names and positions as evidence: Rostin et al.,
"A Machine Learning Approach to Foreign Key Discovery" (2009); the levelwise search for minimal
uniques: Heise et al., "Scalable Discovery of Unique Column Combinations" (2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from motet.knowledge.structure.profiles import Column, Profile
from motet.knowledge.structure.types import comparable
from motet.knowledge.structure.wording import NAMING, TITLES, affinity, core

WIDEST = 4
"""Columns of the widest key that is looked for."""
TOLERANCE = 0.01
"""The share of rows that may repeat or lack a value of what is by its name the key."""
SURE = 0.45
_POOL = 10
_KINDS = frozenset({"integer", "text", "date", "datetime"})


@dataclass(frozen=True, slots=True)
class Key:
    """Columns that identify a table's rows; `score` lies in 0 to 1, `wrong` counts rows.

    `wrong` rows repeat a key or lack it.
    """

    table: str
    columns: tuple[str, ...]
    score: float
    wrong: int = 0


def keys(profile: Profile) -> list[Key]:
    """Return the candidate keys of a table, best first; minimal, so none holds another."""
    single = [key for column in profile.columns if (key := _single(profile, column)) is not None]
    single.sort(key=lambda key: -key.score)
    if single and single[0].score >= SURE:
        return single
    found = single + _composite(profile, {key.columns[0] for key in single})
    return sorted(found, key=lambda key: (-key.score, len(key.columns)))


def primary(profile: Profile, found: Sequence[Key]) -> Key | None:
    """Return the key that a person would declare, None where none is likely enough."""
    return found[0] if found and found[0].score >= SURE and profile.rows else None


def _single(profile: Profile, column: Column) -> Key | None:
    if column.type.kind not in _KINDS or not column.counts:
        return None
    wrong = profile.rows - column.distinct
    naming = _naming(profile, column)
    if wrong and (naming < 0.9 or wrong > profile.rows * TOLERANCE):
        return None
    score = 0.5 * naming + 0.25 * _position(column) + 0.25 * _typing(column)
    return Key(profile.name, (column.name,), score * (1.0 - wrong / profile.rows), wrong)


def _naming(profile: Profile, column: Column) -> float:
    """Return how surely a column's name says that it is this table's own key."""
    said = core(column.words)
    if column.identifies and (not said or affinity(column.words, profile.words, ()) >= 0.8):
        return 1.0
    if any(word in NAMING for word in column.words):
        return 0.8
    if column.identifies:
        return 0.6
    if said and said == profile.words:
        return 0.7
    return 0.35 if any(word in TITLES for word in column.words) else 0.1


def _position(column: Column) -> float:
    return {0: 1.0, 1: 0.5}.get(column.position, 0.0)


def _typing(column: Column) -> float:
    if column.type.kind == "integer":
        return 1.0
    if column.type.kind != "text":
        return 0.2
    longest = max(map(len, column.counts))
    if longest > 64:
        return 0.0
    return 0.4 if any(" " in value for value in column.counts) else 0.8


def _composite(profile: Profile, unique: set[str]) -> list[Key]:
    """Return the minimal unique sets of two to `WIDEST` columns among the likely ones."""
    pool = [
        column
        for column in profile.columns
        if column.name not in unique
        and column.type.kind in _KINDS
        and column.distinct > 1
        and column.held >= profile.rows * (1 - TOLERANCE)
    ]
    pool = sorted(sorted(pool, key=_worth)[:_POOL], key=lambda column: column.position)
    columns = {column.name: _values(profile, column) for column in pool}
    found: list[Key] = []
    for width in range(2, WIDEST + 1):
        for chosen in combinations(pool, width):
            names = {column.name for column in chosen}
            if any(names >= set(key.columns) for key in found):
                continue
            if _unique(profile, chosen, [columns[column.name] for column in chosen]):
                found.append(_scored(profile, chosen))
    return found


def _worth(column: Column) -> tuple[bool, int]:
    return not column.identifies, column.position


def _values(profile: Profile, column: Column) -> list[str | None]:
    return [comparable(value, column.type) for value in profile.table.column(column.position)]


def _unique(
    profile: Profile, chosen: Sequence[Column], values: Sequence[Sequence[str | None]]
) -> bool:
    room = 1
    for column in chosen:
        room *= column.distinct
    if room < profile.rows:
        return False
    seen: set[tuple[str | None, ...]] = set()
    for row in zip(*values, strict=True):
        if None in row or row in seen:
            return False
        seen.add(row)
    return True


def _scored(profile: Profile, chosen: Sequence[Column]) -> Key:
    """Score a composite key: columns that identify, that stand in front, and few of them."""
    named = sum(0.8 if column.identifies else 0.2 for column in chosen) / len(chosen)
    leading = all(column.position < len(chosen) for column in chosen)
    repeated = sum(0.2 for column in chosen if column.type.kind == "text" and not column.coded)
    score = 0.5 * named + (0.3 if leading else 0.1) - 0.05 * (len(chosen) - 2)
    score -= repeated / len(chosen) / 2
    return Key(profile.name, tuple(column.name for column in chosen), max(score, 0.0))
