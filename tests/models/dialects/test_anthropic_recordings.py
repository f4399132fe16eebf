"""Every recorded exchange, read and written back: ours, or all that MOTET_RECORDINGS names."""

from __future__ import annotations

import json

import pytest
from anthropic_exchanges import Exchange, accumulated, all_exchanges, same_answer, same_request
from conformance import cut, read_events

from motet.core.chat import ChatEvent, ChatRequest
from motet.models.assembly import assemble
from motet.models.dialects.anthropic import DIALECT, token_count
from motet.models.dialects.dialect import Incoming

RECORDED = all_exchanges()
ANSWERED = [each for each in RECORDED if each.answered]
ASKED = ChatRequest(())
STREAMED = [each for each in ANSWERED if each.stream is not None]


def by_name(found: list[Exchange]):
    return pytest.mark.parametrize("exchange", found, ids=[each.name for each in found])


def events_of(stream: bytes) -> list[ChatEvent]:
    return read_events(DIALECT.reader("here"), [stream])


def read(exchange: Exchange) -> list[ChatEvent]:
    if exchange.stream is not None:
        return events_of(exchange.stream)
    return DIALECT.reader("here").whole(json.dumps(exchange.body).encode())


@by_name(RECORDED)
def test_a_request_passes_unchanged(exchange: Exchange):
    if exchange.counts:
        incoming = token_count.incoming(exchange.request)
        outgoing = token_count.outgoing(incoming.request, incoming.model)
    else:
        incoming = DIALECT.incoming(exchange.request)
        outgoing = DIALECT.outgoing(incoming.request, incoming.model, stream=incoming.stream)
    assert outgoing.path == exchange.path
    assert same_request(dict(outgoing.body)) == same_request(exchange.request)
    asked = incoming.request.messages
    empty = tuple(f"messages[{at}]" for at, message in enumerate(asked) if not message.content)
    assert (incoming.lost, outgoing.lost) == ((), empty)


@by_name(ANSWERED)
def test_an_answer_is_written_back_as_it_came(exchange: Exchange):
    original = accumulated(exchange.stream) if exchange.stream else exchange.body
    assert original is not None
    answer = assemble(read(exchange))
    writer = DIALECT.writer(Incoming("m", ASKED, False), id="msg_ours", created=0)
    written = json.loads(json.dumps(writer.whole(answer)))
    assert same_answer(written) == same_answer(original)
    assert writer.lost == ()


@by_name(ANSWERED)
def test_an_answer_is_streamed_as_it_came(exchange: Exchange):
    original = accumulated(exchange.stream) if exchange.stream else exchange.body
    assert original is not None
    incoming = Incoming(original["model"], ASKED, True)
    writer = DIALECT.writer(incoming, id=original["id"], created=0)
    stream = b"".join([writer.start(), *map(writer.event, read(exchange))])
    assert same_answer(accumulated(stream)) == same_answer(original)
    assert writer.lost == ()
    assert assemble(events_of(stream)) == assemble(read(exchange))


@by_name(STREAMED)
def test_a_stream_may_be_cut_anywhere(exchange: Exchange):
    assert exchange.stream is not None
    whole, data = events_of(exchange.stream), exchange.stream
    assert (
        read_events(DIALECT.reader("here"), [data[at : at + 1] for at in range(len(data))]) == whole
    )
    for at in range(1, len(data), max(len(data) // 300, 1)):
        assert read_events(DIALECT.reader("here"), cut(data, [at])) == whole


@by_name(STREAMED)
def test_a_stream_may_have_other_line_ends_and_comments(exchange: Exchange):
    assert exchange.stream is not None
    whole, data = events_of(exchange.stream), exchange.stream
    commented = data.replace(b"event: content_block_stop", b": stays\nevent: content_block_stop")
    unnamed = b"\n".join(each for each in data.split(b"\n") if not each.startswith(b"event:"))
    for other in (data.replace(b"\n", b"\r\n"), commented, unnamed, data.rstrip()):
        assert events_of(other) == whole
