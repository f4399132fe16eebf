"""What models do beside chat, through the gateway, as OpenAI's client and others see it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import media_answers as answers
import openai
import pytest
from media_requests import FOREIGN, OWN, PATHS, WAV, asking, declared, ended, rows
from media_server import Call, MediaServer
from motet_process import SECRETS, Served

DEPRECATED = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
"""Of methods that OpenAI's client still has and does not recommend."""


@pytest.fixture
def client(media_gateway: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=f"{media_gateway.url}/v1", api_key="unused", max_retries=0
    ) as client:
        yield client


def check(row: dict[str, Any], call: Call, endpoint: str) -> None:
    """Check a row against what the simulator counted, and the price sheet."""
    assert (row["endpoint"], row["status"], row["http"]) == (endpoint, "done", 200), row
    assert (row["input_tokens"], row["output_tokens"]) == (call.input_tokens, call.output_tokens)
    assert not row["estimated"]
    assert row["cost_pico_usd"] == 3_000_000 * call.input_tokens + 7_000_000 * call.output_tokens


def post(media_gateway: Served, path: str, body: dict[str, Any], **more: Any) -> httpx.Response:
    return httpx.post(f"{media_gateway.url}/v1/{path}", json=body, timeout=30, **more)


@pytest.mark.parametrize("encoding", ["float", "base64", None])
def test_embeddings(
    client: openai.OpenAI, media_gateway: Served, media: MediaServer, encoding: Any
) -> None:
    texts = ["a fox", "two brown dogs"]
    asked = {} if encoding is None else {"encoding_format": encoding}
    found = client.embeddings.create(model="model", input=texts, dimensions=5, user="ana", **asked)
    expected: list[Any] = [answers.vector(each, 5) for each in texts]
    if encoding == "base64":
        expected = [answers.packed(each) for each in expected]
    assert [each.embedding for each in found.data] == expected
    assert [each.index for each in found.data] == [0, 1]
    call = media.calls[-1]
    assert found.usage.prompt_tokens == call.input_tokens == 5
    assert call.headers["Authorization"] == f"Bearer {SECRETS['PROVIDER_KEY']}"
    [row] = rows(media_gateway)
    check(row, call, "embeddings")
    assert (row["user"], row["used"]) == ("ana", "model")


def test_token_ids_are_embedded(client: openai.OpenAI) -> None:
    found = client.embeddings.create(model="model", input=[[1, 2, 3], [4]])
    assert [each.embedding for each in found.data] == [
        answers.vector([1, 2, 3]),
        answers.vector([4]),
    ]


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_big_batches_are_split_as_providers_need(
    client: openai.OpenAI, media_gateway: Served, media: MediaServer, name: str
) -> None:
    limit = {"cohere": 96, "voyage": 1000, "tei": 32, "gemini": 100, "jina": 2048}[name]
    count = min(2 * limit + 5, 2048)
    texts = [f"text {number}" for number in range(count)]
    before = len(media.calls)
    found = client.embeddings.create(model=name, input=texts)
    assert [each.embedding for each in found.data] == [answers.vector(each) for each in texts]
    calls = media.calls[before:]
    assert len(calls) == -(-count // limit)
    booked = rows(media_gateway)
    assert [row["attempt"] for row in booked] == list(range(1, len(calls) + 1))
    if name == "gemini":  # which tells no usage
        assert all(row["estimated"] and row["cost_usd"] > 0 for row in booked)
        return
    assert found.usage.prompt_tokens == 2 * count
    assert sum(row["input_tokens"] for row in booked) == sum(c.input_tokens for c in calls)
    assert sum(row["cost_pico_usd"] for row in booked) == 3_000_000 * 2 * count


def test_more_inputs_than_anybody_takes_are_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="at most 2048") as caught:
        client.embeddings.create(model="model", input=["a"] * 2049)
    assert caught.value.param == "input"


