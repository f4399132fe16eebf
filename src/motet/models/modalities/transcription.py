"""Transcription and translation of sound.

https://platform.openai.com/docs/api-reference/audio; vLLM, Groq, Mistral and others follow it.
Answers pass to the client as they come; what they used is read from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from motet.core.chat import Usage
from motet.core.json import JSON, dumps
from motet.models.dialects.dialect import BadRequest
from motet.models.modalities.apis import Api, root
from motet.models.modalities.cues import Cue, read_cues, written_cues
from motet.models.modalities.exchange import (
    Fields,
    Sent,
    Spent,
    answered,
    mappings,
    number,
    text,
    unexpected,
)
from motet.models.modalities.form_fields import Form
from motet.models.modalities.multipart import Field, written_form
from motet.models.modalities.sound import most_seconds, seconds_of
from motet.models.modalities.token_usage import heard, read_spent
from motet.models.modalities.watch import Watch

Task = Literal["transcriptions", "translations"]
Format = Literal["json", "text", "srt", "vtt", "verbose_json", "diarized_json"]

_FORMATS: Mapping[str, Format] = {
    "json": "json",
    "text": "text",
    "srt": "srt",
    "vtt": "vtt",
    "verbose_json": "verbose_json",
    "diarized_json": "diarized_json",
}
CONTENT_TYPES: Mapping[Format, str] = {
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
    "srt": "text/plain; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "verbose_json": "application/json",
    "diarized_json": "application/json",
}
_TOKENS_PER_SECOND = 60
"""More than any model counts: OpenAI's ten of sound and a fast speaker's text."""


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """Sound to write down; `task` says whether in its own language or in English.

    `extra` holds further fields of the form as they came.
    """

    sound: Field
    task: Task = "transcriptions"
    language: str | None = None
    prompt: str | None = None
    form: Format = "json"
    temperature: float | None = None
    granularities: tuple[str, ...] = ()
    stream: bool = False
    extra: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said; `seconds` is the length of the sound, where the answer tells it."""

    text: str
    language: str | None = None
    seconds: float | None = None
    cues: tuple[Cue, ...] = ()
    words: tuple[Cue, ...] = ()
    spent: Spent = field(default_factory=Spent)


def read_request(fields: Sequence[Field], task: Task) -> tuple[str, TranscriptionRequest]:
    """Return the model and the request of a client's form. Raises `BadRequest`."""
    form = Form(fields)
    model = form.needed("model")
    wanted = form.text("response_format") or "json"
    if wanted not in _FORMATS:
        known = ", ".join(_FORMATS)
        raise BadRequest(f"response_format must be one of {known}", param="response_format")
    request = TranscriptionRequest(
        form.file("file"),
        task,
        form.text("language"),
        form.text("prompt"),
        _FORMATS[wanted],
        form.number("temperature"),
        form.texts("timestamp_granularities"),
        form.flag("stream") or False,
    )
    return model, replace(request, extra=form.rest())


def most(request: TranscriptionRequest) -> Spent:
    """Return the most the request can use, by the length of its sound."""
    seconds = most_seconds(request.sound.value)
    tokens = int(seconds * _TOKENS_PER_SECOND) + 1
    prompt = len((request.prompt or "").encode())
    return Spent(Usage(input_tokens=tokens + prompt, output_tokens=tokens), heard(seconds))


def written(request: TranscriptionRequest, model: str, api: Api, base_url: str) -> Sent:
    """Write a request for a provider's model."""
    told: list[tuple[str, str | None]] = [
        ("model", model),
        ("language", request.language),
        ("prompt", request.prompt),
        ("response_format", request.form),
        ("temperature", None if request.temperature is None else f"{request.temperature:g}"),
        *(("timestamp_granularities[]", each) for each in request.granularities),
        ("stream", "true" if request.stream else None),
    ]
    fields = [Field(name, value.encode()) for name, value in told if value is not None]
    body, content_type = written_form([*fields, *request.extra, request.sound])
    return Sent(f"{root(api, base_url)}/audio/{request.task}", body, content_type)


def read(body: bytes, request: TranscriptionRequest, *, where: str, key: str = "") -> Transcript:
    """Read a provider's whole answer in the form that was asked for. Raises `ProviderError`.

    Where it does not tell what it used, that is as long as the file says, or its last cue.
    """
    if request.form in ("text", "srt", "vtt"):
        return _from_text(body, request)
    value = answered(body, "transcript", where, key)
    said = text(value, "text")
    if said is None or not isinstance(value, Mapping):
        raise unexpected(body, "transcript", where, key)
    spent = read_spent(value.get("usage"))
    cues = _timed(value.get("segments"), "text")
    seconds = number(value, "duration") or spent.units.get("audio_seconds")
    return Transcript(
        said,
        text(value, "language"),
        seconds,
        cues,
        _timed(value.get("words"), "word"),
        _known(spent, seconds, request, cues),
    )


def _from_text(body: bytes, request: TranscriptionRequest) -> Transcript:
    said = body.decode("utf-8", "replace")
    cues = () if request.form == "text" else read_cues(said)
    spent = _known(Spent(), None, request, cues)
    return Transcript(
        " ".join(cue.text for cue in cues) or said.strip(), None, None, cues, (), spent
    )


def _known(
    spent: Spent, seconds: float | None, request: TranscriptionRequest, cues: Sequence[Cue]
) -> Spent:
    if spent.usage is not None or spent.units:
        return spent
    if seconds is None:
        seconds = seconds_of(request.sound.value)
    if seconds is None and cues:
        seconds = cues[-1].end
    return Spent(units=heard(seconds))


def _timed(value: JSON, name: str) -> tuple[Cue, ...]:
    found = []
    for entry in mappings(value):
        start, end, said = number(entry, "start"), number(entry, "end"), text(entry, name)
        if start is not None and end is not None and said is not None:
            found.append(Cue(start, end, said.strip()))
    return tuple(found)


def watch() -> Watch:
    """Return what reads the usage of a streamed answer (`transcript.text.done`)."""
    return Watch(read_spent, "transcript.text.done")


def written_answer(answer: Transcript, request: TranscriptionRequest) -> bytes:
    """Return the body of an answer that comes from elsewhere, in the form asked for."""
    if request.form == "text":
        return f"{answer.text}\n".encode()
    if request.form in ("srt", "vtt"):
        return written_cues(answer.cues, request.form).encode()
    body: dict[str, JSON] = {"text": answer.text}
    if request.form == "verbose_json":
        task = "transcribe" if request.task == "transcriptions" else "translate"
        body = {"task": task, "language": answer.language, "duration": answer.seconds, **body}
        body["segments"] = [{"id": n, **_cue(cue, "text")} for n, cue in enumerate(answer.cues)]
        if "word" in request.granularities:
            body["words"] = [_cue(word, "word") for word in answer.words]
    return dumps(body).encode()


def _cue(cue: Cue, name: str) -> Fields:
    return {"start": cue.start, "end": cue.end, name: cue.text}
