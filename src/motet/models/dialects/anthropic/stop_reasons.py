"""Why an answer ended, in Anthropic's words and in ours."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import FinishReason

_REASONS: Mapping[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "compaction": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_PLAIN: Mapping[FinishReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}
_SAID_BY_REASON = frozenset({"end_turn", "max_tokens", "tool_use"})


def read_stop(word: str | None) -> tuple[FinishReason, str]:
    """Return the reason, and the word itself where it says more than that."""
    if not word:
        return "stop", ""
    return _REASONS.get(word, "stop"), "" if word in _SAID_BY_REASON else word


def write_stop(reason: FinishReason, detail: str, stop: str | None) -> str:
    """Return the `stop_reason` for an answer that ended at `stop`, if it did at one."""
    if _REASONS.get(detail) == reason:
        return detail
    if reason == "stop" and stop is not None:
        return "stop_sequence"
    return _PLAIN[reason]


def says(reason: FinishReason, detail: str) -> bool:
    """Whether the detail can be said."""
    return not detail or _REASONS.get(detail) == reason
