"""Sound written down: requests, answers of each form, and how long the sound is."""

from __future__ import annotations

import io
import json
import struct
import wave

import pytest

from motet.core.chat import Usage
from motet.core.errors import ProviderError
from motet.models import catalogue
from motet.models.dialects.dialect import BadRequest
from motet.models.modalities import transcription
from motet.models.modalities.cues import Cue, read_cues, written_cues
from motet.models.modalities.exchange import Spent
from motet.models.modalities.multipart import Field, read_form
from motet.models.modalities.sound import most_seconds, seconds_of
from motet.models.modalities.transcription import Format, TranscriptionRequest


def sound(seconds: float = 1.5) -> bytes:
    """Return a WAV file of silence."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(int(seconds * 8000) * 4))
    return data.getvalue()


WAV = Field("file", sound(), "a.wav", "audio/wav")
MP3 = Field("file", b"ID3" + bytes(4997), "a.mp3", "audio/mpeg")


def read(body: bytes | dict[str, object], form: Format = "json", file: Field = WAV) -> object:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = TranscriptionRequest(file, form=form)
    return transcription.read(data, request, where="test/m")


def test_requests_are_sent_on_as_forms() -> None:
    form = [
        Field("model", b"alias"),
        WAV,
        Field("language", b"de"),
        Field("response_format", b"verbose_json"),
        Field("temperature", b"0.2"),
        Field("timestamp_granularities[]", b"word"),
        Field("timestamp_granularities[]", b"segment"),
        Field("stream", b"true"),
        Field("hotwords", b"Motet"),
    ]
    model, request = transcription.read_request(form, "transcriptions")
    assert model == "alias"
    sent = transcription.written(request, "whisper-1", "openai", "http://127.0.0.1/v1")
    assert sent.url == "http://127.0.0.1/v1/audio/transcriptions"
    found = read_form(sent.body, sent.content_type)
    assert [(each.name, each.value) for each in found if each.filename is None] == [
        ("model", b"whisper-1"),
        ("language", b"de"),
        ("response_format", b"verbose_json"),
        ("temperature", b"0.2"),
        ("timestamp_granularities[]", b"word"),
        ("timestamp_granularities[]", b"segment"),
        ("stream", b"true"),
        ("hotwords", b"Motet"),
    ]
    assert found[-1] == WAV
    _, translated = transcription.read_request([Field("model", b"m"), WAV], "translations")
    assert transcription.written(translated, "m", "openai", "http://x/v1").url.endswith(
        "/audio/translations"
    )


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ([WAV], "model"),
        ([Field("model", b"m")], "file"),
        ([Field("model", b"m"), Field("file", b"x")], "file"),
        ([Field("model", b"m"), WAV, Field("response_format", b"xml")], "response_format"),
        ([Field("model", b"m"), WAV, Field("temperature", b"hot")], "temperature"),
    ],
)
def test_wrong_forms_are_named(form: list[Field], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        transcription.read_request(form, "transcriptions")
    assert caught.value.param == param


def test_usage_in_tokens() -> None:
    usage = {
        "type": "tokens",
        "input_tokens": 14,
        "input_token_details": {"text_tokens": 0, "audio_tokens": 14},
        "output_tokens": 45,
        "total_tokens": 59,
    }
    found = read({"text": "hello", "usage": usage})
    assert found.text == "hello"
    assert found.spent == Spent(Usage(14, 45, audio_input_tokens=14))


def test_usage_in_seconds_is_priced_once() -> None:
    found = read({"text": "hello", "usage": {"type": "duration", "seconds": 90}}, file=MP3)
    assert found.seconds == 90
    card = catalogue.card("openai", "whisper-1")
    assert card is not None and card.pricing is not None
    cost = card.pricing.cost(found.spent.usage or Usage(), units=found.spent.units)
    assert cost == 9_000_000_000  # 0.006 USD a minute


def test_verbose_answers() -> None:
    body = {
        "task": "transcribe",
        "language": "english",
        "duration": 3.5,
        "text": "Hello there.",
        "segments": [{"id": 0, "start": 0.0, "end": 3.3, "text": " Hello there.", "tokens": [1]}],
        "words": [{"word": "Hello", "start": 0, "end": 1.1}],
    }
    found = read(body, "verbose_json", MP3)
    assert (found.language, found.seconds) == ("english", 3.5)
    assert found.cues == (Cue(0.0, 3.3, "Hello there."),)
    assert found.words == (Cue(0, 1.1, "Hello"),)
    assert found.spent.units["audio_seconds"] == 3.5


SRT = (
    b"1\r\n00:00:00,000 --> 00:00:02,500\r\nHello\r\nthere.\r\n\r\n"
    b"2\n01:00:02,500 --> 01:00:04,000\nBye.\n"
)


def test_subtitles_tell_how_long_they_last() -> None:
    found = read(SRT, "srt", MP3)
    assert found.text == "Hello there. Bye."
    assert found.spent.units["audio_seconds"] == 3604.0
    assert read(SRT, "srt", WAV).spent.units["audio_seconds"] == 1.5  # the file knows better
    assert read(b"Hello.\n", "text", WAV).spent.units["audio_seconds"] == 1.5
    assert read(b"Hello.\n", "text", MP3).spent == Spent()


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_subtitles_come_back(kind: Format) -> None:
    cues = (Cue(0.0, 2.5, "Hello there."), Cue(3602.5, 3604.0, "Bye."))
    text = written_cues(cues, "srt" if kind == "srt" else "vtt")
    assert text.startswith("WEBVTT\n\n00:00:00.000" if kind == "vtt" else "1\n00:00:00,000")
    assert read_cues(text) == cues


def test_answers_from_elsewhere_take_each_form() -> None:
    body = {
        "language": "en",
        "duration": 3.5,
        "text": "Hi.",
        "segments": [{"start": 0.0, "end": 1.0, "text": "Hi."}],
        "words": [{"word": "Hi.", "start": 0.0, "end": 1.0}],
    }
    answer = read(body, "verbose_json")
    for form in ("json", "text", "srt", "vtt", "verbose_json"):
        asked = TranscriptionRequest(WAV, form=form, granularities=("word",))
        again = read(transcription.written_answer(answer, asked), form)
        assert again.text == "Hi."
        if form == "verbose_json":
            assert (again.cues, again.words) == (answer.cues, answer.words)


def test_streams_tell_their_usage_at_the_end() -> None:
    watch = transcription.watch()
    done = {"type": "transcript.text.done", "text": "Hi", "usage": {"input_tokens": 3}}
    data = b'data: {"type":"transcript.text.delta","delta":"Hi"}\n\n'
    data += f"data: {json.dumps(done)}\n\ndata: [DONE]\n\n".encode()
    for place in range(0, len(data), 7):
        watch.feed(data[place : place + 7])
    assert watch.spent == Spent(Usage(input_tokens=3))
    assert watch.error is None


def test_answers_that_are_none() -> None:
    with pytest.raises(ProviderError, match="holds no transcript"):
        read(b"{}")
    with pytest.raises(ProviderError, match="too long"):
        read({"error": {"message": "too long"}})


def test_lengths() -> None:
    assert seconds_of(sound(0.25)) == 0.25
    assert seconds_of(b"RIFF\0\0\0\0WAVEfmt ") is None
    unknown = sound()[:40] + struct.pack("<I", 0xFFFFFFFF) + sound()[44:]
    assert seconds_of(unknown) == 1.5
    faster = bytearray(sound())
    faster[28:32] = struct.pack("<I", 0xFFFFFFFF)  # the bytes per second that it claims
    assert seconds_of(bytes(faster)) == 1.5
    info = struct.pack(">Q", 16000 << 44 | 1 << 41 | 15 << 36 | 32000)
    assert seconds_of(b"fLaC\0\0\0\x22" + bytes(10) + info) == 2.0
    assert seconds_of(b"fLaC") is None
    assert seconds_of(MP3.value) is None
    assert most_seconds(MP3.value) == 10.0
    spent = transcription.most(TranscriptionRequest(MP3, prompt="abc"))
    assert spent.usage == Usage(601 + 3, 601)
    assert spent.units["audio_seconds"] == 10.0
