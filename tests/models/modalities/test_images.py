"""Pictures made, changed and varied."""

from __future__ import annotations

import json
from typing import Any

import pytest

from motet.core.chat import Usage
from motet.core.errors import ProviderError, UsageError
from motet.models.dialects.dialect import BadRequest
from motet.models.modalities import images
from motet.models.modalities.exchange import Spent
from motet.models.modalities.image_apis import read, watch, written
from motet.models.modalities.images import ImageRequest, Picture
from motet.models.modalities.multipart import Field, read_form

PNG = Field("image", b"\x89PNG", "a.png", "image/png")
GOOGLE = "https://generativelanguage.googleapis.com/v1beta"
USAGE = {
    "total_tokens": 100,
    "input_tokens": 50,
    "output_tokens": 50,
    "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
    "output_tokens_details": {"image_tokens": 45, "text_tokens": 5},
}


def test_generation() -> None:
    body = {
        "model": "gpt-image-1",
        "prompt": "A cat",
        "n": 2,
        "size": "1024x1024",
        "quality": "low",
        "output_format": "webp",
        "user": "u",
    }
    model, request = images.read_request(body)
    sent = written(request, model, "openai", "https://api.openai.com/v1")
    assert sent.url == "https://api.openai.com/v1/images/generations"
    assert json.loads(sent.body) == body
    streamed = ImageRequest("generations", "A cat", stream=True)
    assert json.loads(written(streamed, "m", "openai", "http://x/v1").body)["stream"] is True


def test_edits_are_forms() -> None:
    form = [
        Field("model", b"m"),
        Field("prompt", b"Add a hat"),
        Field("image[]", b"1", "1.png", "image/png"),
        Field("image[]", b"2", "2.png", "image/png"),
        Field("mask", b"3", "3.png", "image/png"),
        Field("quality", b"high"),
        Field("stream", b"true"),
    ]
    model, request = images.read_form_request(form, "edits")
    sent = written(request, model, "openai", "http://x/v1")
    assert sent.url == "http://x/v1/images/edits"
    found = {(each.name, each.value) for each in read_form(sent.body, sent.content_type)}
    assert found == {(each.name, each.value) for each in form} | {("n", b"1")}


