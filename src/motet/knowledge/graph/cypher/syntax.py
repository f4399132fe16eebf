"""A Cypher query as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

# Expressions


@dataclass(frozen=True, slots=True)
class Literal_:
    """A number, a text, true, false or null."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """`$name`."""

    name: str
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that a pattern or a projection gave."""

    name: str
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Property:
    """`of.name`."""

    of: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`of[index]`."""

    of: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Slice:
    """`of[low..high]`."""

    of: Expression
    low: Expression | None
    high: Expression | None


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    """`{a: 1}`."""

    items: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """`NOT`, `-` or `+` before something."""

    operator: str
    of: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two things, in capitals."""

    operator: str
    left: Expression
    right: Expression
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    """`IS NULL`, or `IS NOT NULL` where `negated`."""

    of: Expression
    negated: bool


@dataclass(frozen=True, slots=True)
class HasLabels:
    """`n:Label`."""

    of: Expression
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function, its name in lower case; `star` is `count(*)`."""

    name: str
    arguments: tuple[Expression, ...]
    distinct: bool
    star: bool
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Case:
    """`CASE`, with what is compared where there is a `subject`."""

    subject: Expression | None
    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression | None


@dataclass(frozen=True, slots=True)
class Comprehension:
    """`[x IN list WHERE condition | value]`."""

    variable: str
    source: Expression
    where: Expression | None
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Quantifier:
    """`all`, `any`, `none` or `single` `(x IN list WHERE condition)`."""

    kind: str
    variable: str
    source: Expression
    where: Expression


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether patterns match from here, with a condition in `EXISTS { ... WHERE ... }`."""

    chains: tuple[Chain, ...]
    where: Expression | None


Expression = (
    Literal_
    | Parameter
    | Variable
    | Property
    | Index
    | Slice
    | ListOf
    | MapOf
    | Unary
    | Binary
    | IsNull
    | HasLabels
    | Call
    | Case
    | Comprehension
    | Quantifier
    | Exists
)

# Patterns

Direction = Literal["out", "in", "both"]
Properties = tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class NodePattern:
    """`(variable:Label {property: value})`."""

    variable: str
    labels: tuple[str, ...]
    properties: Properties


@dataclass(frozen=True, slots=True)
class RelationPattern:
    """`-[variable:TYPE|OTHER*low..high {property: value}]->`; `steps` where there is a star."""

    variable: str
    types: tuple[str, ...]
    direction: Direction
    properties: Properties
    steps: tuple[int, int] | None
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """Nodes with a relation between each two; `path` is its name, `shortest` a search for it."""

    nodes: tuple[NodePattern, ...]
    relations: tuple[RelationPattern, ...]
    path: str | None = None
    shortest: Literal["one", "all"] | None = None


# Clauses


@dataclass(frozen=True, slots=True)
class Match:
    """`MATCH` or `OPTIONAL MATCH`."""

    chains: tuple[Chain, ...]
    optional: bool
    where: Expression | None


@dataclass(frozen=True, slots=True)
class Unwind:
    """`UNWIND list AS variable`."""

    source: Expression
    variable: str


@dataclass(frozen=True, slots=True)
class Item:
    """What a projection gives, under its name."""

    value: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Projection:
    """`WITH` or `RETURN` (`final`); `order` holds (what, descending)."""

    items: tuple[Item, ...]
    star: bool
    distinct: bool
    order: tuple[tuple[Expression, bool], ...]
    skip: Expression | None
    limit: Expression | None
    where: Expression | None
    final: bool


Clause = Match | Unwind | Projection


@dataclass(frozen=True, slots=True)
class Query:
    """Clauses in order; the last one is the only `RETURN`."""

    text: str
    clauses: tuple[Clause, ...]
