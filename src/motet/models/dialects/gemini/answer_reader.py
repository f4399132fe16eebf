"""Answers of generateContent, whole or in chunks, read as canonical events.

https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import ChatEvent, Finished, Usage, Whole
from motet.core.errors import ProviderError
from motet.core.json import JSON, loads
from motet.models.dialects.gemini.candidates import FEEDBACK, GROUNDING, About
from motet.models.dialects.gemini.citations import read_grounding, read_recitations
from motet.models.dialects.gemini.part_reader import AnswerParts
from motet.models.dialects.gemini.reasons import blocked, read_reason
from motet.models.dialects.gemini.usage import read_usage
from motet.models.failures import not_a_completion, reported_failure
from motet.models.sse import ServerSentEvent


class GeminiReader:
    """Reads one answer. A whole answer is read as one chunk, so both make the same events."""

    def __init__(self, where: str, key: str = "") -> None:
        """Start. `where` names the model in errors, out of which `key` is kept."""
        self._where = where
        self._key = key
        self._parts = AnswerParts()
        self._about = About()
        self._word: str | None = None
        self._blocked = False
        self._cited = 0
        self._told = False
        self._usage: Usage | None = None
        self._queries: dict[str, JSON] = {}
        self._model: str | None = None
        self._id: str | None = None
        self._empty = True

    @property
    def ended(self) -> bool:
        """Whether the finish reason has come; only usage can be missing then."""
        return self._word is not None

    def whole(self, body: bytes) -> list[ChatEvent]:
        """Read a whole answer, `Finished` included. Raises `ProviderError`.

        A list of chunks, as the API streams without `alt=sse`, is one too.
        """
        try:
            value = loads(body)
        except ValueError as error:
            raise not_a_completion(body, where=self._where, key=self._key) from error
        events: list[ChatEvent] = []
        for chunk in value if isinstance(value, list) else [value]:
            events += self._feed(chunk)
        if self._empty:
            raise not_a_completion(body, where=self._where, key=self._key)
        return [*events, self.finish(declared=True)]

    def chunk(self, sent: ServerSentEvent) -> list[ChatEvent]:
        """Read one event of a stream. Raises `ProviderError`, also for an error sent in it."""
        try:
            value = loads(sent.data)
        except ValueError as error:
            raise self._error("the stream holds a chunk that is not JSON") from error
        return self._feed(value)

    def is_last(self, sent: ServerSentEvent) -> bool:
        """Return False: the API ends a stream by closing it."""
        return False

    def finish(self, *, declared: bool = False) -> Finished:
        """Return the last event. Raises `ProviderError` where the answer has no end."""
        if self._empty:
            raise not_a_completion(b"", where=self._where, key=self._key)
        if self._word is None and not declared:
            raise self._error("the stream ended before the answer was finished")
        if self._parts.nameless:
            raise self._error("the model called a tool without a name")
        word = self._word or "STOP"
        if self._blocked:
            reason, detail = blocked(word)
        else:
            reason, detail = read_reason(word, called=self._parts.called)
        return Finished(reason, self._usage, self._model, detail, id=self._id)

    def _feed(self, body: JSON) -> list[ChatEvent]:
        if not isinstance(body, Mapping):
            return []
        if body.get("error"):
            raise reported_failure(body, where=self._where, key=self._key)
        self._model = _text(body.get("modelVersion")) or self._model
        self._id = _text(body.get("responseId")) or self._id
        self._usage = read_usage(body, self._queries) or self._usage
        events: list[ChatEvent] = []
        feedback = body.get(FEEDBACK)
        if isinstance(feedback, Mapping):
            self._about.add({FEEDBACK: feedback})
            if word := _text(feedback.get("blockReason")):
                self._empty = False
                self._blocked, self._word = True, word
        for candidate in _mappings(body.get("candidates")):
            if candidate.get("index") in (0, None):
                self._empty = False
                events += self._candidate(candidate)
        return events + self._tell() if self.ended else events

    def _candidate(self, candidate: Mapping[str, JSON]) -> list[ChatEvent]:
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, Mapping) else None
        try:
            events = self._parts.chunk(_mappings(parts), self._id or "")
        except ValueError as error:
            raise self._error("the arguments of a call hold a number beyond all bounds") from error
        self._about.add(candidate)
        self._word = _text(candidate.get("finishReason")) or self._word
        return events

    def _tell(self) -> list[ChatEvent]:
        """Return what the answer says about itself: all of it comes with the finish reason."""
        passages = self._parts.passages()
        grounding = self._about.get(GROUNDING)
        cited = read_grounding(grounding, passages)
        cited += read_recitations(self._about.get("citationMetadata"), passages)
        events: list[ChatEvent] = [*cited[self._cited :]]
        self._cited = len(cited)
        said = self._parts.grounding(cited) == grounding
        native = self._about.part(without=frozenset({GROUNDING} if said else ()))
        if native is not None and not self._told:
            self._told = True
            events.append(Whole(native))
        return events

    def _error(self, message: str) -> ProviderError:
        return ProviderError(message, where=self._where, hint="try again")


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""


def _mappings(value: JSON) -> list[Mapping[str, JSON]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [item for item in value if isinstance(item, Mapping)]
