"""Values checked against JSON Schema, with problems that a model can act on.

Known keywords: `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`,
`propertyNames`, `items`, `prefixItems`, `anyOf`, `oneOf`, `allOf`, `$ref` into the same
schema, bounds of numbers, texts and lists, `pattern`, `uniqueItems`, and the `format` of
dates, times and UUIDs. Others are not checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from motet.core.json import JSON, dumps
from motet.spec.problems import nearest, shown, step
from motet.tools.compatibility import Hole, may_be
from motet.tools.keywords import (
    DEPTH,
    FORMATS,
    Schema,
    expected,
    kind_of,
    resolve,
    schemas_in,
    types_of,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value: where in it, what was expected, what stands there."""

    path: str
    expected: str
    got: str
    nearest: str | None = None

    def __str__(self) -> str:
        text = f"{self.path or 'the whole'}: expected {self.expected}, got {self.got}"
        return f"{text} (did you mean {self.nearest}?)" if self.nearest else text

    def to_json(self) -> dict[str, JSON]:
        """Return the object that a model reads."""
        found: dict[str, JSON] = {
            "path": self.path,
            "expected": self.expected,
            "got": self.got,
        }
        return found | ({"did_you_mean": self.nearest} if self.nearest else {})


def problems(schema: Schema, value: object, path: str = "") -> list[Problem]:
    """Return everything wrong with a JSON value, in the order of the schema.

    A `Hole` in it is wrong where nothing that it can be would be right.
    """
    return list(_Check(schema).any(schema, value, path, 0))


def _got(value: object) -> str:
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Mapping):
        keys = ", ".join(str(key) for key in list(value)[:5])
        return f"an object with {keys}" if keys else "an empty object"
    if isinstance(value, Sequence):
        return f"a list of {len(value)}"
    return dumps(cast(JSON, value))


def _equal(a: object, b: object) -> bool:
    return a == b and isinstance(a, bool) == isinstance(b, bool)


_NAMES: Mapping[type, tuple[str, ...]] = {
    str: ("string",),
    int: ("integer", "number"),
    float: ("number",),
    bool: ("boolean",),
}


@dataclass(frozen=True, slots=True)
class _Check:
    root: Schema

    def any(self, schema: Schema, value: object, path: str, depth: int) -> Iterator[Problem]:
        if len(schema) == 1 and schema.get("type") in _NAMES.get(type(value), ()):
            return  # most of what there is to check
        schema = resolve(schema, self.root)
        if depth > DEPTH:
            yield Problem(path, f"at most {DEPTH} levels", "more")
            return
        if isinstance(value, Hole):
            if not may_be(value, schema, self.root):
                inside = expected(resolve(value.schema, value.schema))
                yield Problem(path, expected(schema), f"{value.name}, which is {inside}")
            return
        if wrong := self._wrong_kind(schema, value):
            yield Problem(path, wrong, _got(value), _near(schema, value))
            return
        yield from self._branches(schema, value, path, depth)
        if isinstance(value, str):
            yield from _text(schema, value, path)
        elif isinstance(value, Mapping):
            yield from self._object(schema, value, path, depth)
        elif isinstance(value, Sequence):
            yield from self._array(schema, value, path, depth)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield from _number(schema, value, path)

    def _wrong_kind(self, schema: Schema, value: object) -> str | None:
        kinds = types_of(schema)
        kind = kind_of(value)
        if kinds and kind not in kinds and not (kind == "integer" and "number" in kinds):
            return expected(schema)
        if "const" in schema and not _equal(schema["const"], value):
            return expected(schema)
        choices = schema.get("enum")
        if isinstance(choices, Sequence) and not any(_equal(each, value) for each in choices):
            return expected(schema)
        return None

    def _branches(self, schema: Schema, value: object, path: str, depth: int) -> Iterator[Problem]:
        for each in schemas_in(schema.get("allOf")):
            yield from self.any(each, value, path, depth + 1)
        for key in ("anyOf", "oneOf"):
            branches = [resolve(each, self.root) for each in schemas_in(schema.get(key))]
            tried = [list(self.any(each, value, path, depth + 1)) for each in branches]
            if tried and all(tried):
                # A branch of the value's own type says more than that none fits.
                inside = [t for t in tried if t[0].path != path]
                yield from inside[0] if inside else [Problem(path, expected(schema), _got(value))]

    def _object(
        self, schema: Schema, value: Mapping[str, object], path: str, depth: int
    ) -> Iterator[Problem]:
        declared = schema.get("properties")
        known = declared if isinstance(declared, Mapping) else {}
        required = schema.get("required")
        for name in required if isinstance(required, Sequence) else ():
            if name not in value:
                inner = known.get(str(name))
                words = expected(inner) if isinstance(inner, Mapping) else "a value"
                yield Problem(step(path, str(name)), words, "nothing: it is missing")
        others = schema.get("additionalProperties", True)
        names = schema.get("propertyNames")
        for key, each in value.items():
            here = step(path, key)
            inner = known.get(key)
            if isinstance(names, Mapping):
                yield from self.any(names, key, here, depth + 1)
            if isinstance(inner, Mapping):
                yield from self.any(inner, each, here, depth + 1)
            elif isinstance(others, Mapping):
                yield from self.any(others, each, here, depth + 1)
            elif others is False and key not in known:
                free = [name for name in known if name not in value]
                wanted = f"one of {', '.join(known)}" if known else "no keys"
                yield Problem(here, wanted, "an unknown name", nearest(key, free))

    def _array(
        self, schema: Schema, value: Sequence[object], path: str, depth: int
    ) -> Iterator[Problem]:
        yield from _length(schema, value, path, "Items", "items")
        first = schemas_in(schema.get("prefixItems"))
        rest = schema.get("items")
        for at, each in enumerate(value):
            inner = first[at] if at < len(first) else rest
            if isinstance(inner, Mapping):
                yield from self.any(inner, each, f"{path}[{at}]", depth + 1)
            elif inner is False:
                yield Problem(f"{path}[{at}]", f"at most {len(first)} items", "one more")
        if schema.get("uniqueItems") and _repeats(value):
            yield Problem(path, "each item once", "the same item twice")


