"""Foreign keys: columns whose values are keys of another table, found by evidence, not chance.

That all values of a column occur in a key proves little: small whole numbers are part of every
surrogate key. So inclusion is only the entry; a reference is proposed where the names say so,
or where the values could hardly fall into the key by accident. The features are those of
Rostin et al. (2009) and Zhang et al., "On Multi-Column Foreign Key Discovery" (2010).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from motet.knowledge.structure.keys import SURE, Key, keys, primary
from motet.knowledge.structure.profiles import Column, Profile
from motet.knowledge.structure.types import comparable
from motet.knowledge.structure.wording import affinity

DIRTY_ROWS = 0.1
"""The share of rows that may hold what is no key."""
DIRTY_VALUES = 0.25
"""The share of different values that may be no key."""
ENOUGH = 0.6
NAMED = 0.7
STRONG = 0.85
_RARE = -7.0  # logarithm: one accident in a thousand
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a reference is proposed.

    `names` in 0 to 1: how surely the names say so. `chance`: the natural logarithm of how
    likely the values fall into the key by accident. `included`: the share of rows whose value
    is a key; `strays`: some values that are not. `covered`: the share of keys referred to.
    """

    names: float
    chance: float
    included: float
    covered: float
    rows: int
    strays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """`columns` of `table` hold the key `to` of the table `target`."""

    table: str
    columns: tuple[str, ...]
    target: str
    to: tuple[str, ...]
    score: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Discovered:
    """What was found of a set of tables: the candidate keys of each, the likely one, references."""

    profiles: tuple[Profile, ...]
    candidates: Mapping[str, Sequence[Key]]
    keys: Mapping[str, Key]
    references: tuple[Found, ...]


def discover(profiles: Sequence[Profile]) -> Discovered:
    """Find keys and references of tables that belong together; the same in whatever order."""
    ordered = sorted(profiles, key=lambda profile: profile.name)
    candidates = {profile.name: keys(profile) for profile in ordered}
    chosen = {
        profile.name: key
        for profile in ordered
        if (key := primary(profile, candidates[profile.name])) is not None
    }
    search = _Search(ordered, candidates, chosen)
    found = [*search.single(), *search.composite()]
    found.sort(key=lambda each: (each.table, each.columns, each.target))
    return Discovered(tuple(ordered), candidates, chosen, tuple(found))


class _Search:
    def __init__(
        self,
        profiles: Sequence[Profile],
        candidates: Mapping[str, Sequence[Key]],
        chosen: Mapping[str, Key],
    ) -> None:
        self._profiles = profiles
        self._chosen = chosen
        self._targets = [
            (profile, profile.column(key.columns[0]), key == chosen.get(profile.name))
            for profile in profiles
            for key in candidates[profile.name]
            if len(key.columns) == 1 and key.score >= SURE
        ]

    def single(self) -> Iterator[Found]:
        """Yield the best target of each column that has one."""
        for profile in self._profiles:
            for column in profile.columns:
                best = self._best(profile, column)
                if best is not None:
                    yield best

    def _best(self, profile: Profile, column: Column) -> Found | None:
        if column.type.kind not in ("integer", "text", "date") or not column.counts:
            return None
        own = self._chosen.get(profile.name)
        is_key = own is not None and own.columns == (column.name,)
        options: list[tuple[float, Found]] = []
        meant = 0.0
        for target, key, is_primary in self._targets:
            if target is profile and key is column:
                continue
            itself = target is profile
            names = affinity(column.words, target.words, key.words, itself=itself)
            if not is_primary and not _same(column, key):
                names = min(names, 0.5)
            meant = max(meant, names)
            found = _judged(profile, column, target, key, names, is_key=is_key)
            if found is not None:
                options.append((names, found))
        # Who names another table means that one, even where its values are broken.
        options = [each for each in options if each[0] >= STRONG or each[0] >= meant - 0.2]
        options.sort(key=lambda each: (-each[1].score, each[1].target, each[1].to))
        return options[0][1] if options else None

    def composite(self) -> Iterator[Found]:
        """Yield references to keys of several columns."""
        for target in self._profiles:
            key = self._chosen.get(target.name)
            if key is None or len(key.columns) < 2:
                continue
            parts = [target.column(name) for name in key.columns]
            for profile in self._profiles:
                if profile is not target:
                    found = _paired(profile, target, parts)
                    if found is not None:
                        yield found


def _same(column: Column, key: Column) -> bool:
    return affinity(column.words, (), key.words) >= 0.8 or column.words == key.words


