"""Why an answer ended (https://ai.google.dev/api/generate-content#FinishReason), both ways."""

from __future__ import annotations

import re
from collections.abc import Mapping

from motet.core.chat import FinishReason

_BLOCKED = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "MODEL_ARMOR",
        "JAILBREAK",
    }
)
_USUAL: Mapping[FinishReason, str] = {
    "stop": "STOP",
    "tool_calls": "STOP",
    "length": "MAX_TOKENS",
    "content_filter": "SAFETY",
}
_WORD = re.compile(r"[A-Z_]+")


def read_reason(word: str, *, called: bool) -> tuple[FinishReason, str]:
    """Return reason and detail of a `finishReason`; `called` says that there are tool calls."""
    if word == "MAX_TOKENS":
        return "length", ""
    if word in _BLOCKED:
        return "content_filter", "" if word == "SAFETY" else word
    # A call that could not be read (MALFORMED_FUNCTION_CALL) ends the turn without one.
    return "tool_calls" if called else "stop", "" if word == "STOP" else word


def blocked(word: str) -> tuple[FinishReason, str]:
    """Return reason and detail where the prompt was blocked, with that `blockReason`."""
    return "content_filter", "" if word == "SAFETY" else word


def written_reason(reason: FinishReason, detail: str) -> tuple[str, bool]:
    """Return the `finishReason`, and whether it also says the detail."""
    if _WORD.fullmatch(detail):
        meant = read_reason(detail, called=reason == "tool_calls")
        if meant == (reason, detail):
            return detail, True
    return _USUAL[reason], not detail
