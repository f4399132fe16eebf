"""JSON as we write it: UTF-8, no escapes of non-ASCII, compact, no NaN."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"


def dumps(value: JSON, *, indent: int | None = None, sort: bool = False) -> str:
    """Serialise. Raises ValueError on NaN and infinities, TypeError on what is not JSON."""
    separators = (",", ": ") if indent else (",", ":")
    return json.dumps(
        value,
        ensure_ascii=False,
        allow_nan=False,
        indent=indent,
        sort_keys=sort,
        separators=separators,
    )


def loads(text: str | bytes) -> JSON:
    """Parse. Raises ValueError."""
    try:
        value: JSON = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value