def _repeats(value: Sequence[object]) -> bool:
    try:
        texts = {dumps(cast(JSON, each), sort=True) for each in value}
    except TypeError:  # it holds what is not known yet
        return False
    return len(texts) < len(value)


def _near(schema: Schema, value: object) -> str | None:
    choices = schema.get("enum")
    if not isinstance(choices, Sequence) or not isinstance(value, str):
        return None
    found = nearest(value, [each for each in choices if isinstance(each, str)])
    return None if found is None else dumps(found)


def _text(schema: Schema, value: str, path: str) -> Iterator[Problem]:
    yield from _length(schema, value, path, "Length", "characters")
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not _matches(pattern, value):
        yield Problem(path, f"a text that matches {pattern}", shown(value))
    words, parse = FORMATS.get(str(schema.get("format")), ("", str))
    try:
        parse(value)
    except ValueError:
        yield Problem(path, words, shown(value))


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:  # a dialect that Python does not know decides nothing
        return True


def _length(
    schema: Schema, value: Sequence[object] | str, path: str, suffix: str, unit: str
) -> Iterator[Problem]:
    least, most = schema.get(f"min{suffix}"), schema.get(f"max{suffix}")
    if isinstance(least, int) and len(value) < least:
        yield Problem(path, f"at least {least} {unit}", f"{len(value)}")
    if isinstance(most, int) and len(value) > most:
        yield Problem(path, f"at most {most} {unit}", f"{len(value)}")


_BOUNDS: Mapping[str, tuple[str, Callable[[float, float], bool]]] = {
    "minimum": ("at least", lambda value, bound: value >= bound),
    "maximum": ("at most", lambda value, bound: value <= bound),
    "exclusiveMinimum": ("more than", lambda value, bound: value > bound),
    "exclusiveMaximum": ("less than", lambda value, bound: value < bound),
}


def _number(schema: Schema, value: float, path: str) -> Iterator[Problem]:
    for keyword, (words, holds) in _BOUNDS.items():
        bound = schema.get(keyword)
        is_number = isinstance(bound, int | float) and not isinstance(bound, bool)
        if is_number and not holds(value, cast(float, bound)):
            yield Problem(path, f"a number of {words} {bound}", dumps(value))
