"""What the tables of a version say by themselves: which rows are what, and their values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from motet.core.documents import Cell, Table
from motet.core.graph import Claim, Entity, Link, Producer, Relation, RowPlace, TableShape
from motet.core.text import normalised
from motet.knowledge.entities import headers
from motet.knowledge.entities.forms import Declared
from motet.knowledge.entities.shapes import Shape, frequent, is_data, key_of, shape_of
from motet.knowledge.entities.values import cell_value

ROWS = Producer("rows", "1")
MOST_ROWS = 20_000
MOST_CELLS = 400_000
"""Rows, and cells, of a table up to which its rows become entities without an approved shape.

All rows are searched and queried; a log of a million lines need not be a million things.
"""


@dataclass(slots=True)
class Rows:
    """What the rows of a version's tables declare, link and claim."""

    declared: list[Declared] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)


def rows(
    tables: tuple[Table, ...],
    media_type: str,
    source: str,
    shapes: Mapping[str, TableShape],
) -> Rows:
    """Read the tables of a version.

    `shapes` are the approved ones by `source` or `source#table`; tables without one are judged
    where the source is data.
    """
    found = Rows()
    for position, table in enumerate(tables):
        approved = shapes.get(f"{source}#{table.name}") or shapes.get(source)
        cells = len(table.rows) * len(table.columns)
        small = len(table.rows) <= MOST_ROWS and cells <= MOST_CELLS
        if approved is None and not (is_data(media_type) and small):
            continue
        shape = shape_of(table, source, approved)
        if shape is not None:
            _read(table, position, shape, found)
    return found


def _read(table: Table, position: int, shape: Shape, found: Rows) -> None:
    names: dict[Entity, Counter[str]] = {}
    keys: dict[Entity, Counter[str]] = {}
    referred: Counter[tuple[Entity, str]] = Counter()
    subjects: list[Entity | None] = []
    for row in table.rows:
        key = key_of(row, shape.key)
        entity = Entity(shape.label, normalised(key)) if key else None
        subjects.append(entity)
        if entity is not None:
            keys.setdefault(entity, Counter())[key] += 1
            name = _cell(row, shape.name)
            if name is not None:
                names.setdefault(entity, Counter())[_line(name)] += 1
        for refers in shape.refers:
            cell = _cell(row, refers.column)
            if cell is not None:
                value = _line(cell)
                referred[Entity.named(refers.label, value), value] += 1
    for entity, counted in keys.items():
        found.declared += [Declared(entity, key, "key", n) for key, n in counted.items()]
    for entity, counted in names.items():
        found.declared += [Declared(entity, name, "name", n) for name, n in counted.items()]
    found.declared += [Declared(e, value, "reference", n) for (e, value), n in referred.items()]
    called = {entity: frequent(counted) for entity, counted in (keys | names).items()}
    found.links += _links(table, position, shape, subjects, called)
    found.relations += _references(table, position, shape, subjects)
    found.claims += _claims(table, position, shape, subjects)


def _links(
    table: Table,
    position: int,
    shape: Shape,
    subjects: list[Entity | None],
    called: Mapping[Entity, str],
) -> Iterator[Link]:
    column = " / ".join(table.columns[at] for at in shape.key)
    for number, entity in enumerate(subjects, 1):
        if entity is not None:
            yield Link(entity, RowPlace(position, number), column, called[entity], ROWS)


def _references(
    table: Table, position: int, shape: Shape, subjects: list[Entity | None]
) -> Iterator[Relation]:
    """Yield what numbers refer to where the column's name does not tell it: `reports_to`."""
    for refers in shape.refers:
        column = table.columns[refers.column]
        if not refers.numeric or refers.label == headers.stem(column):
            continue
        for number, (entity, row) in enumerate(zip(subjects, table.rows, strict=True), 1):
            cell = _cell(row, refers.column)
            if entity is not None and cell is not None:
                other = Entity.named(refers.label, _line(cell))
                place = RowPlace(position, number)
                kind = headers.relation(column)
                yield Relation(entity, kind, other, cell.start, cell.end, 1.0, ROWS, place, True)


def _claims(
    table: Table, position: int, shape: Shape, subjects: list[Entity | None]
) -> Iterator[Claim]:
    aside = {shape.name, *(refers.column for refers in shape.refers)}
    columns = [(at, headers.spoken(table.columns[at])) for at in sorted(shape.depends - aside)]
    for number, (entity, row) in enumerate(zip(subjects, table.rows, strict=True), 1):
        if entity is None:
            continue
        for at, property in columns:
            cell = _cell(row, at)
            if cell is not None:
                kind, value = cell_value(cell.value, table.columns[at])
                place = RowPlace(position, number)
                yield Claim(
                    entity, property, kind, value, cell.start, cell.end, 1.0, ROWS, place, True
                )


def _cell(row: tuple[Cell | None, ...], at: int | None) -> Cell | None:
    cell = row[at] if at is not None and at < len(row) else None
    return cell if cell is not None and cell.value.strip() else None


def _line(cell: Cell) -> str:
    return " ".join(cell.value.split())