def test_variations_have_no_prompt() -> None:
    form = [Field("model", b"dall-e-2"), PNG, Field("n", b"2"), Field("response_format", b"url")]
    model, request = images.read_form_request(form, "variations")
    sent = written(request, model, "openai", "http://x/v1")
    assert sent.url == "http://x/v1/images/variations"
    names = [each.name for each in read_form(sent.body, sent.content_type)]
    assert sorted(names) == ["image", "model", "n", "response_format"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": None}, "prompt"),
        ({"n": 0}, "n"),
        ({"n": 17}, "n"),
        ({"size": 1}, "size"),
        ({"stream": "yes"}, "stream"),
    ],
)
def test_wrong_requests_are_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        images.read_request({"model": "m", "prompt": "A cat", **fields})
    assert caught.value.param == param


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ([Field("model", b"m"), PNG], "prompt"),
        ([Field("model", b"m"), Field("prompt", b"x")], "image"),
        ([Field("model", b"m"), Field("prompt", b"x"), PNG, Field("n", b"99")], "n"),
        ([Field("model", b"m"), Field("prompt", b"x"), Field("image", b"x")], "image"),
    ],
)
def test_wrong_forms_are_named(form: list[Field], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        images.read_form_request(form, "edits")
    assert caught.value.param == param


def test_answers_keep_what_openai_says() -> None:
    body = {
        "created": 7,
        "background": "opaque",
        "data": [{"b64_json": "AAAA"}, {"url": "https://x/1.png", "revised_prompt": "A cat!"}],
        "usage": USAGE,
    }
    answer = read(json.dumps(body).encode(), "openai", where="test/m")
    assert answer.pictures == (
        Picture("AAAA"),
        Picture(url="https://x/1.png", prompt="A cat!"),
    )
    units = {"input_image_tokens": 40.0, "output_image_tokens": 45.0, "output_images": 2.0}
    assert answer.spent == Spent(Usage(50, 50), units)
    assert images.written_answer(answer, created=1) == body
    bare = read(b'{"data":[{"url":"u"}]}', "openai", where="test/m")
    assert images.written_answer(bare, created=1) == {"created": 1, "data": [{"url": "u"}]}
    assert bare.spent == Spent(None, {"output_images": 1.0})


def test_streams_tell_their_usage_with_the_picture() -> None:
    for kind in ("image_generation", "image_edit"):
        watched = watch()
        watched.feed(f'data: {{"type":"{kind}.partial_image","b64_json":"A"}}\n\n'.encode())
        assert watched.spent is None
        done = json.dumps({"type": f"{kind}.completed", "b64_json": "A", "usage": USAGE})
        watched.feed(f"data: {done}\n\n".encode())
        assert watched.spent is not None and watched.spent.usage == Usage(50, 50)
        assert watched.spent.units["output_images"] == 1.0


def test_gemini_draws_in_a_chat() -> None:
    request = ImageRequest(
        "edits", "Add a hat", (PNG,), size="1536x1024", user="u", options={"quality": "high"}
    )
    sent = written(request, "gemini-2.5-flash-image", "gemini", GOOGLE)
    assert sent.url == f"{GOOGLE}/models/gemini-2.5-flash-image:generateContent"
    assert sent.lost == ("quality", "user")
    picture = {"inlineData": {"mimeType": "image/png", "data": "iVBORw=="}}
    assert json.loads(sent.body) == {
        "contents": [{"role": "user", "parts": [{"text": "Add a hat"}, picture]}],
        "generationConfig": {
            "responseModalities": ["TEXT", "IMAGE"],
            "imageConfig": {"aspectRatio": "3:2"},
        },
    }
    odd = ImageRequest("generations", "A cat", size="100x37", form="url")
    assert written(odd, "m", "gemini", GOOGLE).lost == ("size", "response_format")
    for wrong in (
        ImageRequest("variations", pictures=(PNG,)),
        ImageRequest("edits", "x", (PNG,), PNG),
        ImageRequest("generations", "x", count=2),
        ImageRequest("generations", "x", stream=True),
    ):
        with pytest.raises(UsageError):
            written(wrong, "m", "gemini", GOOGLE)


def test_geminis_answers() -> None:
    parts = [{"text": "Here:"}, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]
    body = {
        "candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}],
        "usageMetadata": {
            "promptTokenCount": 8,
            "candidatesTokenCount": 1295,
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
        },
    }
    answer = read(json.dumps(body).encode(), "gemini", where="google/m")
    assert answer.pictures == (Picture("AAAA", media_type="image/png"),)
    units = {"output_images": 1.0, "output_image_tokens": 1290.0}
    used = answer.spent.usage
    assert used is not None
    assert (used.input_tokens, used.output_tokens, answer.spent.units) == (8, 1295, units)
    told = images.written_answer(answer, created=1)
    assert told["data"] == [{"b64_json": "AAAA"}]
    assert told["output_format"] == "png"
    refused = {"candidates": [{"content": {"parts": [{"text": "No."}]}, "finishReason": "STOP"}]}
    with pytest.raises(ProviderError, match=r"holds no picture: No\."):
        read(json.dumps(refused).encode(), "gemini", where="google/m")


def test_answers_that_are_none() -> None:
    for body in (b"{}", b"[]", b"no"):
        with pytest.raises(ProviderError, match="holds no picture"):
            read(body, "openai", where="test/m")


def test_the_most_that_is_used() -> None:
    one = images.most(ImageRequest("generations", "ab", options={"partial_images": 0}))
    assert one.usage == Usage(2, 6240)
    two = images.most(ImageRequest("edits", "ab", (PNG,), count=2))
    assert two.units["output_images"] == 2.0
    assert two.units["input_image_tokens"] == 8192.0
