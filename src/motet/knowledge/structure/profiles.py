"""What is known of a table's columns before keys are looked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from motet.core.errors import UsageError
from motet.knowledge.structure.data import TableData
from motet.knowledge.structure.types import Inferred, comparable, infer_counted
from motet.knowledge.structure.wording import GENERIC, NAMING, Vocabulary

COLUMNS = 4096
"""Columns of one table that are looked at; one with more is refused."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its words, its type, and how often each comparable value occurs."""

    name: str
    position: int
    words: tuple[str, ...]
    type: Inferred
    counts: Mapping[str, int] = field(repr=False)

    @property
    def distinct(self) -> int:
        """How many values differ."""
        return len(self.counts)

    @property
    def held(self) -> int:
        """How many rows have a value."""
        return sum(self.counts.values())

    @property
    def identifies(self) -> bool:
        """Whether its name says that it identifies something."""
        return any(word in GENERIC or word in NAMING for word in self.words)

    @property
    def coded(self) -> bool:
        """Whether its values look like codes: short, with digits and letters, no spaces."""
        if self.type.kind != "text" or not self.counts:
            return False
        like = sum(1 for value in self.counts if _is_code(value))
        return like * 5 >= len(self.counts) * 4


@dataclass(frozen=True, slots=True)
class Profile:
    """A table and its columns."""

    table: TableData
    words: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.table.rows)

    def column(self, name: str) -> Column:
        """Return the column of this name."""
        return next(each for each in self.columns if each.name == name)


def profiled(tables: Sequence[TableData]) -> list[Profile]:
    """Profile tables that belong together. Raises `UsageError` for one with too many columns."""
    for table in tables:
        if len(table.columns) > COLUMNS:
            raise UsageError(
                f"the table has {len(table.columns)} columns; at most {COLUMNS} are looked at",
                where=table.name,
                hint="split it, or leave columns out",
            )
    names = (name for table in tables for name in (table.name, *table.columns))
    vocabulary = Vocabulary(names)
    return [_profile(table, vocabulary) for table in tables]


def _profile(table: TableData, vocabulary: Vocabulary) -> Profile:
    initial = _shared_initial(table, vocabulary)
    columns = tuple(
        _column(table, index, vocabulary.column(name, initial))
        for index, name in enumerate(table.columns)
    )
    return Profile(table, vocabulary.table(table.name), columns)


def _shared_initial(table: TableData, vocabulary: Vocabulary) -> str:
    """Return the letters that every column begins with (`o_orderkey`), empty where none."""
    found = {(vocabulary.column(name) or ("",))[0] for name in table.columns}
    first = found.pop() if len(found) == 1 and len(table.columns) > 1 else ""
    return first if 0 < len(first) <= 3 else ""


def _column(table: TableData, index: int, words: tuple[str, ...]) -> Column:
    raw = Counter(table.column(index))
    kind = infer_counted(raw)
    counts = Counter[str]()
    for value, count in raw.items():
        text = comparable(value, kind)
        if text is not None:
            counts[text] += count
    return Column(table.columns[index], index, words, kind, counts)


def _is_code(value: str) -> bool:
    return (
        2 <= len(value) <= 24
        and " " not in value
        and any(char.isdigit() for char in value)
        and any(char.isalpha() for char in value)
    )
