"""`generationConfig`, both ways (https://ai.google.dev/api/generate-content#generationconfig)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from motet.core.chat import ChatRequest, Thinking
from motet.core.json import JSON
from motet.models.dialects.gemini.fields import Fields
from motet.models.dialects.gemini.schemas import json_schema
from motet.models.dialects.gemini.thinking import read_thinking, written_thinking

_JSON = "application/json"
_PLAIN = "text/plain"
_SCHEMA_NAME = "response"


def written_configuration(request: ChatRequest, model: str, lost: list[str]) -> dict[str, JSON]:
    """Return the `generationConfig`; what it cannot say is added to `lost`."""
    said: dict[str, JSON] = {
        "temperature": request.temperature,
        "topP": request.top_p,
        "topK": request.top_k,
        "maxOutputTokens": request.max_tokens,
        "stopSequences": request.stop or None,
        "seed": request.seed,
        "presencePenalty": request.presence_penalty,
        "frequencyPenalty": request.frequency_penalty,
    }
    config: dict[str, JSON] = {name: value for name, value in said.items() if value is not None}
    if request.response_format is not None:
        config |= _written_format(request.response_format, lost)
    if request.thinking is not None and (
        thinking := written_thinking(request.thinking, model, lost)
    ):
        config["thinkingConfig"] = thinking
    return config


def _written_format(form: Mapping[str, JSON], lost: list[str]) -> dict[str, JSON]:
    kind = form.get("type")
    if kind == "text":
        return {"responseMimeType": _PLAIN}
    if kind == "json_object":
        return {"responseMimeType": _JSON}
    described = form.get("json_schema")
    if kind != "json_schema" or not isinstance(described, Mapping):
        lost.append("response_format")
        return {}
    usual = {"name": _SCHEMA_NAME, "strict": None, "description": None}
    lost += [
        f"response_format.json_schema.{name}"
        for name, value in usual.items()
        if described.get(name) not in (value, None)
    ]
    # The schema is kept to in any case, so `strict` says nothing more.
    schema = described.get("schema")
    return {"responseMimeType": _JSON} | ({} if schema is None else {"responseJsonSchema": schema})


@dataclass(frozen=True, slots=True)
class Configuration:
    """A `generationConfig` as read: sampling by the names of `ChatRequest`, and the rest."""

    sampling: Mapping[str, float | None]
    max_tokens: int | None
    top_k: int | None
    seed: int | None
    stop: tuple[str, ...]
    response_format: Mapping[str, JSON] | None
    thinking: Thinking | None
    extra: Mapping[str, JSON] = field(default_factory=dict)


def read_configuration(fields: Fields, lost: list[str]) -> Configuration:
    """Read a `generationConfig`; `extra` is what the canonical model has no field for.

    Raises `BadRequest`.
    """
    thinking = fields.object("thinkingConfig")
    if (count := fields.integer("candidateCount")) is not None and count > 1:
        lost.append(fields.at("candidateCount"))
    return Configuration(
        sampling={
            "temperature": fields.number("temperature"),
            "top_p": fields.number("topP"),
            "presence_penalty": fields.number("presencePenalty"),
            "frequency_penalty": fields.number("frequencyPenalty"),
        },
        max_tokens=fields.integer("maxOutputTokens"),
        top_k=fields.integer("topK"),
        seed=fields.integer("seed"),
        stop=fields.texts("stopSequences"),
        response_format=_read_format(fields),
        thinking=None if thinking is None else read_thinking(thinking, lost),
        extra=fields.left,
    )


def _read_format(fields: Fields) -> Mapping[str, JSON] | None:
    kind = fields.text("responseMimeType")
    if kind not in (None, _JSON, _PLAIN):
        # Such as text/x.enum: no other dialect has it, and it comes with a schema of its own.
        fields.left["responseMimeType"] = kind
        return None
    schema = fields.take("responseJsonSchema")
    google = fields.take("responseSchema")
    if schema is None and google is not None:
        schema = json_schema(google, fields.at("responseSchema"))
    if schema is not None:
        return {"type": "json_schema", "json_schema": {"name": _SCHEMA_NAME, "schema": schema}}
    if kind is None:
        return None
    return {"type": "json_object" if kind == _JSON else "text"}
