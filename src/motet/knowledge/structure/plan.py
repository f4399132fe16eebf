"""The plan of a graph: which tables hold which things, and how these hang together.

A plan names tables, columns, labels and types of relations, no rows and no counts: new rows do
not change it, and what a person approved stays approved. Its hash is that of its canonical
JSON; each table's part has a hash of its own, so that a build knows what changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

from motet.core.ids import sha256
from motet.core.json import JSON, dumps, loads

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Property:
    """A column that says something of a thing."""

    column: str
    name: str


@dataclass(frozen=True, slots=True)
class Thing:
    """Something a table's rows name: `label`, by the columns `key`, called by `name`.

    `own`: rows are these things, each with a key of its own (`embedded` ones repeat); otherwise
    the key is that of another table, and the row only refers to it.
    """

    label: str
    key: tuple[str, ...]
    name: str | None
    own: bool
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """Each row relates two of its table's things, given by their places in `things`."""

    subject: int
    type: str
    object: int


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What becomes of one table's rows."""

    table: str
    things: tuple[Thing, ...]
    edges: tuple[Edge, ...]

    @property
    def hash(self) -> str:
        """The SHA-256 of this part."""
        return sha256(dumps(cast(JSON, asdict(self)), sort=True).encode())


@dataclass(frozen=True, slots=True)
class Plan:
    """A schema of the graph; tables stand in the order of their names."""

    tables: tuple[TablePlan, ...]

    @property
    def body(self) -> str:
        """The canonical JSON, which is what a person approves."""
        return dumps({"format": FORMAT, "tables": cast(JSON, asdict(self)["tables"])}, sort=True)

    @property
    def hash(self) -> str:
        """The SHA-256 of the canonical JSON."""
        return sha256(self.body.encode())

    @classmethod
    def read(cls, body: str) -> Plan:
        """Return the plan that `body` gave."""
        found = cast(Mapping[str, JSON], loads(body))
        return cls(tuple(_table(each) for each in cast(list[Mapping[str, JSON]], found["tables"])))

    def table(self, name: str) -> TablePlan | None:
        """Return a table's part."""
        return next((each for each in self.tables if each.table == name), None)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of its things."""
        return tuple(sorted({thing.label for table in self.tables for thing in table.things}))

    @property
    def relations(self) -> tuple[tuple[str, str, str], ...]:
        """The relations as (label, type, label)."""
        found = {
            (table.things[edge.subject].label, edge.type, table.things[edge.object].label)
            for table in self.tables
            for edge in table.edges
        }
        return tuple(sorted(found))


def _table(found: Mapping[str, JSON]) -> TablePlan:
    things = cast(list[Mapping[str, JSON]], found["things"])
    edges = cast(list[Mapping[str, JSON]], found["edges"])
    return TablePlan(
        str(found["table"]),
        tuple(_thing(each) for each in things),
        tuple(Edge(cast(int, e["subject"]), str(e["type"]), cast(int, e["object"])) for e in edges),
    )


def _thing(found: Mapping[str, JSON]) -> Thing:
    properties = cast(list[Mapping[str, str]], found["properties"])
    return Thing(
        str(found["label"]),
        tuple(cast(list[str], found["key"])),
        cast("str | None", found["name"]),
        bool(found["own"]),
        tuple(Property(each["column"], each["name"]) for each in properties),
    )
