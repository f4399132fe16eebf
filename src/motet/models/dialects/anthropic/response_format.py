"""Structured output: `output_config.format`, or `output_format` as it was called before."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.json import JSON
from motet.models.dialects.anthropic.fields import Fields, wrong

_NAME = "output"
"""What a schema is called that came without a name; OpenAI wants one."""


def read_format(format: Fields) -> Mapping[str, JSON]:
    """Read the format as OpenAI chat completions write it. Raises `BadRequest`."""
    if format.text("type") != "json_schema":
        raise wrong(format.at("type"), "json_schema")
    schema = format.object("schema")
    if schema is None:
        format.required("schema")
    return {"type": "json_schema", "json_schema": {"name": _NAME, "schema": schema}}


def write_format(format: Mapping[str, JSON], lost: list[str]) -> dict[str, JSON] | None:
    """Write the format, None where there is nothing to be said.

    JSON without a schema cannot be asked for. A schema is always kept to, so that alone says
    `strict`.
    """
    described = format.get("json_schema")
    if format.get("type") == "text":
        return None
    if not isinstance(described, Mapping) or not isinstance(described.get("schema"), Mapping):
        lost.append("response_format")
        return None
    path = "response_format.json_schema"
    kept = {"name": _NAME, "schema": described["schema"]}
    lost += [f"{path}.{key}" for key, value in described.items() if kept.get(key) != value]
    return {"type": "json_schema", "schema": described["schema"]}
