"""Every recorded exchange, read and written back: ours, or all that MOTET_RECORDINGS names."""

from __future__ import annotations

import json

import pytest
from anthropic_exchanges import (
    Exchange,
    accumulated,
    all_exchanges,
    same_answer,
    same_request,
)
from motet.core.chat import ChatEvent
from motet.core.errors import ProviderError
from motet.models.assembly import assemble
from motet.models.dialects.anthropic import DIALECT, token_count
from motet.models.dialects.dialect import Incoming
from motet.models.sse import SSEParser

RECORDED = all_exchanges()
ANSWERED = [each for each in RECORDED if each.answered]
STREAMED = [each for each in ANSWERED if each.stream is not None]
named = pytest.mark.parametrize


def by_name(found: list[Exchange]):
    return pytest.mark.parametrize("exchange", found, ids=[each.name for each in found])


def events_of(stream: bytes) -> list[ChatEvent]:
    reader, parser = DIALECT.reader("here"), SSEParser()
    events: list[ChatEvent] = []
    last = False
    for sent in [*parser.feed(stream), *parser.close()]:
        events += reader.chunk(sent)
        last = last or reader.is_last(sent)
    return [*events, reader.finish(declared=last)]


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
    assert (incoming.lost, outgoing.lost) == ((), ())


@by_name(ANSWERED)
def test_an_answer_is_written_back_as_it_came(exchange: Exchange):
    original = accumulated(exchange.stream) if exchange.stream else exchange.body
    assert original is not None
    answer = assemble(read(exchange))
    writer = DIALECT.writer(Incoming("m", None, False), id="msg_ours", created=0)
    written = json.loads(json.dumps(writer.whole(answer)))
    assert same_answer(written) == same_answer(original)
    assert writer.lost == ()


@by_name(ANSWERED)
def test_an_answer_is_streamed_as_it_came(exchange: Exchange):
    original = accumulated(exchange.stream) if exchange.stream else exchange.body
    assert original is not None
    incoming = Incoming(original["model"], None, True)
    writer = DIALECT.writer(incoming, id=original["id"], created=0)
    stream = b"".join([writer.start(), *map(writer.event, read(exchange))])
    assert same_answer(accumulated(stream)) == same_answer(original)
    assert writer.lost == ()
    assert assemble(events_of(stream)) == assemble(read(exchange))
