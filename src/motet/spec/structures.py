"""The kinds made of other kinds: lists, records of named fields, and mappings by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from motet.core.json import JSON
from motet.spec.kinds import AnyKind, Kind
from motet.spec.nodes import Listing, Node, Scalar, Table, Value, from_python
from motet.spec.problems import nearest, shown
from motet.spec.sites import Site, Unusable

T = TypeVar("T")
V = TypeVar("V")


class Required:
    """Marks a field without a default."""


REQUIRED: Final = Required()


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a record: what it holds, what it is for, and what holds without it.

    `attribute` is its name in Python where the key is a reserved word; `default` is the
    attribute's default.
    """

    key: str
    kind: AnyKind
    about: str
    default: object = REQUIRED
    attribute: str = ""

    @property
    def name(self) -> str:
        """The attribute of the record's class."""
        return self.attribute or self.key

    @property
    def required(self) -> bool:
        """Whether the key must be there."""
        return self.default is REQUIRED


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """A rule about several fields; it runs when the fields it `needs` could be read."""

    needs: tuple[str, ...]
    check: Callable[[T, Site], None]


@dataclass(frozen=True, slots=True)
class Short:
    """Which of a record's keys a value alone may stand for; `choose` returns one of `keys`."""

    keys: tuple[str, ...]
    choose: Callable[[Node], str | None]


@dataclass(frozen=True, slots=True)
class ManyOf(Generic[T]):
    """A list; one item alone may stand for a list of one. `same` tells what must not repeat."""

    item: Kind[T]
    same: Callable[[T], object] | None = None
    least: int = 0

    @property
    def expected(self) -> str:
        """The items in words."""
        return f"a list, each item {self.item.expected}"

    def read(self, site: Site) -> tuple[T, ...]:
        """Read every item and report the problems of all."""
        if not isinstance(site.node, Listing):
            return (self.item.read(site),)
        if len(site.node.items) < self.least:
            raise site.wrong("at least one item", "an empty list")
        found: dict[object, int] = {}
        values: list[T] = []
        failed: Unusable | None = None
        for index, node in enumerate(site.node.items):
            here = site.item(index, node)
            try:
                value = self.item.read(here)
                key = self.same(value) if self.same else index
                if key in found:
                    first = f"{site.path}[{found[key]}]"
                    raise here.wrong("each item once", f"the same as {first}")
            except Unusable as error:
                failed = error
                continue
            found[key] = index
            values.append(value)
        if failed:
            raise failed
        return tuple(values)

    def write(self, value: tuple[T, ...]) -> JSON:
        """Write a list."""
        return [self.item.write(item) for item in value]

    def schema(self) -> dict[str, JSON]:
        """An item or an array of them."""
        items: dict[str, JSON] = {"type": "array", "items": self.item.schema()}
        if self.least:
            items["minItems"] = self.least
        return {"anyOf": [self.item.schema(), items]}


