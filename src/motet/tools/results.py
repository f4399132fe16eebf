"""What tools return, as JSON: the form that journals keep and models read."""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, TypeAlias
from uuid import UUID

from motet.core.json import JSON

Value: TypeAlias = Any
"""Whatever a tool returns."""


def to_json(value: object) -> JSON:
    """Return a value as JSON.

    Dataclasses, Pydantic models and named tuples become objects; sets and tuples lists;
    dates, paths and UUIDs texts; bytes `{"base64": …}`; NaN and infinities null; arrays what
    their `tolist` gives. Raises TypeError for anything else.
    """
    try:
        return _json(value)
    except RecursionError:
        raise TypeError("it is nested too deeply or in itself") from None


def _json(value: Value) -> JSON:
    if value is None or (isinstance(value, bool | str | int) and not isinstance(value, Enum)):
        return _atom(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Enum):
        return _json(value.value)
    if isinstance(value, Mapping):
        return {_key(key): _json(each) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (field.name for field in dataclasses.fields(value))
        return {name: _json(getattr(value, name)) for name in names}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _json(value._asdict())
    if isinstance(value, Sequence | Set) and not isinstance(value, bytes | bytearray | memoryview):
        return [_json(each) for each in value]
    return _other(value)


def _atom(value: Value) -> JSON:
    """Return subclasses of the plain types as the plain ones: they may write themselves oddly."""
    if isinstance(value, str):
        return value if type(value) is str else str.__str__(value)
    return value if value is None or isinstance(value, bool) else int(value)


def _other(value: Value) -> JSON:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return _json(float(value))
    if isinstance(value, PurePath | UUID):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return {"base64": base64.b64encode(value).decode()}
    for method, options in (("model_dump", {"mode": "json"}), ("tolist", {})):
        found = getattr(value, method, None)
        if callable(found) and not isinstance(value, type):
            return _json(found(**options))
    kind = type(value)
    raise TypeError(f"a {kind.__module__}.{kind.__qualname__} is not JSON")


def _key(key: object) -> str:
    if isinstance(key, str):
        return str(_json(key))
    found = _json(key)
    if isinstance(found, bool) or found is None:
        return {True: "true", False: "false", None: "null"}[found]
    if isinstance(found, int | float | str):
        return str(found)
    raise TypeError(f"a {type(key).__qualname__} cannot be a key of an object")
