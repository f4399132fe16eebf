"""Recorded exchanges with Gemini, and what they must come to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from motet.core.chat import ChatEvent, ChatResponse
from motet.models.assembly import assemble
from motet.models.dialects.dialect import AnswerReader, AnswerWriter
from motet.models.dialects.gemini import DIALECT
from motet.models.sse import SSEParser

_ADDRESS = re.compile(r"/models/([^/:]+):(stream)?[gG]enerateContent")
_VERBATIM = {"args", "response", "parametersJsonSchema", "responseJsonSchema", "labels"}


@dataclass(frozen=True)
class Exchange:
    model: str
    stream: bool
    request: dict[str, Any]
    body: bytes
    json: dict[str, Any] | None

    @property
    def chunks(self) -> list[dict[str, Any]]:
        if self.json is not None:
            return [self.json]
        lines = self.body.decode().splitlines()
        return [json.loads(line[5:]) for line in lines if line.startswith("data:")]


def exchanges(path: Path) -> Iterator[Exchange]:
    """Yield the exchanges in the file that are about generateContent."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for found in yaml.load(path.read_text("utf-8"), Loader=loader)["interactions"]:
        request, response = found["request"], found["response"]
        address = _ADDRESS.search(request["uri"])
        if address is None:
            continue
        asked = request.get("parsed_body") or json.loads(request["body"])
        answer = response.get("parsed_body")
        if answer is None and not address[2]:
            answer = json.loads(response["body"]["string"])
        text = response["body"]["string"] if answer is None else json.dumps(answer)
        yield Exchange(address[1], bool(address[2]), asked, text.encode(), answer)


def read(exchange: Exchange) -> ChatResponse:
    reader = DIALECT.reader("google/test")
    if not exchange.stream:
        return assemble(reader.whole(exchange.body))
    return read_stream(exchange.body, reader)


def read_stream(data: bytes, reader: AnswerReader, step: int | None = None) -> ChatResponse:
    """Read a stream, cut into pieces of `step` bytes."""
    parser = SSEParser()
    events: list[ChatEvent] = []
    step = step or len(data) or 1
    for place in range(0, len(data), step):
        for sent in parser.feed(data[place : place + step]):
            events += reader.chunk(sent)
    for sent in parser.close():
        events += reader.chunk(sent)
    return assemble([*events, reader.finish()])


def streamed(writer: AnswerWriter, events: list[ChatEvent]) -> bytes:
    return writer.start() + b"".join(writer.event(event) for event in events)


def camel(value: Any) -> Any:
    """Return the object with all fields in camelCase, as every client may also write them."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    found = {}
    for name, item in value.items():
        better = re.sub(r"_([a-z])", lambda letter: letter[1].upper(), name)
        found[better] = item if better in _VERBATIM else camel(item)
    return found
