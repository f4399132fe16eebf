"""What a provider can do wrong: each is one clear line with the model's name, never the key."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from chat_server import ChatServer
from hypothesis import given
from hypothesis import strategies as st

from motet.core.chat import ChatEvent, ChatRequest, Message, TextDelta
from motet.core.errors import ProviderError, UsageError
from motet.models.failures import provider_message, retry_after
from motet.models.http import Timeouts
from motet.models.remote import RemoteChat
from motet.models.target import target


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(["error", "message", "detail", "msg", "code"])
    return st.lists(inner) | st.dictionaries(keys, inner)


KEY = "sk-canary-0123456789abcdef"
HELLO = ChatRequest((Message("user", "one two three four five"),))
SHORT = Timeouts(connect=0.3, first_byte=0.3, idle=0.3)


def model(base_url: str, name: str = "echo", timeouts: Timeouts = SHORT) -> RemoteChat:
    return RemoteChat(target(f"test/{name}", base_url=base_url, key=KEY, timeouts=timeouts))


def fail_streamed(chat: RemoteChat, request: ChatRequest = HELLO) -> ProviderError:
    events: list[ChatEvent] = []

    async def run() -> None:
        events.extend([event async for event in chat.stream(request)])

    return checked(chat, run)


def fail_whole(chat: RemoteChat, request: ChatRequest = HELLO) -> ProviderError:
    async def run() -> None:
        await chat.complete(request)

    return checked(chat, run)


def checked(chat: RemoteChat, run: Callable[[], Coroutine[Any, Any, None]]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        asyncio.run(run())
    error = caught.value
    assert error.where == chat.name
    assert error.hint
    assert "\n" not in str(error)
    assert KEY not in repr(error) + str(error)
    return error


fail_both = pytest.mark.parametrize("fail", [fail_streamed, fail_whole])
Fail = Callable[..., ProviderError]


@fail_both
@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        ("failing", 500, "The server had an error while processing your request"),
        ("bad-gateway", 502, "502 Bad Gateway"),
        ("rate-limited", 429, "Limit 3, Used 3"),
        ("no-such-model", 404, "`no-such-model` does not exist"),
        ("redirecting", 307, "the provider answered 307"),
        ("garbage", None, "not a chat completion: 502 Bad Gateway"),
    ],
)
def test_wrong_answers(
    chat_server: ChatServer, fail: Fail, fault: str, status: int | None, says: str
) -> None:
    error = fail(model(chat_server.base_url, fault))
    assert error.status == status
    assert says in error.message


@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        ("erring", 500, "broke the answer off: The engine ran out of memory"),
        ("truncating", None, "broke the connection before the answer was whole"),
        ("stopping", None, "the stream ended before the answer was finished"),
        ("broken-chunk", None, "a chunk that is not JSON"),
        ("broken-json", None, "not a chat completion"),
        ("hanging", None, "no answer within 0.3 s"),
        ("stalling", None, "nothing more for 0.3 s"),
    ],
)
def test_wrong_streams(chat_server: ChatServer, fault: str, status: int | None, says: str) -> None:
    error = fail_streamed(model(chat_server.base_url, fault))
    assert error.status == status
    assert says in error.message


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("broken-json", "not a chat completion"),
        ("hanging", "no answer within 0.3 s"),
        ("truncating", "broke the connection before the answer was whole"),
    ],
)
def test_wrong_whole_answers(chat_server: ChatServer, fault: str, says: str) -> None:
    assert says in fail_whole(model(chat_server.base_url, fault)).message


def test_what_came_before_the_break_is_given(chat_server: ChatServer) -> None:
    events: list[ChatEvent] = []

    async def run() -> None:
        async for event in model(chat_server.base_url, "erring").stream(HELLO):
            events.append(event)

    with pytest.raises(ProviderError):
        asyncio.run(run())
    assert events == [TextDelta("one"), TextDelta(" two")]


@fail_both
def test_retry_after_seconds_and_date(chat_server: ChatServer, fail: Fail) -> None:
    assert fail(model(chat_server.base_url, "rate-limited")).retry_after == 7
    until = fail(model(chat_server.base_url, "rate-limited-until")).retry_after
    assert until is not None
    assert 25 < until <= 31


@fail_both
def test_a_refused_request_says_why(chat_server: ChatServer, fail: Fail) -> None:
    error = fail(model(chat_server.base_url), ChatRequest(HELLO.messages, temperature=9.0))
    assert error.status == 400
    assert "'temperature': above maximum value" in error.message


@fail_both
def test_a_wrong_key_is_never_shown(fail: Fail) -> None:
    with ChatServer("another") as server:
        error = fail(model(server.base_url))
    assert error.status == 401
    assert "Incorrect API key provided: [key]" in error.message
    assert error.hint == "check the key"
    assert KEY[:4] not in str(error)


@fail_both
@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": f"bad key {KEY}"}},
        {"error": f"bad key {KEY}"},
        [{"error": {"message": f"bad key {KEY}", "status": "INVALID"}}],
        {"detail": [{"msg": f"bad key {KEY}"}]},
        {"message": f"bad\n key {KEY}"},
        f"<p>bad key {KEY}</p><script>{KEY}</script>",
    ],
)
def test_echoed_keys_are_cut_out(chat_server: ChatServer, fail: Fail, body: object) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    name = chat_server.add_recording([text.encode()], "application/json", 403)
    assert "bad key [key]" in fail(model(chat_server.base_url, name)).message


@fail_both
def test_long_messages_are_cut(chat_server: ChatServer, fail: Fail) -> None:
    name = chat_server.add_recording([b"\xff" + b"word " * 10_000], "text/plain", 503)
    assert len(str(fail(model(chat_server.base_url, name)))) < 500


@fail_both
def test_nobody_listens(fail: Fail) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        error = fail(model(f"http://127.0.0.1:{port}/v1"))
    assert f"cannot connect to 127.0.0.1:{port}: " in error.message
    assert "refused" in error.message


@fail_both
def test_plain_http_asked_for_https(chat_server: ChatServer, fail: Fail) -> None:
    error = fail(model(chat_server.base_url.replace("http:", "https:")))
    assert "no secure connection" in error.message


@contextmanager
def raw_server(answer: bytes | None) -> Iterator[str]:
    """Accept one connection; send the bytes and close, or be silent when None."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                if answer is not None:
                    connection.sendall(answer)
                else:
                    connection.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        thread.join(5)


