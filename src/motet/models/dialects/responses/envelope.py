"""The response object: what surrounds the items of an answer.

https://platform.openai.com/docs/api-reference/responses/object
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from motet.core.chat import Finished
from motet.core.json import JSON
from motet.models.dialects.dialect import Incoming
from motet.models.dialects.responses.outgoing import written_settings
from motet.models.dialects.responses.usage import written_bill

_DEFAULTS: Final[Mapping[str, JSON]] = {
    "background": False,
    "conversation": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "service_tier": "default",
    "store": False,
    "temperature": 1.0,
    "tool_choice": "auto",
    "tools": (),
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}
STATES: Final = ("queued", "in_progress", "cancelled")
"""What `status` says of an answer that has not come to its end, or never will."""


class Envelope:
    """Writes the response object around one answer; what was asked is repeated in it."""

    def __init__(self, incoming: Incoming, *, created: int) -> None:
        """Start; `created` is in seconds since 1970."""
        asked = written_settings(incoming.request, [])
        first = incoming.request.messages[0] if incoming.request.messages else None
        alone = first is not None and first.role == "system" and isinstance(first.content, str)
        text, reasoning = asked.get("text"), asked.get("reasoning")
        conversation = asked.get("conversation")
        self._model = incoming.model
        self._fields: dict[str, JSON] = {
            "object": "response",
            "created_at": created,
            "instructions": first.text if first is not None and alone else None,
            **{name: asked.get(name, value) for name, value in _DEFAULTS.items()},
            "text": {"format": {"type": "text"}, **(text if isinstance(text, Mapping) else {})},
            "reasoning": {
                "effort": None,
                "summary": None,
                **(reasoning if isinstance(reasoning, Mapping) else {}),
            },
        }
        if isinstance(conversation, str):
            self._fields["conversation"] = {"id": conversation}

    def opened(self, id: str) -> dict[str, JSON]:
        """Return the object of an answer that begins."""
        return self._object(id, "in_progress", (), model=None)

    def ended(
        self, id: str, output: Sequence[JSON], end: Finished, *, lost: list[str]
    ) -> dict[str, JSON]:
        """Return the object of a whole answer; `lost` gets what of its end cannot be said."""
        status, reason = _status(end, lost)
        if end.stop is not None:
            lost.append("stop")
        body = self._object(id, status, output, model=end.model)
        body["incomplete_details"] = {"reason": reason} if reason else None
        return body | written_bill(end.usage, output)

    def failed(
        self, id: str, output: Sequence[JSON], message: str, code: str | None
    ) -> dict[str, JSON]:
        """Return the object of an answer that broke off."""
        body = self._object(id, "failed", output, model=None)
        body["error"] = {"code": code or "server_error", "message": message}
        return body

    def _object(
        self, id: str, status: str, output: Sequence[JSON], *, model: str | None
    ) -> dict[str, JSON]:
        return {
            "id": id,
            "status": status,
            "model": model or self._model,
            "error": None,
            "incomplete_details": None,
            **self._fields,
            "output": list(output),
            "usage": None,
        }


def _status(end: Finished, lost: list[str]) -> tuple[str, str]:
    """Return the status and the reason of an answer that is not complete."""
    if end.detail in STATES and end.reason == "stop":
        return end.detail, ""
    if end.detail == "refusal" and end.reason == "content_filter":
        return "completed", ""
    if end.detail:
        lost.append("detail")
    if end.reason == "length":
        return "incomplete", "max_output_tokens"
    if end.reason == "content_filter":
        return "incomplete", "content_filter"
    return "completed", ""