@pytest.mark.parametrize("name", ["model", "cohere", "jina", "voyage", "tei"])
def test_rerank(media_gateway: Served, media: MediaServer, name: str) -> None:
    documents = ["a dog", {"text": "the red fox"}, "a fox"]
    body = {"model": name, "query": "a fox", "documents": documents, "top_n": 2}
    found = post(media_gateway, "rerank", body | {"return_documents": True})
    assert found.status_code == 200, found.text
    results = found.json()["results"]
    assert [(one["index"], one["relevance_score"]) for one in results] == [(2, 1.0), (0, 0.5)]
    assert results[0]["document"] == {"text": "a fox"}
    [row] = rows(media_gateway)
    assert row["endpoint"] == "rerank"
    if name == "cohere":
        assert row["units"] == {"search_units": 1}
        assert found.json()["meta"]["billed_units"]["search_units"] == 1
    elif name != "tei":
        check(row, media.calls[-1], "rerank")


def test_moderations(client: openai.OpenAI, media_gateway: Served) -> None:
    found = client.moderations.create(model="model", input=["hello", "kill them"])
    assert [each.flagged for each in found.results] == [False, True]
    assert found.results[1].category_scores.violence == 0.9
    parts: Any = [{"type": "text", "text": "kill"}]
    assert client.moderations.create(model="model", input=parts).results[0].flagged
    assert rows(media_gateway)[0]["endpoint"] == "moderations"


def test_images(client: openai.OpenAI, media_gateway: Served, media: MediaServer) -> None:
    found = client.images.generate(
        model="model", prompt="a fox", n=2, size="1024x1024", extra_body={"odd": {"deep": [1]}}
    )
    assert found.data is not None
    assert [base64.b64decode(each.b64_json or "") for each in found.data] == [
        answers.picture("a fox", 0),
        answers.picture("a fox", 1),
    ]
    assert found.usage is not None and found.usage.output_tokens == 200
    call = media.calls[-1]
    assert (call.fields["odd"], call.fields["size"]) == ({"deep": [1]}, "1024x1024")
    [row] = rows(media_gateway)
    check(row, call, "images.generations")
    assert row["units"] == {"output_images": 2}


@DEPRECATED
def test_edits_and_variations(
    client: openai.OpenAI, media_gateway: Served, media: MediaServer
) -> None:
    files = [("a.png", answers.PNG + b"\r\n--a\r\n"), ("b.png", answers.PNG + bytes(range(256)))]
    found = client.images.edit(
        model="model",
        image=files,
        mask=("m.png", answers.PNG),
        prompt="äöü",
        quality="high",
        extra_body={"odd": "1"},
    )
    assert found.data is not None and len(found.data) == 1
    call = media.calls[-1]
    assert call.fields["image"] == files
    assert call.fields["mask"] == [("m.png", answers.PNG)]
    assert [call.fields[name] for name in ("prompt", "quality", "odd")] == ["äöü", "high", "1"]
    check(rows(media_gateway)[0], call, "images.edits")
    varied = client.images.create_variation(model="model", image=files[0], n=3)
    assert varied.data is not None and len(varied.data) == 3
    check(rows(media_gateway)[0], media.calls[-1], "images.variations")


@pytest.mark.parametrize("edit", [False, True])
def test_streamed_images(
    client: openai.OpenAI, media_gateway: Served, media: MediaServer, edit: bool
) -> None:
    common: Any = {"model": "model", "prompt": "a fox", "stream": True, "partial_images": 1}
    if edit:
        stream: Any = client.images.edit(image=("a.png", answers.PNG), **common)
    else:
        stream = client.images.generate(**common)
    events = list(stream)
    word = "image_edit" if edit else "image_generation"
    assert [each.type for each in events] == [f"{word}.partial_image", f"{word}.completed"]
    assert base64.b64decode(events[-1].b64_json) == answers.picture("a fox")
    row = ended(media_gateway, "done")
    check(row, media.calls[-1], "images.edits" if edit else "images.generations")
    assert row["stream"] and row["first"] <= row["seconds"]


@DEPRECATED
def test_gemini_draws(client: openai.OpenAI, media_gateway: Served, media: MediaServer) -> None:
    found = client.images.generate(model="gemini", prompt="a red fox", size="1536x1024")
    assert found.data is not None
    assert base64.b64decode(found.data[0].b64_json or "") == answers.picture("a red fox")
    call = media.calls[-1]
    assert call.fields["generationConfig"]["imageConfig"] == {"aspectRatio": "3:2"}
    assert call.headers["x-goog-api-key"] == SECRETS["PROVIDER_KEY"]
    check(rows(media_gateway)[0], call, "images.generations")
    with pytest.raises(openai.BadRequestError, match="masks"):
        client.images.create_variation(model="gemini", image=("a.png", answers.PNG))


