"""Server-sent events: whatever the cut, the events are the same."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.models.sse import ServerSentEvent, SSEParser


def parse(pieces: list[bytes]) -> list[ServerSentEvent]:
    parser = SSEParser()
    events = [event for piece in pieces for event in parser.feed(piece)]
    return events + parser.close()


def message(data: str) -> ServerSentEvent:
    return ServerSentEvent("message", data)


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("data: a\n\ndata: b\n\n", [message("a"), message("b")]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", [message("a"), message("b")]),
        ("data: a\r\rdata: b\r\r", [message("a"), message("b")]),
        ("data: a\ndata: b\n\n", [message("a\nb")]),
        ("data:a\ndata:  b\n\n", [message("a\n b")]),
        (": ping\n\n: ping\n\ndata: a\n\n", [message("a")]),
        ("event: error\ndata: {}\n\n", [ServerSentEvent("error", "{}")]),
        ("event: lonely\n\ndata: a\n\n", [message("a")]),
        ("id: 7\nretry: 10\nunknown\ndata: a\n\n", [message("a")]),
        ("data\n\n", [message("")]),
        ("\ufeffdata: a\n\n", [message("a")]),
        ("data: no blank line", [message("no blank line")]),
        ("data: one line end\n", [message("one line end")]),
        ("data: a\u2028b\x85c\n\n", [message("a\u2028b\x85c")]),
        ("", []),
    ],
)
def test_reads_events(text: str, events: list[ServerSentEvent]) -> None:
    data = text.encode()
    assert parse([data]) == events
    assert parse([data[i : i + 1] for i in range(len(data))]) == events


@given(
    st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.data(),
)
def test_cuts_do_not_matter(texts: list[str], end: str, data: st.DataObject) -> None:
    stream = "".join(f"data: {text}{end}{end}" for text in texts).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert parse(pieces) == [message(text) for text in texts]


def test_an_endless_event_is_refused() -> None:
    parser = SSEParser(limit=1000)
    for _ in range(10):
        parser.feed(b"x" * 100)
    with pytest.raises(ValueError, match="larger than 1000 bytes"):
        parser.feed(b"x")
