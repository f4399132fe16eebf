"""What an answer used, read off its bytes while they pass."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from motet.core.chat import Usage
from motet.gateway.frames import data_of, split
from motet.models.dialects import counts

_USAGE = rb'"usage"\s*:\s*\{'
_PATTERNS: Mapping[str, tuple[bytes, ...]] = {
    "openai": (_USAGE, rb'"finish_reason"\s*:\s*"', rb'"error"\s*:\s*[{"]', rb"\[DONE\]"),
    "responses": (rb'"type"\s*:\s*"(?:response\.(?:completed|incomplete|failed|created)|error)"',),
    "anthropic": (_USAGE, rb'"type"\s*:\s*"(?:message_stop|error)"'),
    "gemini": (rb'"usageMetadata"', rb'"finishReason"', rb'"error"\s*:\s*\{'),
}
# Each begins with a text to search for, which is five times as fast as all of them in one.
_MARKS = {name: tuple(map(re.compile, each)) for name, each in _PATTERNS.items()}
"""What an event holds that says more than content; all others are not parsed."""
_LAST = {
    "response.completed": "",
    "response.incomplete": "",
    "response.failed": "the provider broke the answer off",
}


class Meter:
    """Watches one answer in one dialect.

    `usage` is None until the provider gave counts. `complete` tells whether the answer came
    to its end, `error` what the provider said in-band. `events` and `size` count what a
    stream brought: the least that is known of an answer that broke off.
    """

    __slots__ = (
        "_drop",
        "_marks",
        "_told",
        "complete",
        "dialect",
        "error",
        "events",
        "id",
        "model",
        "size",
        "usage",
    )

    def __init__(self, dialect: str, *, drop_usage: bool = False) -> None:
        """Start. `drop_usage` keeps a usage event from a client that did not ask for it."""
        self.dialect = dialect
        self.usage: Usage | None = None
        self.model: str | None = None
        self.id: str | None = None
        self.complete = False
        self.error: str | None = None
        self.events = 0
        self.size = 0
        self._drop = drop_usage
        self._marks = _MARKS[dialect]
        self._told: counts.Told = {}

    def whole(self, body: bytes) -> None:
        """Read a whole answer; one that is not JSON stays incomplete."""
        self.size = len(body)
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            self.error = "the provider's answer is not JSON"
            return
        if not isinstance(value, dict):
            self.error = "the provider's answer is no object"
            return
        self._about(value)
        self._count(value)
        self.complete = True

    def feed(self, block: bytes) -> bytes:
        """Read whole events of a stream; return those that the client is to see."""
        self.events += block.count(b"\ndata:") + block.startswith(b"data:")
        self.size += len(block)
        if not self._says_more(block):
            return block
        kept = [event for event in split(block) if self._look(event)]
        return b"".join(kept)

    def _says_more(self, data: bytes) -> bool:
        for mark in self._marks:  # noqa: SIM110 - for each event, half as long as `any`
            if mark.search(data) is not None:
                return True
        return False

    def _look(self, event: bytes) -> bool:
        """Read one event; return whether the client is to see it."""
        if not self._says_more(event):
            return True
        data = data_of(event)
        if data.strip() == b"[DONE]":
            self.complete = True
            return True
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError:
            return True  # the client finds out; whether the answer ended well shows at its end
        return not isinstance(value, dict) or self._read(value)

    def _read(self, value: dict[str, Any]) -> bool:
        if self.id is None:
            self._about(value)
        self._count(value)
        error = value.get("error")
        if error or value.get("type") == "error":
            self.error = _said(error or value)
        if self.dialect == "openai":
            choices = value.get("choices")
            self.complete = self.complete or any(
                isinstance(each, dict) and each.get("finish_reason") for each in choices or ()
            )
            return not (self._drop and not choices and value.get("usage"))
        self._ends(value)
        return True

    def _ends(self, value: dict[str, Any]) -> None:
        kind = value.get("type")
        if self.dialect == "anthropic":
            self.complete = self.complete or kind == "message_stop"
        elif self.dialect == "responses":
            if kind in _LAST:
                self.complete = True
                self.error = self.error or _LAST[kind] or None
        else:
            ended = any(
                isinstance(each, dict) and each.get("finishReason")
                for each in value.get("candidates") or ()
            )
            self.complete = self.complete or ended

    def _about(self, value: dict[str, Any]) -> None:
        inner = value.get("response") or value.get("message")
        about = inner if isinstance(inner, dict) else value
        self.id = _text(about.get("id") or about.get("responseId"))
        self.model = _text(about.get("model") or about.get("modelVersion")) or self.model

    def _count(self, value: dict[str, Any]) -> None:
        found = counts.read(self.dialect, value, self._told)
        if found is not None:
            self.usage = found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _said(error: object) -> str:
    if isinstance(error, dict):
        inner = error.get("message") or error.get("error")
        return _said(inner) if inner else "the provider reported an error"
    return str(error)[:300]