def test_speech_is_paid_by_the_tokens_that_only_events_tell(
    client: openai.OpenAI, media_gateway: Served, media: MediaServer
) -> None:
    text = "the quick brown fox"
    with client.audio.speech.with_streaming_response.create(
        model="model", input=text, voice="alloy"
    ) as sent:
        assert sent.headers["content-type"] == "audio/mpeg"
        assert b"".join(sent.iter_bytes()) == answers.sound(text)
    call = media.calls[-1]
    assert call.fields["stream_format"] == "sse"
    row = ended(media_gateway, "done")
    check(row, call, "audio.speech")
    assert row["units"] == {"input_characters": len(text)}


def test_speech_passes_as_it_is_where_no_token_costs(
    client: openai.OpenAI, media: MediaServer
) -> None:
    found = client.audio.speech.create(model="free", input="a fox", voice="alloy", speed=1.5)
    assert found.content == answers.sound("a fox")
    sent = media.calls[-1].fields
    assert "stream_format" not in sent
    assert (sent["speed"], sent["voice"]) == (1.5, "alloy")


def test_speech_in_events(client: openai.OpenAI, media_gateway: Served, media: MediaServer) -> None:
    body = {"model": "model", "input": "a red fox", "voice": "alloy", "stream_format": "sse"}
    with httpx.stream("POST", f"{media_gateway.url}/v1/audio/speech", json=body) as sent:
        events = [json.loads(line[5:]) for line in sent.iter_lines() if line]
    assert [each["type"] for each in events] == ["speech.audio.delta"] * 3 + ["speech.audio.done"]
    check(ended(media_gateway, "done"), media.calls[-1], "audio.speech")


@pytest.mark.parametrize("form", ["json", "text", "srt", "vtt", "verbose_json"])
def test_transcripts(
    client: openai.OpenAI, media_gateway: Served, media: MediaServer, form: Any
) -> None:
    asked: Any = {"language": "en", "timestamp_granularities": ["word", "segment"]}
    found: Any = client.audio.transcriptions.create(
        model="model", file=("a.wav", WAV), response_format=form, **asked, extra_body={"odd": "1"}
    )
    said = found if isinstance(found, str) else found.text
    assert answers.TRANSCRIPT in said
    call = media.calls[-1]
    assert call.fields["file"] == [("a.wav", WAV)]
    assert call.fields["timestamp_granularities"] == ["word", "segment"]
    assert (call.fields["language"], call.fields["odd"]) == ("en", "1")
    [row] = rows(media_gateway)
    if form in ("json", "verbose_json"):
        check(row, call, "audio.transcriptions")
        assert row["audio_input_tokens"] == 25
    else:  # which tell no tokens, though those are paid
        assert row["estimated"] and row["cost_usd"] > 0


@DEPRECATED
def test_translations(client: openai.OpenAI, media_gateway: Served, media: MediaServer) -> None:
    found = client.audio.translations.create(model="model", file=("a.wav", WAV))
    assert found.text == answers.TRANSCRIPT
    check(rows(media_gateway)[0], media.calls[-1], "audio.translations")


def test_streamed_transcripts(
    client: openai.OpenAI, media_gateway: Served, media: MediaServer
) -> None:
    stream = client.audio.transcriptions.create(model="model", file=("a.wav", WAV), stream=True)
    events: list[Any] = list(stream)
    assert "".join(each.delta for each in events[:-1]).strip() == answers.TRANSCRIPT
    assert events[-1].text == answers.TRANSCRIPT
    check(ended(media_gateway, "done"), media.calls[-1], "audio.transcriptions")


@pytest.mark.parametrize("path", PATHS)
def test_what_is_local_stays_here(media_gateway: Served, media: MediaServer, path: str) -> None:
    before = len(media.calls)
    headers = {"x-motet-local": "1"}
    found = httpx.post(f"{media_gateway.url}/v1/{path}", **asking(path, "far"), headers=headers)
    assert (found.status_code, found.json()["error"]["code"]) == (403, "local_only")
    assert len(media.calls) == before
    found = httpx.post(f"{media_gateway.url}/v1/{path}", **asking(path, "model"), headers=headers)
    assert found.status_code == 200


