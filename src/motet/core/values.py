"""Python values as JSON text and back: what a journal keeps is what a resumed run gets.

JSON values stand for themselves. Everything else is an object with one key that starts with
`$`: tuples, sets, bytes, dates, enumerations, dataclasses, named tuples, Pydantic models,
numbers that JSON lacks, and dictionaries with keys that JSON lacks.
"""

from __future__ import annotations

import base64
import dataclasses
import importlib
import json
import math
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, TypeAlias, cast

from motet.core.json import JSON

Special: TypeAlias = Callable[[object], JSON]
"""Encodes what only the caller knows; returns None for what it does not know either."""

_ATOMS = frozenset((str, int, bool, type(None)))
_UTF8 = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_ASCII = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
_seen: dict[str, type] = {}
"""Types met by this process: those of a function's body cannot be found by name."""


class ValueTypeError(TypeError):
    """A value cannot be kept; `path` says where in it, `kind` what stands there."""

    def __init__(self, path: str, kind: str, hint: str = "") -> None:
        super().__init__(f"{path or 'the value'} is {kind}, which cannot be stored{hint}")
        self.path = path
        self.kind = kind


def encode(value: object, special: Special | None = None) -> str:
    """Return the value as JSON text. Raises `ValueTypeError`."""
    plain = structure(value, special)
    try:
        text = _UTF8(plain)
    except RecursionError as error:
        raise ValueTypeError("", "nested too deeply or in itself") from error
    except ValueError as error:  # Python writes no longer ones
        raise ValueTypeError("", "or holds a number of thousands of digits") from error
    return text if text.isascii() or _is_text(text) else _ASCII(plain)


def structure(value: object, special: Special | None = None) -> JSON:
    """Return the value as JSON, tags and all. Raises `ValueTypeError`."""
    return cast(JSON, value) if _plain(value) else _tagged(value, special, "")


def decode(text: str, tags: Mapping[str, Callable[[Any], object]] | None = None) -> object:
    """Return the value of `encode`'s text; `tags` read what `special` wrote.

    Raises ValueError for a type that is not to be found any more, or has changed.
    """
    try:
        if '"$' not in text:
            return json.loads(text)
        return json.loads(text, object_hook=lambda found: _untag(found, tags))
    except (TypeError, AttributeError, LookupError) as error:
        raise ValueError(f"a recorded value cannot be rebuilt: {error}") from error
    except RecursionError as error:
        raise ValueError("a recorded value is nested too deeply") from error


def check_tags(text: str) -> None:
    """Raise ValueError where JSON text holds a tag that `decode` does not know."""

    def check(found: dict[str, Any]) -> object:
        if len(found) == 1 and (tag := next(iter(found)))[:1] == "$" and tag not in _READERS:
            raise ValueError(f"unknown kind of value: {tag}")
        return found

    json.loads(text, object_hook=check)


