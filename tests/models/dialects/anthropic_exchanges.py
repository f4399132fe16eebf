"""Recorded exchanges with Anthropic, and what of two requests or answers is the same."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent / "recordings" / "anthropic"
ALL = os.environ.get("MOTET_RECORDINGS")
HOST = "https://api.anthropic.com/"


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; `stream` holds the bytes of a streamed one."""

    name: str
    path: str
    request: dict[str, Any]
    status: int
    body: dict[str, Any] | None
    stream: bytes | None

    @property
    def counts(self) -> bool:
        return self.path.endswith("/count_tokens")

    @property
    def answered(self) -> bool:
        return self.status == 200 and not self.counts


def exchanges(folder: Path = HERE) -> list[Exchange]:
    """Return all exchanges with Anthropic in a folder of VCR files."""
    found = []
    for file in sorted(folder.glob("*.yaml")):
        recorded = yaml.load(file.read_text(), Loader=yaml.CSafeLoader)["interactions"]
        for at, each in enumerate(recorded):
            if each["request"]["uri"].startswith(HOST):
                found.append(_exchange(f"{file.stem}-{at}", each))
    return found


def all_exchanges() -> list[Exchange]:
    """Return those of the recordings that `MOTET_RECORDINGS` names, ours where it is not set."""
    return exchanges(Path(ALL) / "anthropic") if ALL else exchanges()


def _exchange(name: str, recorded: dict[str, Any]) -> Exchange:
    request, response = recorded["request"], recorded["response"]
    body = response.get("parsed_body")
    text = None if body is not None else response["body"]["string"]
    return Exchange(
        name=name,
        path=request["uri"].removeprefix(HOST + "v1").partition("?")[0],
        request=request["parsed_body"],
        status=response["status"]["code"],
        body=body,
        stream=text.encode() if isinstance(text, str) else text,
    )


def same_request(body: dict[str, Any]) -> dict[str, Any]:
    """Return a request without what makes no difference to the API."""
    body = json.loads(json.dumps(body))
    if not body.get("stream"):
        body.pop("stream", None)
    body["messages"] = _turns(body["messages"])
    if "tools" in body:
        tools = [_without(tool, "description", "") for tool in body["tools"]]
        body["tools"] = sorted(tools, key=lambda tool: "type" in tool)
    if not body.get("system", True):
        del body["system"]
    return body


def _turns(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    for message in messages:
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        blocks = [_block(each) for each in blocks if each != {"type": "text", "text": ""}]
        if turns and turns[-1]["role"] == message["role"]:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({**message, "content": blocks})
    return turns


def _block(block: dict[str, Any]) -> dict[str, Any]:
    block = {key: value for key, value in block.items() if value is not None}
    block = _without(block, "is_error", False)
    return _without(block, "caller", {"type": "direct"})


def _without(value: dict[str, Any], key: str, default: object) -> dict[str, Any]:
    return {k: each for k, each in value.items() if (k, each) != (key, default)}


def same_answer(body: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what canonical answers do not hold."""
    usage = {key: body["usage"].get(key) or 0 for key in COUNTS}
    usage["thinking"] = (body["usage"].get("output_tokens_details") or {}).get("thinking_tokens", 0)
    kept = {key: body[key] for key in ("id", "type", "role", "model")}
    stop = {key: body.get(key) for key in ("stop_reason", "stop_sequence")}
    return {**kept, **stop, "content": [_block(each) for each in body["content"]], "usage": usage}


COUNTS = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
)


def accumulated(stream: bytes) -> dict[str, Any]:
    """Return the message that a stream's events make, as Anthropic's clients put it together."""
    message: dict[str, Any] = {}
    inputs: dict[int, str] = {}
    for line in stream.decode().splitlines():
        if line.startswith("data:"):
            _take(json.loads(line.removeprefix("data:")), message, inputs)
    for index, text in inputs.items():
        if text:
            message["content"][index]["input"] = json.loads(text)
    return message


def _take(event: dict[str, Any], message: dict[str, Any], inputs: dict[int, str]) -> None:
    if event["type"] == "message_start":
        message |= event["message"]
    elif event["type"] == "content_block_start":
        assert event["index"] == len(message["content"])
        message["content"].append(event["content_block"])
    elif event["type"] == "content_block_delta":
        block, delta = message["content"][event["index"]], event["delta"]
        if delta["type"] == "text_delta":
            block["text"] += delta["text"]
        elif delta["type"] == "thinking_delta":
            block["thinking"] += delta["thinking"]
        elif delta["type"] == "signature_delta":
            block["signature"] = delta["signature"]
        elif delta["type"] == "citations_delta":
            block["citations"] = [*(block.get("citations") or []), delta["citation"]]
        else:
            assert delta["type"] == "input_json_delta"
            inputs[event["index"]] = inputs.get(event["index"], "") + delta["partial_json"]
    elif event["type"] == "message_delta":
        message |= event["delta"]
        message["usage"] |= {key: each for key, each in event["usage"].items() if each is not None}