def test_the_callers_trace_is_kept(media_gateway: Served) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    httpx.post(f"{media_gateway.url}/v1/rerank", **asking("rerank", "model"), headers=headers)
    assert rows(media_gateway)[0]["trace_id"] == trace


def test_what_an_api_cannot_say_is_named(media_gateway: Served) -> None:
    body = {"model": "voyage", "input": "a fox", "user": "ana", "odd": 1}
    found = post(media_gateway, "embeddings", body)
    assert found.headers["x-motet-lost"] == "user, odd"
    assert rows(media_gateway)[0]["story"] == {"lost": ["user", "odd"]}


def test_models_are_listed_as_each_client_expects(media_gateway: Served) -> None:
    names = [each["id"] for each in httpx.get(f"{media_gateway.url}/v1/models").json()["data"]]
    assert names[0] == "model"
    assert names[-2:] == [OWN, f"{OWN}-cosine"]
    headers = {"anthropic-version": "2023-06-01"}
    page = httpx.get(f"{media_gateway.url}/v1/models", headers=headers).json()
    assert [each["id"] for each in page["data"]] == names
    assert (page["has_more"], page["first_id"], page["last_id"]) == (False, names[0], names[-1])
    assert page["data"][0]["type"] == "model"
    one = httpx.get(f"{media_gateway.url}/v1/models/model", headers=headers).json()
    assert one == page["data"][0]
    none = httpx.get(f"{media_gateway.url}/v1/models/nobody", headers=headers)
    assert (none.status_code, none.json()["error"]["type"]) == (404, "not_found_error")
    listed = httpx.get(f"{media_gateway.url}/v1beta/models").json()["models"]
    assert listed[0]["name"] == "models/model"
    assert "generateContent" in listed[0]["supportedGenerationMethods"]
    assert httpx.get(f"{media_gateway.url}/v1beta/models/model").json() == listed[0]
    none = httpx.get(f"{media_gateway.url}/v1beta/models/nobody")
    assert (none.status_code, none.json()["error"]["status"]) == (404, "NOT_FOUND")


def test_the_base_encoder_embeds_and_ranks(client: openai.OpenAI, media_gateway: Served) -> None:
    found = client.embeddings.create(model=OWN, input=["a fox", "a dog"])
    assert len(found.data[0].embedding) == 384
    [row] = rows(media_gateway)
    assert (row["provider"], row["cost_pico_usd"], row["status"]) == ("expert", 0, "done")
    assert row["input_tokens"] == found.usage.prompt_tokens > 0
    documents = ["Prices rose last year.", "The fox is a wild animal."]
    body = {"query": "Which animals live in the forest?", "documents": documents}
    for name in (OWN, f"{OWN}-cosine"):
        ranked = post(media_gateway, "rerank", {**body, "model": name})
        assert ranked.status_code == 200, ranked.text
        assert [one["index"] for one in ranked.json()["results"]] == [1, 0]
        assert ranked.json()["model"] == f"{OWN}-cosine"
    with pytest.raises(openai.BadRequestError, match="only reranks"):
        client.embeddings.create(model=f"{OWN}-cosine", input="a fox")
    with pytest.raises(openai.BadRequestError, match="dimensions must be 384"):
        client.embeddings.create(model=OWN, input="a fox", dimensions=3)
    with pytest.raises(openai.BadRequestError, match="no token ids"):
        client.embeddings.create(model=OWN, input=[1, 2])


def test_without_the_encoder_it_says_what_to_do(tmp_path: Path, media: MediaServer) -> None:
    (tmp_path / "motet.yaml").write_text(declared(media))
    empty = {"MOTET_CACHE": str(tmp_path / "none"), **SECRETS}
    with Served(tmp_path, env=empty, command="gateway") as server:
        for path in ("embeddings", "rerank"):
            found = httpx.post(f"{server.url}/v1/{path}", **asking(path, OWN))
            assert found.status_code == 503, found.text
            assert "motet setup" in found.json()["error"]["message"]
            assert rows(server)[0]["status"] == "failed"
