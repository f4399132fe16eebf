"""What every dialect must satisfy: streams read as they come, and answers told plainly."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields, is_dataclass
from itertools import pairwise
from typing import Any

from motet.core.chat import ChatEvent, ChatResponse
from motet.models.assembly import assemble
from motet.models.dialects.dialect import AnswerReader
from motet.models.sse import SSEParser


def read_events(reader: AnswerReader, pieces: Iterable[bytes]) -> list[ChatEvent]:
    """Read a stream that comes in pieces, as `RemoteChat` does."""
    parser = SSEParser()
    events: list[ChatEvent] = []
    for piece in [*filter(None, pieces), b""]:
        for sent in parser.feed(piece) if piece else parser.close():
            events += reader.chunk(sent)
            if reader.is_last(sent):
                return [*events, reader.finish(declared=True)]
    return [*events, reader.finish()]


def read_stream(reader: AnswerReader, pieces: Iterable[bytes]) -> ChatResponse:
    """Read a stream that comes in pieces to the answer it makes."""
    return assemble(read_events(reader, pieces))


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """Return the bytes cut at these places."""
    edges = [0, *sorted(places), len(data)]
    return [data[low:high] for low, high in pairwise(edges) if low < high]


def told(value: Any) -> Any:
    """Return an answer as JSON: what is not by default, each part with its kind."""
    if is_dataclass(value):
        said = {
            field.name: told(getattr(value, field.name))
            for field in fields(value)
            if field.default is MISSING or getattr(value, field.name) != field.default
        }
        return {type(value).__name__: said}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [told(each) for each in value]
    return json.loads(json.dumps(value))
