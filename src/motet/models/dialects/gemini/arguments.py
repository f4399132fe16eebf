"""Arguments and results of calls: objects here, texts in the canonical model."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.json import JSON, dumps, loads

_UNREADABLE = "INVALID_JSON"


def written_arguments(text: str) -> tuple[Mapping[str, JSON], bool]:
    """Return the arguments as an object, and whether they were one."""
    if not text.strip():
        return {}, True
    value = _parsed(text)
    return (value, True) if isinstance(value, Mapping) else ({_UNREADABLE: text}, False)


def written_result(text: str, *, is_error: bool) -> dict[str, JSON]:
    """Return a result as `response`: under `output` or `error`, an object as itself.

    Only a text that is written in exactly this way is an object, so that reading returns it.
    """
    value = _parsed(text)
    exact = isinstance(value, Mapping | list) and dumps(value) == text
    if is_error:
        return {"error": value if exact else text}
    if exact and isinstance(value, Mapping) and _said(value) is None:
        return dict(value)
    return {"output": text}


def read_result(response: Mapping[str, JSON]) -> tuple[str, bool]:
    """Return the text of a `response`, and whether it is an error."""
    return _said(response) or (dumps(response), False)


def _said(response: Mapping[str, JSON]) -> tuple[str, bool] | None:
    """Return what stands under the keys that the API gives a meaning, None for other objects."""
    if len(response) != 1:
        return None
    ((name, value),) = response.items()
    if name == "output" and isinstance(value, str):
        return value, False
    if name == "error" and isinstance(value, str | Mapping | list):
        return (value if isinstance(value, str) else dumps(value)), True
    return None


def _parsed(text: str) -> JSON:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return loads(text)
    except ValueError:
        return None
