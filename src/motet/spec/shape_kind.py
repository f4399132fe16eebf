"""Reads the short notation of a skill's input and output."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from motet.core.json import JSON
from motet.spec.kinds import ENVIRONMENT, read_text
from motet.spec.nodes import Entry, Listing, Table, Value, from_python
from motet.spec.problems import shown
from motet.spec.shapes import NAMED, OPTIONAL, ListOf, Member, Named, Object, OneOf, Shape, notation
from motet.spec.sites import Site, Unusable

MEMBER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class ShapeKind:
    """A type: a name, a choice of words, a list with one type, or a mapping of types."""

    expected: str = f"a type: {', '.join(NAMED)}, a | b, [type] or {{name: type}}"

    def read(self, site: Site) -> Shape:
        """Read a type and report the problems of all its parts."""
        if isinstance(site.node, Value) and isinstance(site.node.value, Shape):
            site = replace(site, node=from_python(notation(site.node.value)))
        if isinstance(site.node, Listing):
            if len(site.node.items) != 1:
                raise site.wrong("a list with one type", f"{len(site.node.items)} items")
            return ListOf(self.read(site.item(0, site.node.items[0])))
        if isinstance(site.node, Table):
            return self._object(site, site.node)
        text = read_text(site, self.expected).strip()
        if "|" in text:
            return self._choice(site, text)
        if text not in NAMED:
            raise site.wrong(self.expected, names=NAMED, word=text)
        return Named(text)

    def _choice(self, site: Site, text: str) -> Shape:
        words = tuple(word.strip() for word in text.split("|"))
        if not all(words) or len(set(words)) != len(words):
            raise site.wrong("different words between |")
        types = [word for word in words if word in NAMED]
        if types:
            raise site.wrong("words between |, not types", f"the type {types[0]}")
        return OneOf(words)

    def _object(self, site: Site, table: Table) -> Shape:
        if not table.entries:
            raise site.wrong("at least one member", "an empty mapping")
        members: list[Member] = []
        failed: Unusable | None = None
        for entry in table.entries:
            try:
                members.append(self._member(site.key(entry.key, entry.value), entry))
            except Unusable as error:
                failed = error
        names = [member.name for member in members]
        if len(set(names)) != len(names):
            failed = site.wrong("each member once", "a member both optional and not")
        if failed:
            raise failed
        return Object(tuple(members))

    def _member(self, site: Site, entry: Entry) -> Member:
        name = entry.key.removeprefix(OPTIONAL).strip()
        if not MEMBER.fullmatch(name):
            raise site.wrong(
                "a member's name: a letter, then letters, digits and _",
                shown(entry.key),
                place=entry.place,
            )
        return Member(name, self.read(site), optional=entry.key.startswith(OPTIONAL))

    def write(self, value: Shape) -> JSON:
        """Write the short notation."""
        return notation(value)

    def schema(self) -> dict[str, JSON]:
        """A reference to the recursive definition of types."""
        return {"$ref": "#/$defs/type"}

    @staticmethod
    def definition() -> dict[str, JSON]:
        """The JSON Schema of the notation."""
        this: dict[str, JSON] = {"$ref": "#/$defs/type"}
        name = f"^({OPTIONAL}\\s*)?{MEMBER.pattern}$"
        return {
            "description": "A type: a name, words between |, a list with one type, or members.",
            "anyOf": [
                {"enum": list(NAMED)},
                {"type": "string", "pattern": r"\|"},
                dict(ENVIRONMENT),
                {"type": "array", "items": this, "minItems": 1, "maxItems": 1},
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": name},
                    "additionalProperties": this,
                },
            ],
        }
