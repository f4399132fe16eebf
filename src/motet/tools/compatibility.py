"""Whether what one schema describes can be what another wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from motet.tools.keywords import DEPTH, Schema, resolve, schemas_in, types_of


@dataclass(frozen=True, slots=True)
class Hole:
    """Stands where a value will be that is not known yet; `schema` says what it can be."""

    schema: Schema
    name: str


def may_be(hole: Hole, wanted: Schema, root: Schema) -> bool:
    """Whether some value of the hole satisfies a schema of a root, as far as types tell."""
    return _Pair(hole.schema, root).may_be(hole.schema, wanted, 0)


@dataclass(frozen=True, slots=True)
class _Pair:
    """The roots of what there is and of what is wanted."""

    got: Schema
    wanted: Schema

    def may_be(self, got: Schema, wanted: Schema, depth: int) -> bool:
        got, wanted = resolve(got, self.got), resolve(wanted, self.wanted)
        if depth > DEPTH:
            return True
        for key in ("anyOf", "oneOf"):
            if branches := schemas_in(got.get(key)):
                return any(self.may_be(each, wanted, depth + 1) for each in branches)
            if branches := schemas_in(wanted.get(key)):
                return any(self.may_be(got, each, depth + 1) for each in branches)
        if not _share_kinds(types_of(got), types_of(wanted)) or _lacks(got, wanted):
            return False
        parts = _shared_parts(got, wanted)
        return all(self.may_be(ours, theirs, depth + 1) for ours, theirs in parts)


def _lacks(got: Schema, wanted: Schema) -> bool:
    """Whether an object of known keys has not all that are required."""
    known, required = got.get("properties"), wanted.get("required")
    if got.get("additionalProperties") is not False or not isinstance(known, Mapping):
        return False
    return isinstance(required, Sequence) and any(str(name) not in known for name in required)


def _share_kinds(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    if not ours or not theirs:
        return True
    wide = {*theirs, *(["integer"] if "number" in theirs else [])}
    return any(each in wide or (each == "number" and "integer" in wide) for each in ours)


def _shared_parts(got: Schema, wanted: Schema) -> Iterator[tuple[Schema, Schema]]:
    """Yield the schemas of what both have inside: items, and required keys."""
    mine, theirs = got.get("items"), wanted.get("items")
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        yield mine, theirs
    inner, needed = got.get("properties"), wanted.get("properties")
    if isinstance(inner, Mapping) and isinstance(needed, Mapping):
        required = wanted.get("required")
        for name in required if isinstance(required, Sequence) else ():
            first, second = inner.get(str(name)), needed.get(str(name))
            if isinstance(first, Mapping) and isinstance(second, Mapping):
                yield first, second
