"""What the rows of a table are, judged from the table alone, where nobody approved a shape.

Only tables that came as data (CSV, sheets, databases) are judged; a table in a document names
things that are known elsewhere. The judgement is about names and which column refers to what;
nothing is asserted that the cells do not say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from motet.core.documents import Table
from motet.core.graph import TableShape
from motet.knowledge.entities import headers

DATA = (
    "text/csv", "text/tab-separated-values", "sheet", "ms-excel", "parquet", "sqlite", "json",
    "application/sql",
)  # fmt: skip
"""Parts of the media types whose tables are data."""
_CODE = re.compile(r"(?=.*\d)(?=.*[^\W\d_])[\w./-]{2,24}")
_NUMBER = re.compile(r"[+-]?[\d.,\s]+%?")
ALIKE = 0.9
"""Share of the cells that must look alike for the column to be of that kind."""
LONG = 80
"""Mean code points from which on cells are sentences and no names."""


@dataclass(frozen=True, slots=True)
class Refers:
    """A column whose cells name things of a label."""

    column: int
    label: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What rows are: `label`, identified by the cells of `key`, called by those of `name`.

    `depends` are the columns whose cell follows from the key: what they say is said of the
    thing, and not of the row.
    """

    label: str
    key: tuple[int, ...]
    name: int | None
    refers: tuple[Refers, ...]
    depends: frozenset[int]


def is_data(media_type: str) -> bool:
    """Whether tables of this media type are data rather than part of a document's prose."""
    return any(part in media_type for part in DATA)


def shape_of(table: Table, source: str, approved: TableShape | None = None) -> Shape | None:
    """Return a table's shape, the approved one if any; None where rows are nothing nameable."""
    columns = [_Column.of(table, position) for position in range(len(table.columns))]
    if approved is not None:
        return _approved(table, columns, approved)
    about = headers.singular(_noun(table.name) or _noun(PurePosixPath(source).stem))
    key = _key(columns, about)
    if key is None:
        return None
    label = key.stem or about or "row"
    name = _name(columns, key, about)
    if not key.unique and (name is None or not key.code):
        return None
    taken = {key.position} if name is None else {key.position, name}
    refers = tuple(
        Refers(each.position, named, each.numeric)
        for each in columns
        if each.position not in taken and (named := _referred(each)) is not None
    )
    return Shape(label, (key.position,), name, refers, _depends(table, (key.position,), columns))


@dataclass(frozen=True, slots=True)
class _Column:
    position: int
    header: str
    stem: str
    filled: bool
    unique: bool
    code: bool
    numeric: bool
    textual: bool

    @staticmethod
    def of(table: Table, position: int) -> _Column:
        cells = [row[position] if position < len(row) else None for row in table.rows]
        values = [cell.value.strip() for cell in cells if cell is not None and cell.value.strip()]
        count = max(1, len(values))
        numeric = sum(bool(_NUMBER.fullmatch(each)) for each in values) >= ALIKE * count
        return _Column(
            position,
            table.columns[position],
            headers.stem(table.columns[position]),
            filled=bool(values) and len(values) == len(cells),
            unique=bool(values) and len(set(values)) == len(values),
            code=bool(values)
            and sum(bool(_CODE.fullmatch(each)) for each in values) >= ALIKE * count,
            numeric=numeric,
            textual=bool(values) and not numeric and sum(map(len, values)) < LONG * count,
        )


def _key(columns: Sequence[_Column], about: str) -> _Column | None:
    """Return the column that says what a row is about."""
    full = [each for each in columns if each.filled]
    named = {each.stem for each in columns if each.stem and not headers.is_identifier(each.header)}
    tests = (
        lambda c: c.unique and headers.is_identifier(c.header) and (c.code or c.numeric),
        lambda c: c.unique and c.code and c.textual,
        lambda c: headers.is_identifier(c.header) and c.code and c.stem in named,
        lambda c: c.unique and c.textual and headers.is_name(c.header),
        lambda c: c.unique and c.textual and (c.stem == about or headers.kind(c.header)),
    )
    for test in tests:
        for column in full:
            if test(column):
                return column
    return None


def _name(columns: Sequence[_Column], key: _Column, about: str) -> int | None:
    """Return the column that people call the thing by: `part_name`, `name`, or `dealer`."""
    for column in columns:
        apart = column.position != key.position and column.textual and not column.code
        if apart and headers.is_name(column.header) and column.stem in ("", key.stem or about):
            return column.position
    if headers.is_identifier(key.header):
        for column in columns:
            if column.position != key.position and column.textual and column.stem == key.stem:
                return column.position if key.stem else None
    return None


def _referred(column: _Column) -> str | None:
    """Return the label of what a column's cells name."""
    if not (column.textual or column.numeric):
        return None
    if headers.is_identifier(column.header):
        return column.stem or None
    if column.code and not column.unique:
        return column.stem or None
    return headers.kind(column.header) if column.textual and not column.numeric else None


def _depends(table: Table, key: tuple[int, ...], columns: Sequence[_Column]) -> frozenset[int]:
    """Return the columns that have one value for each key."""
    seen: dict[tuple[int, str], str] = {}
    broken: set[int] = set()
    for row in table.rows:
        identity = key_of(row, key)
        for column in columns:
            cell = row[column.position] if column.position < len(row) else None
            value = cell.value.strip() if cell is not None else ""
            if seen.setdefault((column.position, identity), value) != value:
                broken.add(column.position)
    return frozenset(each.position for each in columns) - broken - set(key)


def key_of(row: Sequence[object], key: tuple[int, ...]) -> str:
    """Return a row's key as text, its parts joined by a slash; empty where one is missing."""
    parts = [getattr(row[at], "value", "") if at < len(row) else "" for at in key]
    stripped = [str(part).strip() for part in parts]
    return " / ".join(stripped) if all(stripped) else ""


def _approved(table: Table, columns: Sequence[_Column], shape: TableShape) -> Shape | None:
    places = {name: position for position, name in reversed([*enumerate(table.columns)])}
    key = tuple(places[name] for name in shape.key if name in places)
    if not key or len(key) != len(shape.key):
        return None
    refers = tuple(
        Refers(places[each.columns[0]], each.label, columns[places[each.columns[0]]].numeric)
        for each in shape.references
        if len(each.columns) == 1 and each.columns[0] in places
    )
    name = places.get(shape.name) if shape.name else None
    return Shape(shape.label, key, name, refers, _depends(table, key, columns))


def _noun(name: str) -> str:
    """Return a table's or file's name as a noun: its last part in letters, if it is short."""
    words = [each for each in headers.words_of(name) if each.isalpha()]
    return " ".join(words) if len(words) <= 2 else ""


def frequent(names: Counter[str]) -> str:
    """Return the most frequent name, ties by text."""
    return min(names.items(), key=lambda item: (-item[1], item[0]))[0]