def _judged(
    profile: Profile, column: Column, target: Profile, key: Column, names: float, *, is_key: bool
) -> Found | None:
    """Return a reference from a column to a key where the evidence is enough."""
    if not _comparable(column, key):
        return None
    inside = {value: n for value, n in column.counts.items() if value in key.counts}
    included = sum(inside.values()) / column.held
    if included < 1 - DIRTY_ROWS or len(inside) < column.distinct * (1 - DIRTY_VALUES):
        return None
    chance = _chance(column, key, len(inside))
    telling = column.identifies or column.coded
    if is_key and not _extends(profile, column, target, key, names):
        return None
    # A number beside a table of its name is an amount (`line count`) unless it identifies.
    enough = ENOUGH if telling or key.type.kind == "text" else NAMED
    if not (names >= enough or (telling and chance <= _RARE)):
        return None
    if column.type.kind == "date" and names < STRONG:
        return None
    covered = len(inside) / key.distinct
    strays = tuple(sorted(value for value in column.counts if value not in key.counts))
    evidence = Evidence(names, chance, included, covered, column.held, strays[:_EXAMPLES])
    score = max(names, 0.6 if chance <= _RARE else 0.0) * included + 0.05 * covered
    return Found(profile.name, (column.name,), target.name, (key.name,), min(score, 1.0), evidence)


def _extends(profile: Profile, column: Column, target: Profile, key: Column, names: float) -> bool:
    """Whether a table's own key is at the same time that of a table it adds to.

    Only one of two tables with one key adds to the other: the one that is not called by it.
    """
    if target is profile or names < STRONG:
        return False
    backwards = affinity(key.words, profile.words, column.words)
    if backwards < STRONG:
        return True
    own = affinity(column.words, profile.words, ())
    other = affinity(key.words, target.words, ())
    return (other, key.distinct, profile.name) > (own, column.distinct, target.name)


def _comparable(column: Column, key: Column) -> bool:
    kinds = {column.type.kind, key.type.kind}
    return len(kinds) == 1 or kinds == {"integer", "text"}


def _chance(column: Column, key: Column, inside: int) -> float:
    """Return the logarithm of the chance that so many values are keys by accident.

    Whole numbers: drawn from the range the column spans, of which keys take up a share.
    Texts: the longer and the more varied, the less likely; a letter says hardly anything.
    """
    if inside < 2:
        return 0.0
    numbers = _numbers(column)
    if numbers is not None:
        low, high = min(numbers), max(numbers)
        span = high - low + 1
        taken = sum(1 for value in _numbers(key) or () if low <= value <= high)
        return inside * math.log(min(1.0, max(taken, 1) / span))
    lengths = sum(map(len, column.counts)) / column.distinct
    return -inside * max(0.0, lengths - 1.0)


def _numbers(column: Column) -> list[int] | None:
    try:
        return [int(value) for value in column.counts]
    except ValueError:
        return None


def _paired(profile: Profile, target: Profile, parts: Sequence[Column]) -> Found | None:
    """Return the reference to a composite key, each part by the column that names it best."""
    options = [
        [column for column in profile.columns if _fits(column, part, target)] for part in parts
    ]
    if not all(options):
        return None
    best: Found | None = None
    pool = sorted({column.position for each in options for column in each})[:8]
    for positions in permutations(pool, len(parts)):
        columns = [profile.columns[position] for position in positions]
        if all(column in each for column, each in zip(columns, options, strict=True)):
            found = _joined(profile, columns, target, parts)
            if found is not None and (best is None or found.score > best.score):
                best = found
    return best


def _fits(column: Column, part: Column, target: Profile) -> bool:
    if not column.counts or not _comparable(column, part):
        return False
    inside = sum(n for value, n in column.counts.items() if value in part.counts)
    return inside >= column.held * (1 - DIRTY_ROWS) and _partly(column, part, target) > 0


def _partly(column: Column, part: Column, target: Profile) -> float:
    if column.words == part.words:
        return 1.0
    return max(
        affinity(column.words, (), part.words), affinity(column.words, part.words, ())
    ) or 0.9 * affinity(column.words, (*target.words, *part.words), ())


def _joined(
    profile: Profile, columns: Sequence[Column], target: Profile, parts: Sequence[Column]
) -> Found | None:
    names = min(_partly(c, p, target) for c, p in zip(columns, parts, strict=True))
    if names < ENOUGH:
        return None
    held = set(_tuples(target, parts))
    mine = _tuples(profile, columns)
    inside = [each for each in mine if each in held]
    if len(mine) < 2 or len(inside) < len(mine) * (1 - DIRTY_ROWS):
        return None
    strays = sorted({"|".join(each) for each in mine if each not in held})
    covered = len(set(inside)) / len(held)
    evidence = Evidence(
        names, -7.0, len(inside) / len(mine), covered, len(mine), tuple(strays[:_EXAMPLES])
    )
    score = min(1.0, names * evidence.included + 0.05 * covered)
    to = tuple(part.name for part in parts)
    return Found(
        profile.name, tuple(column.name for column in columns), target.name, to, score, evidence
    )


def _tuples(profile: Profile, columns: Sequence[Column]) -> list[tuple[str, ...]]:
    values = (
        [comparable(value, column.type) for value in profile.table.column(column.position)]
        for column in columns
    )
    return [
        tuple(value for value in row if value is not None)
        for row in zip(*values, strict=True)
        if None not in row
    ]
