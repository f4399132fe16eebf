"""Moderation: what in a text or picture a policy forbids.

https://platform.openai.com/docs/api-reference/moderations; Mistral's /moderations alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from motet.core.chat import Usage
from motet.core.json import JSON, dumps
from motet.models.dialects.openai.given import Given
from motet.models.modalities.apis import Api, root
from motet.models.modalities.exchange import (
    Fields,
    Sent,
    Spent,
    answered,
    count,
    mappings,
    number,
    posted,
    text,
    unexpected,
)

MODEL = "omni-moderation-latest"
"""What OpenAI takes where a client names no model."""


@dataclass(frozen=True, slots=True)
class ModerationRequest:
    """Texts, or the parts of one thing to judge (texts and pictures), as OpenAI writes them."""

    input: str | tuple[JSON, ...]
    extra: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is found in one input: by category whether it is, and how surely (0 to 1)."""

    flagged: bool
    categories: Mapping[str, bool]
    scores: Mapping[str, float]
    extra: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModerationAnswer:
    """A judgement for each input."""

    judgements: tuple[Judgement, ...]
    spent: Spent = field(default_factory=Spent)
    model: str | None = None
    id: str | None = None


def read_request(body: Mapping[str, JSON]) -> tuple[str, ModerationRequest]:
    """Return the model and the request of a client. Raises `BadRequest`."""
    given = Given(body)
    model = given.text("model") or MODEL
    value = given.raw("input")
    if isinstance(value, str):
        return model, ModerationRequest(value, given.rest())
    if not isinstance(value, list) or not value:
        given.refuse("input", "must be a text or a list", "invalid_type")
    kinds = {type(item) for item in value}
    if kinds not in ({str}, {dict}):
        given.refuse("input", "must be a list of texts or of parts", "invalid_type")
    return model, ModerationRequest(tuple(value), given.rest())


def most(request: ModerationRequest) -> Spent:
    """Return the most the request can use."""
    inputs: JSON = request.input
    return Spent(Usage(input_tokens=len(dumps(inputs).encode())))


def written(request: ModerationRequest, model: str, api: Api, base_url: str) -> Sent:
    """Write a request for a provider's model."""
    body: dict[str, JSON] = {**request.extra, "model": model, "input": request.input}
    return posted(f"{root(api, base_url)}/moderations", body)


def read(body: bytes, *, where: str, key: str = "") -> ModerationAnswer:
    """Read a provider's answer; `where` names the model in errors. Raises `ProviderError`."""
    value = answered(body, "moderation", where, key)
    entries = mappings(value.get("results")) if isinstance(value, Mapping) else []
    if not entries or not isinstance(value, Mapping):
        raise unexpected(body, "moderation", where, key)
    usage = value.get("usage")
    spent = Spent(Usage(input_tokens=count(usage, "prompt_tokens"))) if usage else Spent()
    judgements = tuple(_judgement(entry) for entry in entries)
    return ModerationAnswer(judgements, spent, text(value, "model"), text(value, "id"))


def _judgement(entry: Fields) -> Judgement:
    categories = entry.get("categories")
    scores = entry.get("category_scores")
    found = {
        name: value
        for name, value in (categories if isinstance(categories, Mapping) else {}).items()
        if isinstance(value, bool)
    }
    told = {
        name: score
        for name in (scores if isinstance(scores, Mapping) else {})
        if (score := number(scores, name)) is not None
    }
    flagged = entry.get("flagged")
    known = {"flagged", "categories", "category_scores"}
    return Judgement(
        flagged if isinstance(flagged, bool) else any(found.values()),
        found,
        told,
        {name: value for name, value in entry.items() if name not in known},
    )


def written_answer(answer: ModerationAnswer, model: str, *, id: str) -> dict[str, JSON]:
    """Return the body of the answer; `model` and `id` where it has none of its own."""
    results: list[JSON] = [
        {
            "flagged": one.flagged,
            "categories": one.categories,
            "category_scores": one.scores,
            **one.extra,
        }
        for one in answer.judgements
    ]
    return {"id": answer.id or id, "model": answer.model or model, "results": results}
