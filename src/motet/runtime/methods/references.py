"""References between calls: typed values in arguments, never text substitution.

`{"$ref": "a", "path": ["rows", 0]}` stands for what call `a` gave, or a part of it;
`{"$item": true, "path": […]}` for the item at hand of a call that runs for each of several.
`{"$literal": …}` is its content as it stands, whatever it looks like. Only objects refer:
text is text, `$1` and `{"$ref": "a"}` in quotes included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from motet.core.json import JSON, dumps
from motet.spec.problems import nearest
from motet.tools.keywords import Schema, resolve, schemas_in

REF, ITEM, LITERAL, PATH = "$ref", "$item", "$literal", "path"
MARKS = (REF, ITEM, LITERAL)
Key = str | int
Value = JSON


class BadReference(Exception):
    """A reference is malformed, or leads nowhere; the message is for the model."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a reference says: the call (None: the item at hand) and the way into its result."""

    call: str | None
    path: tuple[Key, ...] = ()

    def __str__(self) -> str:
        steps = "".join(f"[{dumps(key)}]" for key in self.path)
        return f"{'the item' if self.call is None else repr(self.call)}{steps}"


def reference(value: object) -> Reference | None:
    """Return the reference that an object is, None where it is none. Raises `BadReference`."""
    if not isinstance(value, Mapping):
        return None
    marks = [mark for mark in MARKS if mark in value]
    if not marks:
        return None
    (mark, *others) = marks
    allowed = {mark} if mark == LITERAL else {mark, PATH}
    extra = [key for key in value if key not in allowed]
    if others or extra:
        raise BadReference(
            f"an object with {mark} has no other keys than "
            f"{' and '.join(sorted(allowed))}; got {', '.join(map(str, value))}"
            f' (write {{"{LITERAL}": …}} around what is meant as it stands)'
        )
    if mark == LITERAL:
        return None
    return Reference(_target(mark, value[mark]), _path(value.get(PATH, [])))


def _target(mark: str, value: object) -> str | None:
    if mark == ITEM:
        if value is not True:
            raise BadReference(f"{ITEM} is true, got {_shown(value)}")
        return None
    if not isinstance(value, str):
        raise BadReference(f"{REF} is the id of a call, got {_shown(value)}")
    return value


def _path(value: object) -> tuple[Key, ...]:
    keys = value if isinstance(value, Sequence) and not isinstance(value, str) else None
    if keys is None or any(isinstance(k, bool) or not isinstance(k, str | int) for k in keys):
        raise BadReference(f"{PATH} is a list of keys and positions, got {_shown(value)}")
    return tuple(keys)


def references(value: object) -> Iterator[Reference]:
    """Yield the references in a value, outermost first. Raises `BadReference`."""
    found = reference(value)
    if found is not None:
        yield found
    elif isinstance(value, Mapping):
        if LITERAL not in value:
            for each in value.values():
                yield from references(each)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from references(each)


def resolved(value: JSON, stands_for: Callable[[Reference], object]) -> object:
    """Return the value with every reference replaced by what it stands for.

    Raises `BadReference`, also as `stands_for` does.
    """
    found = reference(value)
    if found is not None:
        return stands_for(found)
    if isinstance(value, Mapping):
        if LITERAL in value:
            return value[LITERAL]
        return {key: resolved(each, stands_for) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [resolved(each, stands_for) for each in value]
    return value


def followed(found: Reference, value: JSON) -> JSON:
    """Return the part of a result that a reference leads to. Raises `BadReference`."""
    for at, key in enumerate(found.path):
        here = Reference(found.call, found.path[:at])
        if isinstance(value, Mapping) and isinstance(key, str):
            if key not in value:
                raise BadReference(f"{here} has no key {dumps(key)}{_near(key, value)}")
            value = value[key]
        elif _is_list(value) and isinstance(key, int):
            items = value if isinstance(value, Sequence) else []
            if not 0 <= key < len(items):
                raise BadReference(f"{here} has {len(items)} items, and none at {key}")
            value = items[key]
        else:
            kind = "a key" if isinstance(key, str) else "a position"
            raise BadReference(f"{here} is {_kind(value)}, and {dumps(key)} is {kind}")
    return value


def schema_at(schema: Schema, path: Sequence[Key]) -> Schema:
    """Return the schema of a part of what a schema describes, empty where it does not tell."""
    root = schema
    for key in path:
        schema = resolve(schema, root)
        if schemas_in(schema.get("anyOf")) or schemas_in(schema.get("oneOf")):
            return {}
        inner: JSON = None
        if isinstance(key, str):
            known = schema.get("properties")
            inner = known.get(key) if isinstance(known, Mapping) else None
            inner = schema.get("additionalProperties") if inner is None else inner
        else:
            first = schemas_in(schema.get("prefixItems"))
            inner = first[key] if 0 <= key < len(first) else schema.get("items")
        if not isinstance(inner, Mapping):
            return {}
        schema = inner
    definitions = root.get("$defs")
    return {**schema, "$defs": definitions} if definitions and schema is not root else schema


def _near(key: str, value: Mapping[str, JSON]) -> str:
    near = nearest(key, list(value))
    if near:
        return f" (did you mean {dumps(near)}?)"
    return f"; it has {', '.join(list(value)[:8])}" if value else "; it is empty"


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if _is_list(value):
        return "a list"
    return "a text" if isinstance(value, str) else _shown(value)


def _shown(value: object) -> str:
    try:
        text = dumps(value)  # type: ignore[arg-type]
    except TypeError:
        text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
