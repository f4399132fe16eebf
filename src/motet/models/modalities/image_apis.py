"""How each API asks for pictures and answers.

OpenAI (https://platform.openai.com/docs/api-reference/images), xAI and others like it; Gemini,
whose models draw in a chat (https://ai.google.dev/gemini-api/docs/image-generation).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from math import gcd
from urllib.parse import quote

from motet.core.chat import Data, Image
from motet.core.errors import UsageError
from motet.core.json import JSON, loads
from motet.models.assembly import assemble
from motet.models.dialects.gemini.usage import tokens_of
from motet.models.dialects.registry import DIALECTS
from motet.models.modalities.apis import Api, root
from motet.models.modalities.exchange import (
    Fields,
    Sent,
    Spent,
    answered,
    count,
    mappings,
    posted,
    text,
    unexpected,
)
from motet.models.modalities.images import ImageAnswer, ImageRequest, Picture
from motet.models.modalities.multipart import Field, written_form
from motet.models.modalities.token_usage import read_spent
from motet.models.modalities.watch import Watch

_WHAT = "picture"
_SIZE = re.compile(r"[1-9]\d{0,5}x[1-9]\d{0,5}", re.ASCII)
_KNOWN = frozenset({"created", "data", "usage"})


def written(request: ImageRequest, model: str, api: Api, base_url: str) -> Sent:
    """Write a request for a provider's model. Raises `UsageError` where it cannot do that."""
    address = root(api, base_url)
    if api == "gemini":
        return _gemini(request, model, address)
    url = f"{address}/images/{request.task}"
    told: dict[str, JSON] = {
        **request.options,
        "model": model,
        "prompt": request.prompt,
        "n": request.count,
        "size": request.size,
        "response_format": request.form,
        "stream": True if request.stream else None,
        "user": request.user,
    }
    if request.task == "generations":
        return posted(url, told)
    fields = [
        Field(name, _plain(value).encode()) for name, value in told.items() if value is not None
    ]
    name = "image" if len(request.pictures) == 1 else "image[]"
    fields += [replace(picture, name=name) for picture in request.pictures]
    fields += [request.mask] if request.mask is not None else []
    body, content_type = written_form(fields)
    return Sent(url, body, content_type)


def _plain(value: JSON) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _gemini(request: ImageRequest, model: str, address: str) -> Sent:
    if request.task == "variations" or request.mask is not None:
        raise UsageError(
            f"{model} changes pictures by what a text says, not by masks", where="mask"
        )
    if request.count > 1 or request.stream:
        raise UsageError(f"{model} makes one picture at a time, not streamed", where="n")
    parts: list[JSON] = [{"text": request.prompt}]
    for picture in request.pictures:
        data = base64.b64encode(picture.value).decode()
        kind = picture.media_type or "image/png"
        parts.append({"inlineData": {"mimeType": kind, "data": data}})
    config: dict[str, JSON] = {"responseModalities": ["TEXT", "IMAGE"]}
    ratio = _ratio(request.size)
    if ratio is not None:
        config["imageConfig"] = {"aspectRatio": ratio}
    lost = list(request.options)
    lost += ["size"] if request.size not in (None, "auto") and ratio is None else []
    lost += ["response_format"] if request.form == "url" else []
    lost += ["user"] if request.user is not None else []
    name = quote(model.removeprefix("models/"), safe="-._~@")
    body: dict[str, JSON] = {
        "contents": [{"role": "user", "parts": parts}],
        "generationConfig": config,
    }
    return posted(f"{address}/models/{name}:generateContent", body, tuple(lost))


def _ratio(size: str | None) -> str | None:
    """Return the shape of a size as Gemini names it: 1536x1024 is 3:2."""
    width, _, height = (size or "").partition("x")
    if not _SIZE.fullmatch(size or ""):
        return None
    by = gcd(int(width), int(height))
    ratio = f"{int(width) // by}:{int(height) // by}"
    return ratio if ratio in _RATIOS else None


_RATIOS = frozenset({"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"})


def read(body: bytes, api: Api, *, where: str, key: str = "") -> ImageAnswer:
    """Read a provider's whole answer; `where` names the model in errors.

    Raises `ProviderError`.
    """
    if api == "gemini":
        return _read_gemini(body, where, key)
    value = answered(body, _WHAT, where, key)
    entries = mappings(value.get("data")) if isinstance(value, Mapping) else []
    if not entries or not isinstance(value, Mapping):
        raise unexpected(body, _WHAT, where, key)
    pictures = tuple(_picture(entry) for entry in entries)
    usage = value.get("usage")
    return ImageAnswer(
        pictures,
        _drawn(read_spent(usage), len(pictures)),
        count(value, "created") or None,
        usage,
        {name: item for name, item in value.items() if name not in _KNOWN},
    )


def watch() -> Watch:
    """Return what reads the usage of a streamed answer, whose last event holds a picture."""
    return Watch(
        lambda usage: _drawn(read_spent(usage), 1),
        "image_generation.completed",
        "image_edit.completed",
    )


def _picture(entry: Fields) -> Picture:
    return Picture(
        text(entry, "b64_json"),
        text(entry, "url"),
        text(entry, "revised_prompt"),
        text(entry, "mime_type"),
    )


def _drawn(spent: Spent, pictures: int) -> Spent:
    return replace(spent, units={**spent.units, "output_images": float(pictures)})


def _read_gemini(body: bytes, where: str, key: str) -> ImageAnswer:
    answer = assemble(DIALECTS["gemini"].reader(where, key).whole(body))
    pictures = [
        Picture(part.source.base64, media_type=part.source.media_type)
        for part in answer.parts
        if isinstance(part, Image) and isinstance(part.source, Data)
    ]
    if not pictures:
        said = answer.text or answer.detail or answer.finish_reason
        raise unexpected(said.encode(), _WHAT, where, key)
    used = answer.usage
    units = {"output_images": float(len(pictures)), **_image_tokens(loads(body))}
    kind = (pictures[0].media_type or "").partition("/")[2]
    usage: dict[str, JSON] | None = None
    if used is not None:
        usage = {
            "input_tokens": used.input_tokens,
            "output_tokens": used.output_tokens,
            "total_tokens": used.input_tokens + used.output_tokens,
        }
    extra: dict[str, JSON] = {"output_format": kind}
    return ImageAnswer(tuple(pictures), Spent(used, units), usage=usage, extra=extra)


def _image_tokens(value: JSON) -> dict[str, float]:
    """Return the tokens of Gemini's answer that are of pictures, by the catalogue's names."""
    counts = value.get("usageMetadata") if isinstance(value, Mapping) else None
    if not isinstance(counts, Mapping):
        return {}
    found = {
        "input_image_tokens": tokens_of(counts.get("promptTokensDetails"), "IMAGE"),
        "output_image_tokens": tokens_of(counts.get("candidatesTokensDetails"), "IMAGE"),
    }
    return {name: float(tokens) for name, tokens in found.items() if tokens}