def _is_text(text: str) -> bool:
    """Whether it holds no half characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain(value: object) -> bool:
    kind = type(value)
    if kind in _ATOMS:
        return True
    if kind is float:
        return math.isfinite(cast(float, value))
    try:
        if kind is list:
            return all(map(_plain, cast("list[object]", value)))
        if kind is dict:
            found = cast("dict[object, object]", value)
            return all(type(k) is str and k[:1] != "$" for k in found) and all(
                map(_plain, found.values())
            )
    except RecursionError:
        raise ValueTypeError("", "nested too deeply or in itself") from None
    return False


def _tagged(value: object, special: Special | None, path: str) -> JSON:
    if special is not None and (found := special(value)) is not None:
        return found
    kind = type(value)
    if kind in _ATOMS:
        return cast(JSON, value)
    if kind is float:
        number = cast(float, value)
        return number if math.isfinite(number) else {"$float": repr(number)}
    try:
        if kind is list:
            return _items(cast("list[object]", value), special, path)
        if kind is dict:
            return _dict(cast("dict[object, object]", value), special, path)
        return _object(value, kind, special, path)
    except RecursionError:
        raise ValueTypeError(path[:80], "nested too deeply or in itself") from None


def _items(values: Any, special: Special | None, path: str) -> list[JSON]:
    return [_tagged(each, special, f"{path}[{at}]") for at, each in enumerate(values)]


def _dict(value: dict[object, object], special: Special | None, path: str) -> JSON:
    if all(type(key) is str and key[:1] != "$" for key in value):
        return {
            cast(str, key): _tagged(each, special, f"{path}.{key}") for key, each in value.items()
        }
    pairs = [[key, each] for key, each in value.items()]
    return {"$dict": [_items(pair, special, f"{path}[{pair[0]!r}]") for pair in pairs]}


def _object(value: Any, kind: type, special: Special | None, path: str) -> JSON:
    if kind is tuple:
        return {"$tuple": _items(value, special, path)}
    if kind is bytes or kind is bytearray:
        return {f"${kind.__name__}": base64.b64encode(value).decode()}
    if kind is datetime or kind is date:
        return {f"${kind.__name__}": value.isoformat()}
    if kind is set or kind is frozenset:
        # Sorted by what is written, so that equal sets have equal text.
        found = sorted(_items(value, special, path), key=_UTF8)
        return {f"${kind.__name__}": found}
    if isinstance(value, Enum):
        return {"$enum": [_name(kind), _tagged(value.value, special, path)]}
    if dataclasses.is_dataclass(value) and _is_plain_class(kind):
        names = [field.name for field in dataclasses.fields(value) if hasattr(value, field.name)]
        fields: dict[str, JSON] = {
            name: _tagged(getattr(value, name), special, f"{path}.{name}") for name in names
        }
        return {"$data": [_name(kind), fields]}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {"$named": [_name(kind), _items(value, special, path)]}
    if _is_model(value):
        try:
            return {"$model": [_name(kind), value.model_dump(mode="json", round_trip=True)]}
        except ValueError as error:
            raise ValueTypeError(path, f"a {_shown(kind)}", f": {error}") from None
    hint = "; return JSON, bytes, a dataclass or a Pydantic model"
    raise ValueTypeError(path, f"a {_shown(kind)}", hint)


def _is_model(value: object) -> bool:
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and isinstance(value, pydantic.BaseModel)


@lru_cache(maxsize=1024)
def _is_plain_class(kind: type) -> bool:
    """Whether its fields are all there is to it: not where it is also a dictionary, an error..."""
    try:
        object.__new__(kind)
    except TypeError:
        return False
    return True


def _shown(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _name(kind: type) -> str:
    name = f"{kind.__module__}:{kind.__qualname__}"
    _seen[name] = kind
    return name


def remember(kind: type) -> None:
    """Let values of a type be decoded that cannot be found by its name."""
    _name(kind)


def _untag(found: dict[str, Any], tags: Mapping[str, Callable[[Any], object]] | None) -> object:
    if len(found) != 1:
        return found
    [(tag, body)] = found.items()
    if tag[:1] != "$":
        return found
    if tags is not None and tag in tags:
        return tags[tag](body)
    reader = _READERS.get(tag)
    if reader is None:
        raise ValueError(f"unknown kind of value: {tag}")
    return reader(body)


def _data(body: Any) -> object:
    """Rebuild without `__init__`, which may not take all fields, or do more."""
    kind = _type(body[0])
    value: object = object.__new__(kind)
    for name, each in body[1].items():
        object.__setattr__(value, name, each)
    return value


def _type(name: str) -> type:
    if name in _seen:
        return _seen[name]
    module, _, path = name.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"the type {name} of a recorded value is not to be found") from error
    return cast(type, found)


_READERS: dict[str, Callable[[Any], object]] = {
    "$tuple": tuple,
    "$set": set,
    "$frozenset": frozenset,
    "$dict": dict,
    "$bytes": base64.b64decode,
    "$bytearray": lambda body: bytearray(base64.b64decode(body)),
    "$float": float,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$enum": lambda body: cast("type[Enum]", _type(body[0]))(body[1]),
    "$data": _data,
    "$named": lambda body: _type(body[0])(*body[1]),
    "$model": lambda body: cast(Any, _type(body[0])).model_validate(body[1]),
}
