"""Chat completions as OpenAI writes them: whole and in chunks, with usage."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chat_scripts import Call, Reply, Script, content_text, example

_TOKEN = re.compile(r"\s*\w+|\s*[^\w\s]|\s+$")
_FRAGMENT = 5


@dataclass(frozen=True)
class Completion:
    """A finished answer to a request, ready to be written."""

    id: str
    created: int
    model: str
    reply: Reply
    reason: str
    usage: Mapping[str, Any]
    choices: int

    def whole(self) -> dict[str, Any]:
        """Return the object `chat.completion`."""
        message = {
            "role": "assistant",
            "content": self.reply.text or None,
            "refusal": None,
            "annotations": [],
        }
        if self.reply.calls:
            message["tool_calls"] = [_call(call) for call in self.reply.calls]
        choices = [
            {"index": i, "message": message, "logprobs": None, "finish_reason": self.reason}
            for i in range(self.choices)
        ]
        return {**self._head("chat.completion"), "choices": choices, "usage": self.usage}

    def chunks(self, *, include_usage: bool) -> Iterator[dict[str, Any]]:
        """Yield the objects `chat.completion.chunk`, the usage in one of its own."""
        extra = {"usage": None} if include_usage else {}
        for index in range(self.choices):
            for delta in self._deltas():
                yield self._chunk(index, delta, None) | extra
            yield self._chunk(index, {}, self.reason) | extra
        if include_usage:
            yield {**self._head("chat.completion.chunk"), "choices": [], "usage": self.usage}

    def _deltas(self) -> Iterator[dict[str, Any]]:
        yield {"role": "assistant", "content": None if self.reply.calls else "", "refusal": None}
        yield from ({"content": token} for token in tokens(self.reply.text))
        for number, call in enumerate(self.reply.calls):
            begun = _call(replace(call, arguments=""))
            yield {"tool_calls": [{"index": number, **begun}]}
            for start in range(0, len(call.arguments), _FRAGMENT):
                part = call.arguments[start : start + _FRAGMENT]
                yield {"tool_calls": [{"index": number, "function": {"arguments": part}}]}

    def _chunk(self, index: int, delta: dict[str, Any], reason: str | None) -> dict[str, Any]:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": reason}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": "fp_simulator",
        }


def complete(body: Mapping[str, Any], script: Script, number: int, created: int) -> Completion:
    """Answer a valid request with the script; `number` makes the ids."""
    tools = [] if body.get("tool_choice") == "none" else body.get("tools") or []
    answer = script(body["messages"], tools)
    reply = answer if isinstance(answer, Reply) else Reply(answer)
    reply = _formatted(_forced(reply, body, tools), body)
    reply, cut = _cut(_numbered(reply, body, number), body)
    reason = reply.finish_reason or ("tool_calls" if reply.calls else "stop")
    return Completion(
        f"chatcmpl-sim{number:06d}",
        created,
        body["model"],
        reply,
        "length" if cut else reason,
        _usage(body, reply),
        body.get("n") or 1,
    )


def tokens(text: str) -> list[str]:
    """Cut text into what the simulator counts as tokens; joined they are the text."""
    return _TOKEN.findall(text)


def _forced(reply: Reply, body: Mapping[str, Any], tools: list[Any]) -> Reply:
    choice = body.get("tool_choice")
    if reply.calls or not (choice == "required" or isinstance(choice, dict)):
        return reply
    wanted = choice["function"]["name"] if isinstance(choice, dict) else None
    functions = [tool["function"] for tool in tools]
    function = next(f for f in functions if wanted in (None, f["name"]))
    arguments = json.dumps(example(function.get("parameters") or {"type": "object"}))
    # OpenAI ends a call that a named choice forced with "stop".
    return Reply(
        calls=(Call(function["name"], arguments),), finish_reason="stop" if wanted else None
    )


def _formatted(reply: Reply, body: Mapping[str, Any]) -> Reply:
    wanted = body.get("response_format") or {}
    if (
        reply.calls
        or not reply.formatted
        or wanted.get("type") not in ("json_schema", "json_object")
    ):
        return reply
    try:
        json.loads(reply.text)
    except ValueError:
        schema = wanted.get("json_schema", {}).get("schema")
        value = example(schema) if schema else {"answer": reply.text}
        return replace(reply, text=json.dumps(value))
    return reply


def _numbered(reply: Reply, body: Mapping[str, Any], number: int) -> Reply:
    calls = reply.calls[:1] if body.get("parallel_tool_calls") is False else reply.calls
    named = (
        call if call.id is not None else replace(call, id=f"call_sim{number:06d}{index:02d}")
        for index, call in enumerate(calls)
    )
    return replace(reply, calls=tuple(named))


def _cut(reply: Reply, body: Mapping[str, Any]) -> tuple[Reply, bool]:
    stop = body.get("stop") or []
    text = reply.text
    for sequence in [stop] if isinstance(stop, str) else stop:
        text = text.partition(sequence)[0]
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    pieces = tokens(text)
    cut = limit is not None and len(pieces) > limit
    return replace(reply, text="".join(pieces[:limit])), cut


def _usage(body: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
    prompt = 3 + sum(3 + len(tokens(content_text(message))) for message in body["messages"])
    prompt += len(tokens(json.dumps(body["tools"]))) if body.get("tools") else 0
    written = len(tokens(reply.text)) + sum(
        3 + len(tokens(call.name + call.arguments)) for call in reply.calls
    )
    completion = written + reply.reasoning_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": reply.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": reply.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _call(call: Call) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}
