"""Real traffic of all dialects: cut anywhere, written in any way, it is read as the same answer."""

from __future__ import annotations

import random

import pytest
from conformance import SPOKEN, cut, hello, read_stream, same_answer, written_stream, written_whole
from exchanges import Exchange, answered

from motet.core.chat import ChatResponse
from motet.models.assembly import assemble

ALL = answered()
STREAMS = [each for each in ALL if each.streamed]
EVERY_OFFSET = 6000
"""Bytes up to which a stream is cut at every offset; longer ones are at some."""

recorded = pytest.mark.parametrize("exchange", ALL, ids=lambda each: each.name)
recorded_streams = pytest.mark.parametrize("exchange", STREAMS, ids=lambda each: each.name)


def read(exchange: Exchange) -> ChatResponse:
    reader = SPOKEN[exchange.dialect].reader("m")
    if exchange.streamed:
        return read_stream(reader, [exchange.body])
    return assemble(reader.whole(exchange.body))


def test_every_dialect_is_recorded() -> None:
    assert {each.dialect for each in ALL} == {"openai", "responses", "anthropic", "gemini"}
    assert {each.dialect for each in STREAMS} == {"openai", "responses", "anthropic", "gemini"}


def offsets(data: bytes) -> list[int]:
    if len(data) <= EVERY_OFFSET:
        return list(range(1, len(data)))
    inside = [at for at in range(len(data)) if data[at] & 0xC0 == 0x80]  # of a character
    return sorted({*inside[:20], *random.Random(len(data)).sample(range(1, len(data)), 40)})


@recorded_streams
def test_a_stream_may_be_cut_anywhere(exchange: Exchange) -> None:
    answer = read(exchange)
    data = exchange.body
    for place in offsets(data):
        assert read_stream(SPOKEN[exchange.dialect].reader("m"), cut(data, [place])) == answer
    pieces = cut(data, range(1, len(data)))
    assert read_stream(SPOKEN[exchange.dialect].reader("m"), pieces) == answer


@recorded_streams
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_a_stream_may_be_written_in_any_way(exchange: Exchange, end: str) -> None:
    lines = exchange.body.decode().splitlines()
    ways = {
        "as it is": lines,
        "comments": [more for line in lines for more in ([line] if line else [": ping", "", ""])],
        "no space": [line.replace(": ", ":", 1) for line in lines],
        "no last blank line": "\n".join(lines).rstrip("\n").split("\n"),
    }
    answer = read(exchange)
    for way, found in ways.items():
        data = end.join(found).encode() + (b"" if "last" in way else (end * 2).encode())
        for pieces in ([data], cut(data, range(7, len(data), 7))):
            assert read_stream(SPOKEN[exchange.dialect].reader("m"), pieces) == answer, way


@recorded
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_what_was_answered_can_be_answered(exchange: Exchange, stream: bool) -> None:
    """Write the answer to a client of the same dialect, who reads it as we did."""
    dialect = SPOKEN[exchange.dialect]
    answer = read(exchange)
    writer = dialect.writer(hello(dialect, stream=stream), id="ours", created=1)
    if stream:
        found = read_stream(dialect.reader("m"), [written_stream(writer, answer)])
    else:
        found = assemble(dialect.reader("m").whole(written_whole(writer, answer)))
    assert same_answer(found) == same_answer(answer)
    assert found.model == answer.model or stream
    assert not writer.lost
