"""Recorded exchanges with the Responses API, and what of them may be said in several ways."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from motet.core.json import dumps


@dataclass(frozen=True)
class Exchange:
    status: int
    stream: bool
    request: dict[str, Any]
    body: bytes

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The events of a stream."""
        lines = self.body.decode().splitlines()
        found = [line[5:] for line in lines if line.startswith("data:") and "[DONE]" not in line]
        return [json.loads(data) for data in found]

    @property
    def response(self) -> dict[str, Any]:
        """The whole response object."""
        found: dict[str, Any] = self.sent[-1]["response"] if self.stream else json.loads(self.body)
        return found


def exchanges(path: Path) -> Iterator[Exchange]:
    """Yield the exchanges in the file that create a response."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for found in yaml.load(path.read_text("utf-8"), Loader=loader)["interactions"]:
        request, response = found["request"], found["response"]
        if request["method"] != "POST" or not request["uri"].endswith("/responses"):
            continue
        asked = request.get("parsed_body") or json.loads(request["body"])
        stream = "event-stream" in response["headers"]["content-type"][0]
        if "parsed_body" in response:
            text = dumps(response["parsed_body"])
        else:
            text = response["body"]["string"]
        yield Exchange(response["status"]["code"], stream, asked, text.encode())


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def plain_request(body: Any) -> Any:
    """Return a request without what may be said in several ways of the same meaning."""
    body = without_nulls(json.loads(dumps(body)))
    if not body.get("stream"):
        body.pop("stream", None)
    for name in ("tools", "text", "reasoning"):
        if not body.get(name):
            body.pop(name, None)
    body["input"] = [item for item in body["input"] if item.get("content") != ""]
    for item in body["input"]:
        plain_item(item)
    for tool in body.get("tools", ()):
        if not tool.get("description"):
            tool.pop("description", None)
    return body


def plain_item(item: dict[str, Any]) -> None:
    if "role" in item:
        item["type"] = "message"
    if item["type"] == "function_call":
        item.pop("status", None)
    if isinstance(item.get("content"), str) and item["role"] == "assistant":
        item["content"] = [{"type": "output_text", "text": item["content"], "annotations": []}]
    elif isinstance(item.get("content"), str):
        item["content"] = [{"type": "input_text", "text": item["content"]}]
    for part in item.get("content") or () if "role" in item else ():
        if isinstance(part, dict):
            part.pop("logprobs", None)


def plain_output(items: Any) -> Any:
    """Return the items of an answer without what may be said in several ways."""
    items = without_nulls(json.loads(dumps(items)))
    for item in items:
        for part in item.get("content", ()):
            part.pop("logprobs", None)
        if item["type"] == "message":
            item["content"] = [part for part in item["content"] if part.get("text") != ""]
        if item["type"] == "reasoning":
            # The provider encrypts anew whenever it says the same item again.
            item["encrypted_content"] = bool(item.get("encrypted_content"))
            if not item.get("content"):
                item.pop("content", None)
            texts = [part["text"] for part in item["summary"]]
            item["summary"] = ["\n\n".join(texts)] if texts else []
    return [item for item in items if item.get("content") != []]
