"""From a table's rows to the graph, as an approved plan says.

Tables are this module's: links, relations and claims that rows themselves say, all first-party.
Names in texts, and the names that tables lend to them, are `motet.knowledge.entities`'; it leaves
the rows of tables with an approved plan alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from motet.core.graph import (
    Claim,
    Entity,
    Extraction,
    Link,
    Producer,
    Reference,
    Relation,
    RowPlace,
    TableShape,
)
from motet.knowledge.entities.values import cell_value
from motet.knowledge.structure.identity import row_entity
from motet.knowledge.structure.plan import Plan, TablePlan, Thing
from motet.knowledge.structure.types import Inferred, comparable, infer

OPERATOR = "schema"


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row: its number from 1, where it stands in the version's text, its values."""

    number: int
    start: int
    end: int
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """A table of a version: its place among the version's tables, its columns, its rows."""

    name: str
    position: int
    columns: tuple[str, ...]
    rows: Sequence[PlacedRow]


def producer(plans: Sequence[TablePlan]) -> Producer:
    """Return what the rows of a version with these plans are recorded under."""
    return Producer(OPERATOR, "+".join(plan.hash[:16] for plan in plans))


def graph_of(tables: Sequence[tuple[PlacedTable, TablePlan]]) -> Extraction:
    """Return what the rows of a version's tables say under their plans."""
    made_by = producer([plan for _, plan in tables])
    links: list[Link] = []
    relations: list[Relation] = []
    claims: list[Claim] = []
    for table, plan in tables:
        reader = _Reader(table, plan, made_by)
        links += reader.links()
        relations += reader.relations()
        claims += reader.claims()
    return Extraction((), links, relations, claims)


def names_of(table: PlacedTable, plan: TablePlan) -> Counter[tuple[Entity, str, str]]:
    """Count what rows call things, as (entity, kind, form): key, name, or a mere reference."""
    reader = _Reader(table, plan, producer([plan]))
    return Counter(reader.names())


def shapes(plan: Plan) -> tuple[TableShape, ...]:
    """Return how each table is keyed and named, one shape for each of its things."""
    return tuple(
        TableShape(table.table, thing.label, thing.key, thing.name, _references(plan, table, at))
        for table in plan.tables
        for at, thing in enumerate(table.things)
        if linked(table, thing)
    )


def _references(plan: Plan, table: TablePlan, at: int) -> tuple[Reference, ...]:
    homes = {
        thing.label: (home.table, thing.key)
        for home in reversed(plan.tables)
        for thing in home.things
        if thing.own
    }
    found = []
    for edge in table.edges:
        if edge.subject == at:
            target = table.things[edge.object]
            home, key = homes.get(target.label, (table.table, target.key))
            found.append(Reference(target.key, home, key, target.label))
    return tuple(found)


def linked(plan: TablePlan, thing: Thing) -> bool:
    """Whether rows are linked to a thing: to what they are, or, where they only relate, to all."""
    return thing.own or not any(each.own for each in plan.things)


class _Reader:
    """One table under its plan. Columns that are gone say nothing."""

    def __init__(self, table: PlacedTable, plan: TablePlan, made_by: Producer) -> None:
        self._table = table
        self._plan = plan
        self._producer = made_by
        self._places = {name: at for at, name in enumerate(table.columns)}
        self._types: Mapping[str, Inferred] = {
            name: infer(row.values[at] for row in table.rows)
            for thing in plan.things
            for name in thing.key
            if (at := self._places.get(name)) is not None
        }
        self._entities = [self._identified(row) for row in table.rows]

    def links(self) -> Iterator[Link]:
        """Yield a link for each thing that a row is."""
        for row, entities in zip(self._table.rows, self._entities, strict=True):
            for thing, entity in zip(self._plan.things, entities, strict=True):
                if entity is not None and linked(self._plan, thing):
                    name = self._value(row, thing.name) or self._named(row, thing)
                    column = " / ".join(thing.key)
                    yield Link(entity, self._place(row), column, name, self._producer)

    def relations(self) -> Iterator[Relation]:
        """Yield the relations that rows say."""
        for row, entities in zip(self._table.rows, self._entities, strict=True):
            for edge in self._plan.edges:
                subject, target = entities[edge.subject], entities[edge.object]
                if subject is not None and target is not None:
                    yield Relation(
                        subject,
                        edge.type,
                        target,
                        row.start,
                        row.end,
                        1.0,
                        self._producer,
                        self._place(row),
                        True,
                    )

    def claims(self) -> Iterator[Claim]:
        """Yield what rows say of their things; what recurs is said once, by its first row."""
        said: set[tuple[Entity, str, str]] = set()
        for row, entities in zip(self._table.rows, self._entities, strict=True):
            for thing, entity in zip(self._plan.things, entities, strict=True):
                if entity is None:
                    continue
                for each in thing.properties:
                    text = self._value(row, each.column)
                    if text is None or (entity, each.name, text) in said:
                        continue
                    said.add((entity, each.name, text))
                    kind, value = cell_value(text, each.column)
                    yield Claim(
                        entity,
                        each.name,
                        kind,
                        value,
                        row.start,
                        row.end,
                        1.0,
                        self._producer,
                        self._place(row),
                        True,
                    )

    def names(self) -> Iterator[tuple[Entity, str, str]]:
        """Yield each time that a row calls a thing by its key or its name."""
        for row, entities in zip(self._table.rows, self._entities, strict=True):
            for thing, entity in zip(self._plan.things, entities, strict=True):
                if entity is not None:
                    kind = "key" if linked(self._plan, thing) else "reference"
                    yield entity, kind, " ".join(self._named(row, thing).split())
                    name = self._value(row, thing.name)
                    if name is not None:
                        yield entity, "name", " ".join(name.split())

    def _identified(self, row: PlacedRow) -> list[Entity | None]:
        return [self._entity(row, thing) for thing in self._plan.things]

    def _entity(self, row: PlacedRow, thing: Thing) -> Entity | None:
        values = []
        for name in thing.key:
            at = self._places.get(name)
            text = None if at is None else comparable(row.values[at], self._types[name])
            if text is None:
                return None
            values.append(text)
        return row_entity(thing.label, values)

    def _value(self, row: PlacedRow, column: str | None) -> str | None:
        at = self._places.get(column) if column is not None else None
        text = row.values[at] if at is not None else None
        return text.strip() or None if text is not None else None

    def _named(self, row: PlacedRow, thing: Thing) -> str:
        return " / ".join(self._value(row, name) or "" for name in thing.key)

    def _place(self, row: PlacedRow) -> RowPlace:
        return RowPlace(self._table.position, row.number)