@fail_both
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "does not answer in HTTP"),
        (b"", "broke the connection"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", "broke the connection"),
        (None, "no answer within 0.3 s"),
    ],
)
def test_what_is_no_http(fail: Fail, answer: bytes | None, says: str) -> None:
    with raw_server(answer) as base_url:
        assert says in fail(model(base_url)).message


def test_a_whole_stream_whose_connection_breaks_is_an_answer() -> None:
    chunk = b'data: {"choices":[{"delta":{"content":"All"},"finish_reason":"stop"}]}\n\n'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n"

    async def run(base_url: str) -> list[ChatEvent]:
        return [event async for event in model(base_url).stream(HELLO)]

    with raw_server(head + chunk) as base_url:
        assert asyncio.run(run(base_url))[0] == TextDelta("All")


def test_waiting_has_a_limit(chat_server: ChatServer) -> None:
    started = time.perf_counter()
    fail_streamed(model(chat_server.base_url, "hanging"))
    assert time.perf_counter() - started < 3


def test_text_that_is_no_unicode_is_refused(chat_server: ChatServer) -> None:
    request = ChatRequest((Message("user", "\ud800"),))
    with pytest.raises(UsageError, match="cannot be written as JSON"):
        asyncio.run(model(chat_server.base_url).complete(request))


@pytest.mark.parametrize(
    ("stream", "status", "says"),
    [
        ('data: {"error": {"code": 429, "message": "Too much"}}', 429, "Too much"),
        ('data: {"error": {"type": "rate_limit_exceeded"}}', 429, "broke the answer off"),
        ('event: error\ndata: {"message": "Too much"}', None, "Too much"),
        ('data: {"error": "Too much"}', None, "Too much"),
        ('data: {"choices": [{"finish_reason": "error"}]}', None, "broke the answer off"),
        ("data: " + "[" * 100_000, None, "not JSON"),
        (": nothing at all", None, "not a chat completion"),
    ],
)
def test_errors_inside_a_stream(
    chat_server: ChatServer, stream: str, status: int | None, says: str
) -> None:
    name = chat_server.add_recording([f"{stream}\n\n".encode()])
    error = fail_streamed(model(chat_server.base_url, name))
    assert error.status == status
    assert says in error.message


@given(st.text() | st.from_regex(r"\w{3}, \d\d \w{3} \d{4,30} \d\d:\d\d:\d\d [A-Z+0-9]{3,9}"))
def test_any_retry_after_is_seconds_or_nothing(value: str) -> None:
    seconds = retry_after({"Retry-After": value})
    assert seconds is None or 0 <= seconds < float("inf")


@given(st.binary(max_size=300) | st.recursive(st.text(), nested).map(json.dumps).map(str.encode))
def test_any_body_makes_one_short_line(body: bytes) -> None:
    said = provider_message(body, KEY)
    assert len(said) <= 301
    assert said == " ".join(said.split())
