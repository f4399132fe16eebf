"""The graph as rooms exchange it: names, entities, mentions, links, relations, claims.

Positions are 0-based, half-open, in code points of the text of the version they belong to.
Tables are given by their place among the version's tables, rows by their number from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from motet.core.text import normalised

if TYPE_CHECKING:
    from motet.core.json import JSON

ValueType = Literal["text", "integer", "real", "date", "money", "quantity"]
"""What a claim's value is: see `Claim`."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name found in a text: `text[start:end]`.

    `label` is in lower case (person, organisation, place...); `score` lies in 0 to 1.
    """

    start: int
    end: int
    label: str
    score: float


@dataclass(frozen=True, slots=True, order=True)
class Producer:
    """An operator in a version of itself: what derived rows are recorded under."""

    operator: str
    version: str


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """Something that has a name. Same label and key, same entity, in every store.

    `key` is the normalised name, or the value of a table's key.
    """

    label: str
    key: str

    @property
    def uid(self) -> str:
        """Return the first 32 hexadecimal digits of the SHA-256 of label and key."""
        return entity_uid(self.label, self.key)

    @classmethod
    def named(cls, label: str, name: str) -> Entity:
        """Return the entity that goes by a name."""
        return cls(label, normalised(name))


def entity_uid(label: str, key: str) -> str:
    """Return the identity of an entity from its label and its key."""
    return sha256(f"{label}\0{key}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity's name stands in the text at `start` to `end`."""

    entity: Entity
    start: int
    end: int
    score: float
    producer: Producer


@dataclass(frozen=True, slots=True)
class RowPlace:
    """A row of one of the version's tables: the table's position, the row's number from 1."""

    table: int
    number: int


@dataclass(frozen=True, slots=True)
class Link:
    """An entity is a row: its key stands in `column`; `name` is what the row calls it."""

    entity: Entity
    row: RowPlace
    column: str
    name: str
    producer: Producer


@dataclass(frozen=True, slots=True)
class Relation:
    """What stands at `start` to `end` says `subject --type--> object`.

    `row` is set where a row says so. `given`: first-party, a row says it itself; otherwise
    the relation is derived.
    """

    subject: Entity
    type: str
    object: Entity
    start: int
    end: int
    score: float
    producer: Producer
    row: RowPlace | None = None
    given: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """What stands at `start` to `end` says of an entity.

    Values by type: text is a string; integer and real are numbers; date is an ISO 8601
    string (year, month or day); money is `{"amount": "12.50", "currency": "EUR"}`; quantity
    is `{"amount": "12", "unit": "mm"}`, amounts being decimal strings. Times are seconds
    since 1970, None is open.
    """

    entity: Entity
    property: str
    type: ValueType
    value: JSON
    start: int
    end: int
    score: float
    producer: Producer
    row: RowPlace | None = None
    given: bool = False
    valid_from: float | None = None
    valid_to: float | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that one version says, before anything has an id."""

    mentions: Sequence[Mention] = ()
    links: Sequence[Link] = ()
    relations: Sequence[Relation] = ()
    claims: Sequence[Claim] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """`columns` of a table hold keys of the table `table`, there called `to`.

    `label` is what the rows of that table are.
    """

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class TableShape:
    """How a table is keyed.

    `table` names it as `source` or `source#table` where the source holds several. `label` is
    what its rows are (part, supplier); `key` identifies a row; `name` is the column that
    people call it by, None where the key is all there is.
    """

    table: str
    label: str
    key: tuple[str, ...] = ()
    name: str | None = None
    references: tuple[Reference, ...] = ()
