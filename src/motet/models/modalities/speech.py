"""Speech from text (https://platform.openai.com/docs/api-reference/audio/createSpeech)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from motet.core.chat import Usage
from motet.core.errors import ProviderError
from motet.core.json import JSON
from motet.models.dialects.openai.given import Given
from motet.models.failures import reported_failure
from motet.models.modalities.apis import Api, root
from motet.models.modalities.exchange import Sent, Spent, posted, text
from motet.models.modalities.token_usage import read_spent
from motet.models.modalities.watch import Watch

StreamForm = Literal["audio", "sse"]

EVENTS = "text/event-stream"
CONTENT_TYPES: Mapping[str, str] = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
_TOKENS_PER_CHARACTER = 25
"""More than any voice makes: OpenAI's 21 tokens a second, one second to say a character."""


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """A text to speak. `stream` is how the sound comes: as itself, or in events."""

    text: str
    voice: JSON
    form: str = "mp3"
    speed: float | None = None
    instructions: str | None = None
    stream: StreamForm = "audio"
    extra: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """The content type of the client's answer."""
        if self.stream == "sse":
            return "text/event-stream; charset=utf-8"
        return CONTENT_TYPES.get(self.form, "application/octet-stream")


def read_request(body: Mapping[str, JSON]) -> tuple[str, SpeechRequest]:
    """Return the model and the request of a client. Raises `BadRequest`."""
    given = Given(body)
    model, said = given.needed("model"), given.needed("input")
    voice = given.raw("voice")
    if voice is not None and not isinstance(voice, str | Mapping):
        given.refuse("voice", "must be the name of a voice", "invalid_type")
    stream = given.text("stream_format") or "audio"
    if stream not in ("audio", "sse"):
        given.refuse("stream_format", "must be audio or sse", "invalid_value")
    return model, SpeechRequest(
        said,
        voice,
        given.text("response_format") or "mp3",
        given.number("speed"),
        given.text("instructions"),
        "sse" if stream == "sse" else "audio",
        given.rest(),
    )


def most(request: SpeechRequest) -> Spent:
    """Return the most the request can use."""
    given = len(request.text.encode()) + len((request.instructions or "").encode())
    made = len(request.text) * _TOKENS_PER_CHARACTER
    return Spent(Usage(input_tokens=given, output_tokens=made), _characters(request))


def written(
    request: SpeechRequest, model: str, api: Api, base_url: str, *, counted: bool = False
) -> Sent:
    """Write a request for a provider's model.

    Only a stream of events tells what it used. `counted` asks for one where the client did
    not: for models that are paid by tokens, and whose server knows `stream_format`.
    """
    events = counted or request.stream == "sse"
    body: dict[str, JSON] = {
        **request.extra,
        "model": model,
        "input": request.text,
        "voice": request.voice,
        "response_format": request.form,
        "speed": request.speed,
        "instructions": request.instructions,
        "stream_format": "sse" if events else None,
    }
    return posted(f"{root(api, base_url)}/audio/speech", body)


def watch(request: SpeechRequest) -> Watch:
    """Return what reads the usage of a stream of events."""
    return Watch(
        lambda usage: Spent(read_spent(usage).usage, _characters(request)), "speech.audio.done"
    )


class SpeechReader:
    """Gives sound to a client that wants no events; `spent` grows with what is known of it."""

    def __init__(
        self, request: SpeechRequest, where: str, key: str = "", *, content_type: str = ""
    ) -> None:
        """Start; `content_type` is of the provider's answer. `where` names the model in errors."""
        self.error: ProviderError | None = None
        self._watch = watch(request) if content_type == EVENTS else None
        self.content_type = request.content_type
        if self._watch is None and content_type:
            self.content_type = content_type
        self._units = _characters(request)
        self._where = where
        self._key = key
        self._over = False

    @property
    def spent(self) -> Spent:
        """What was used: characters at once, tokens when events have told them."""
        found = self._watch.spent if self._watch is not None else None
        return Spent(None, self._units) if found is None else found

    @property
    def complete(self) -> bool:
        """Whether the end has come; of plain sound, that of the connection."""
        return self._over if self._watch is None else self._watch.complete

    def feed(self, piece: bytes) -> bytes:
        """Take the provider's bytes as they come, none at the end; return the client's.

        What breaks it off is in `error`. Raises ValueError for an event that is too large.
        """
        if self._watch is None:
            self._over = not piece
            return piece
        events = self._watch.feed(piece)
        said = b"".join(self._sound(event) for event in events)
        if self._watch.error is not None:
            self.error = reported_failure(self._watch.error, where=self._where, key=self._key)
        return said

    def broken(self, message: str) -> bytes:
        """Return nothing: within sound nothing can be told."""
        return b""

    def _sound(self, event: Mapping[str, JSON]) -> bytes:
        if text(event, "type") != "speech.audio.delta" or self.error is not None:
            return b""
        try:
            return base64.b64decode(text(event, "audio") or "", validate=True)
        except ValueError:
            message = "the sound of the answer is not base64"
            self.error = ProviderError(message, where=self._where, hint="try again")
            return b""


def _characters(request: SpeechRequest) -> Mapping[str, float]:
    return {"input_characters": float(len(request.text))}
