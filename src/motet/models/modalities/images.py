"""Pictures from text, changed and varied.

https://platform.openai.com/docs/api-reference/images. How each API writes and reads them is in
`image_apis`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from motet.core.chat import Usage
from motet.core.json import JSON
from motet.models.dialects.dialect import BadRequest
from motet.models.dialects.openai.given import Given
from motet.models.modalities.exchange import Spent
from motet.models.modalities.form_fields import Form
from motet.models.modalities.multipart import Field

Task = Literal["generations", "edits", "variations"]
MAX_PICTURES = 16

_OUTPUT_TOKENS = 6240
"""What the largest picture of the best quality counts: 1536 x 1024, high (gpt-image-1)."""
_PARTIAL_TOKENS = 100
_PARTIALS = 3
_INPUT_TOKENS = 8192
"""More than a picture counts that is given at high fidelity."""


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """Pictures to make: from a text, from pictures and a text, or after a picture.

    `options` are the fields that OpenAI has for how they look and come (`quality`,
    `background`, `output_format`, `partial_images`), and any others, as strings where they
    came in a form.
    """

    task: Task
    prompt: str | None = None
    pictures: tuple[Field, ...] = ()
    mask: Field | None = None
    count: int = 1
    size: str | None = None
    form: str | None = None
    stream: bool = False
    user: str | None = None
    options: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as base64 or at an address, and the prompt that was really used for it."""

    base64: str | None = None
    url: str | None = None
    prompt: str | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class ImageAnswer:
    """Pictures and what they used; `extra` are further fields as OpenAI writes them."""

    pictures: tuple[Picture, ...]
    spent: Spent = field(default_factory=Spent)
    created: int | None = None
    usage: JSON = None
    extra: Mapping[str, JSON] = field(default_factory=dict)


def read_request(body: Mapping[str, JSON]) -> tuple[str, ImageRequest]:
    """Return the model and the request for pictures from a text. Raises `BadRequest`."""
    given = Given(body)
    model, prompt = given.needed("model"), given.needed("prompt")
    count = given.integer("n")
    if count is not None and not 1 <= count <= MAX_PICTURES:
        given.refuse("n", f"must be from 1 to {MAX_PICTURES}", "invalid_value")
    return model, ImageRequest(
        "generations",
        prompt,
        count=count or 1,
        size=given.text("size"),
        form=given.text("response_format"),
        stream=given.flag("stream") or False,
        user=given.text("user"),
        options=given.rest(),
    )


def read_form_request(
    fields: Sequence[Field], task: Literal["edits", "variations"]
) -> tuple[str, ImageRequest]:
    """Return the model and the request of a form with pictures. Raises `BadRequest`."""
    form = Form(fields)
    model = form.needed("model")
    prompt = form.needed("prompt") if task == "edits" else None
    pictures = tuple(form.files("image", "image[]"))
    if not 1 <= len(pictures) <= MAX_PICTURES:
        raise BadRequest(f"image must be 1 to {MAX_PICTURES} files", param="image")
    masks = form.files("mask")
    count = form.integer("n")
    if count is not None and not 1 <= count <= MAX_PICTURES:
        raise BadRequest(f"n must be from 1 to {MAX_PICTURES}", param="n")
    return model, ImageRequest(
        task,
        prompt,
        pictures,
        masks[0] if masks else None,
        count or 1,
        form.text("size"),
        form.text("response_format"),
        form.flag("stream") or False,
        form.text("user"),
        {each.name: each.text for each in form.rest()},
    )


def most(request: ImageRequest) -> Spent:
    """Return the most the request can use, as far as it is counted in tokens."""
    partial = request.options.get("partial_images")
    partials = min(max(partial, 0), 100) if isinstance(partial, int) else _PARTIALS
    each = _OUTPUT_TOKENS + _PARTIAL_TOKENS * partials
    shown = len(request.pictures) + (request.mask is not None)
    given = shown * _INPUT_TOKENS
    made = each * request.count
    units = {"output_images": float(request.count), "output_image_tokens": float(made)}
    if given:
        units["input_image_tokens"] = float(given)
    tokens = given + len((request.prompt or "").encode())
    return Spent(Usage(input_tokens=tokens, output_tokens=made), units)


def written_answer(answer: ImageAnswer, *, created: int) -> dict[str, JSON]:
    """Return the body of the answer; `created` (epoch seconds) where it has none of its own."""
    data: list[JSON] = []
    for picture in answer.pictures:
        said = {
            "b64_json": picture.base64,
            "url": picture.url,
            "revised_prompt": picture.prompt,
        }
        data.append({name: value for name, value in said.items() if value is not None})
    when = created if answer.created is None else answer.created
    body: dict[str, JSON] = {"created": when, **answer.extra, "data": data}
    return body if answer.usage is None else {**body, "usage": answer.usage}