@dataclass(frozen=True, slots=True)
class Entries(Generic[T, V]):
    """A mapping from names to values, read as a tuple in the order of the file."""

    name: Kind[str]
    value: Kind[V]
    join: Callable[[str, V], T]
    split: Callable[[T], tuple[str, V]]
    expected: str
    of: type[T] | None = None

    def read(self, site: Site) -> tuple[T, ...]:
        """Read every entry and report the problems of all."""
        site = self._plain(site)
        if not isinstance(site.node, Table):
            raise site.wrong(self.expected)
        items: list[T] = []
        failed: Unusable | None = None
        for entry in site.node.entries:
            here = site.key(entry.key, entry.value)
            try:
                self.name.read(replace(here, node=Scalar(entry.key, place=entry.place)))
                items.append(self.join(entry.key, self.value.read(here)))
            except Unusable as error:
                failed = error
        if failed:
            raise failed
        return tuple(items)

    def _plain(self, site: Site) -> Site:
        """Turn objects of ours, as a declaration in Python has them, into plain data."""
        items = site.node.items if isinstance(site.node, Listing) else ()
        made = [item.value for item in items if isinstance(item, Value)]
        ours = tuple(value for value in made if self.of and isinstance(value, self.of))
        if isinstance(site.node, Listing) and len(ours) == len(items):
            return replace(site, node=from_python(self.write(ours)))
        return site

    def write(self, value: tuple[T, ...]) -> JSON:
        """Write a mapping."""
        pairs = (self.split(item) for item in value)
        return {name: self.value.write(item) for name, item in pairs}

    def schema(self) -> dict[str, JSON]:
        """An object with any keys of the kind."""
        return {
            "type": "object",
            "propertyNames": self.name.schema(),
            "additionalProperties": self.value.schema(),
        }


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """A mapping with known keys, read as one of our classes.

    `short` says which key a value alone stands for, where one may stand for the mapping;
    of the keys in `one_of`, exactly one must be there.
    """

    title: str
    of: type[T]
    about: str
    fields: tuple[Field, ...]
    expected: str
    rules: tuple[Rule[T], ...] = ()
    short: Short | None = None
    one_of: tuple[str, ...] = ()

    def field(self, key: str) -> Field | None:
        """Return the field with this key."""
        return next((field for field in self.fields if field.key == key), None)

    def read(self, site: Site) -> T:
        """Read every field, report the problems of all, then the rules."""
        site = self._plain(site)
        node = site.node
        values: dict[str, Any] = {}
        failed: set[str] = set()
        key = self.short.choose(node) if self.short and not isinstance(node, Table) else None
        if key:
            values |= self._read_entries(((key, site),), failed)
        elif isinstance(node, Table):
            sites = self._known(site, node, failed)
            values |= self._read_entries(sites, failed)
        else:
            raise site.wrong(self.expected)
        return self._build(site, values, failed)

    def _plain(self, site: Site) -> Site:
        """Turn an object of the record's class into plain data, so that it is checked too."""
        if not isinstance(site.node, Value) or not isinstance(site.node.value, self.of):
            return site
        try:
            return replace(site, node=from_python(self.write(site.node.value)))
        except (AttributeError, TypeError, ValueError):
            got = f"a {self.of.__name__} whose fields have other types"
            raise site.wrong(self.expected, got) from None

    def _known(self, site: Site, node: Table, failed: set[str]) -> tuple[tuple[str, Site], ...]:
        known: list[tuple[str, Site]] = []
        meant: set[str | None] = set()
        keys = [field.key for field in self.fields]
        for entry in node.entries:
            here = site.key(entry.key, entry.value)
            if self.field(entry.key):
                known.append((entry.key, here))
                continue
            failed.add("")
            near = nearest(entry.key, keys)
            meant.add(near)
            got = f"the unknown key {shown(entry.key)}"
            here.wrong(f"one of {', '.join(keys)}", got, near=near, place=entry.place)
        for field in self.fields:
            if field.required and node.get(field.key) is None:
                failed.add(field.key)
                if field.key not in meant:
                    missing = site.key(field.key, node)
                    missing.wrong(field.kind.expected, "nothing: the key is missing")
        present = [key for key in self.one_of if node.get(key)]
        if len(present) > 1 or (self.one_of and not present and not failed):
            failed.update(self.one_of)
            site.wrong(
                f"exactly one of {', '.join(self.one_of)}", " and ".join(present) or "none of them"
            )
        return tuple(known)

    def _read_entries(
        self, sites: tuple[tuple[str, Site], ...], failed: set[str]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, site in sites:
            field = self.field(key)
            assert field is not None
            try:
                values[field.name] = field.kind.read(site)
            except Unusable:
                failed.add(key)
        return values

    def _build(self, site: Site, values: Mapping[str, Any], failed: set[str]) -> T:
        defaults = {field.name: None if field.required else field.default for field in self.fields}
        value = self.of(**(defaults | dict(values)))
        before = len(site.report.problems)
        for rule in self.rules:
            if failed.isdisjoint(rule.needs):
                rule.check(value, site)
        if failed or len(site.report.problems) > before:
            raise Unusable(site.path)
        return value

    def write(self, value: T) -> JSON:
        """Write a mapping without what is at its default, or the short form."""
        data: dict[str, JSON] = {}
        for field in self.fields:
            found = getattr(value, field.name)
            if field.required or found != field.default:
                data[field.key] = field.kind.write(found)
        if len(data) == 1 and self.short:
            ((key, alone),) = data.items()
            if self.short.choose(from_python(alone)) == key:
                return alone
        return data

    def schema(self) -> dict[str, JSON]:
        """A reference to the record's definition."""
        return {"$ref": f"#/$defs/{self.title}"}

    def definition(self) -> dict[str, JSON]:
        """The JSON Schema of the record."""
        properties: dict[str, JSON] = {}
        for field in self.fields:
            default = None if field.required else self._default(field)
            properties[field.key] = {
                "description": field.about,
                **field.kind.schema(),
                **({} if default is None else {"default": default}),
            }
        table: dict[str, JSON] = {
            "type": "object",
            "description": self.about,
            "properties": properties,
            "required": [field.key for field in self.fields if field.required],
            "additionalProperties": False,
        }
        if self.one_of:
            table["oneOf"] = [{"required": [key]} for key in self.one_of]
        keys = self.short.keys if self.short else ()
        alone = [field.kind.schema() for field in self.fields if field.key in keys]
        return {"anyOf": [*alone, table]} if alone else table

    def _default(self, field: Field) -> JSON:
        empty = field.default in (None, "", ())
        return None if empty else field.kind.write(field.default)
