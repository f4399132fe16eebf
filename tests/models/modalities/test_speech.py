"""Speech from text, as sound and as events."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from motet.core.chat import Usage
from motet.models import catalogue
from motet.models.dialects.dialect import BadRequest
from motet.models.modalities import speech
from motet.models.modalities.exchange import Spent
from motet.models.modalities.speech import SpeechReader, SpeechRequest

REQUEST = SpeechRequest("Hello you", "alloy")


def sse(*events: dict[str, Any]) -> bytes:
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()


def delta(data: bytes) -> dict[str, Any]:
    return {"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()}


DONE = {
    "type": "speech.audio.done",
    "usage": {"input_tokens": 14, "output_tokens": 101, "total_tokens": 115},
}


def test_requests() -> None:
    body = {
        "model": "tts-1",
        "input": "Hello",
        "voice": {"id": "voice_1"},
        "response_format": "wav",
        "speed": 1.5,
        "instructions": "Softly",
        "lang_code": "e",
    }
    model, request = speech.read_request(body)
    assert request.content_type == "audio/wav"
    sent = speech.written(request, "kokoro", "openai", "http://127.0.0.1:8880/v1")
    assert sent.url == "http://127.0.0.1:8880/v1/audio/speech"
    assert json.loads(sent.body) == {**body, "model": "kokoro"}
    counted = speech.written(request, model, "openai", "http://x/v1", counted=True)
    assert json.loads(counted.body)["stream_format"] == "sse"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": None}, "input"),
        ({"voice": 1}, "voice"),
        ({"stream_format": "ndjson"}, "stream_format"),
        ({"speed": "fast"}, "speed"),
    ],
)
def test_wrong_requests_are_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        speech.read_request({"model": "m", "input": "a", "voice": "v", **fields})
    assert caught.value.param == param


def test_sound_passes_as_it_is_and_costs_its_characters() -> None:
    reader = SpeechReader(REQUEST, "openai/tts-1")
    assert reader.feed(b"\x00\x01") + reader.feed(b"") == b"\x00\x01"
    assert reader.spent == Spent(None, {"input_characters": 9.0})
    card = catalogue.card("openai", "tts-1")
    assert card is not None and card.pricing is not None
    assert card.pricing.cost(Usage(), units=reader.spent.units) == 9 * 15_000_000


@pytest.mark.parametrize("step", [1, 5, 1000])
def test_events_are_counted_and_turned_to_sound(step: int) -> None:
    data = sse(delta(b"abc"), delta(b"\xff"), DONE)
    reader = SpeechReader(REQUEST, "openai/m", content_type="text/event-stream")
    pieces = [data[place : place + step] for place in range(0, len(data), step)]
    assert b"".join(reader.feed(piece) for piece in [*pieces, b""]) == b"abc\xff"
    assert reader.spent.usage == Usage(14, 101)


def test_what_a_stream_of_events_used_is_watched() -> None:
    request = SpeechRequest("Hi", "alloy", stream="sse")
    assert request.content_type.startswith("text/event-stream")
    watch = speech.watch(request)
    watch.feed(sse(delta(b"abc")))
    assert not watch.complete
    watch.feed(sse(DONE))
    assert watch.complete
    assert watch.spent == Spent(Usage(14, 101), {"input_characters": 2.0})


def test_a_server_that_knows_no_events_sends_sound() -> None:
    reader = SpeechReader(REQUEST, "openai/m", content_type="audio/wav")
    assert reader.content_type == "audio/wav"
    assert reader.feed(b"data: RIFF") == b"data: RIFF"
    assert not reader.complete
    assert reader.feed(b"") == b""
    assert reader.complete


def test_streams_that_break_off() -> None:
    reader = SpeechReader(REQUEST, "openai/m", "secret", content_type="text/event-stream")
    reported = sse(delta(b"abc"), {"error": {"message": "no voice for secret"}})
    assert reader.feed(reported) == b"abc"
    assert reader.error is not None
    assert "no voice for [key]" in reader.error.message
    reader = SpeechReader(REQUEST, "openai/m", content_type="text/event-stream")
    assert reader.feed(sse({"type": "speech.audio.delta", "audio": "?"})) == b""
    assert reader.error is not None
    assert "not base64" in reader.error.message


def test_the_most_that_is_used() -> None:
    assert speech.most(SpeechRequest("häß", "v", instructions="ab")) == Spent(
        Usage(input_tokens=7, output_tokens=75), {"input_characters": 3.0}
    )
