"""A provider that fails as it is told: each request of a model takes that model's next step."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Refusal:
    """An error answer."""

    status: int
    message: str = "it broke"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Says:
    """An answer: seconds before the first byte and between the words; it may die after some."""

    text: str
    before: float = 0.0
    between: float = 0.0
    dies_after: int | None = None
    call: tuple[str, str] | None = None


@dataclass(frozen=True)
class Hangs:
    """Nothing at all, or the headers and then nothing."""

    headers: bool = False


@dataclass(frozen=True)
class Resets:
    """The connection torn down."""


@dataclass(frozen=True)
class Raw:
    """These bytes, and the end."""

    data: bytes


Step = Refusal | Says | Hangs | Resets | Raw


@dataclass
class Visit:
    """One request: the model, and when (on the performance counter) its client was gone."""

    model: str
    stream: bool
    left: float | None = None
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class FlakyServer:
    """Steps by model; the last step of a model repeats."""

    def __init__(self, steps: Mapping[str, list[Step]]) -> None:
        self._steps = steps
        self.visits: list[Visit] = []
        self.base_url = ""
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def asked(self, model: str) -> int:
        return sum(1 for visit in self.visits if visit.model == model)

    async def left(self) -> float:
        """Return when the client of the first request was gone, once all clients are."""
        async with asyncio.timeout(5):
            for visit in self.visits:
                await visit.gone.wait()
        return min(visit.left or 0.0 for visit in self.visits)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FlakyServer]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.base_url = f"http://127.0.0.1:{port}/v1"
        try:
            yield self
        finally:
            server.close()
            for writer in self._connections.values():
                writer.transport.abort()
            if self._connections:
                await asyncio.wait(self._connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client left
        finally:
            writer.close()
            del self._connections[task]

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether another may follow on the connection."""
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.split(b":", 1) for line in head.lower().split(b"\r\n")[1:-2])
        body = json.loads(await reader.readexactly(int(fields[b"content-length"])))
        visit = Visit(body["model"], bool(body.get("stream")))
        steps = self._steps[visit.model]
        step = steps[min(self.asked(visit.model), len(steps) - 1)]
        self.visits.append(visit)
        gone = asyncio.ensure_future(_gone(reader, visit))
        doing = asyncio.ensure_future(self._do(step, writer, visit))
        await asyncio.wait({gone, doing}, return_when=asyncio.FIRST_COMPLETED)
        again = doing.done() and not gone.done()
        for task in (gone, doing):
            task.cancel()
        await asyncio.wait({gone, doing})
        return again and doing.result()

    async def _do(self, step: Step, writer: asyncio.StreamWriter, visit: Visit) -> bool:
        """Answer; return whether the connection may be used again."""
        if isinstance(step, Refusal):
            body = json.dumps({"error": {"message": step.message, "type": "x"}}).encode()
            _write(writer, step.status, "application/json", body, step.headers)
            return True
        if isinstance(step, Says):
            return await self._say(step, writer, visit)
        if isinstance(step, Hangs):
            if step.headers:
                _begin(writer)
            await asyncio.Event().wait()
        if isinstance(step, Raw):
            writer.write(step.data)
            return False
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return False

    async def _say(self, step: Says, writer: asyncio.StreamWriter, visit: Visit) -> bool:
        await asyncio.sleep(step.before)
        if not visit.stream:
            message: dict[str, Any] = {"role": "assistant", "content": step.text}
            body = json.dumps(_completion("chat.completion", message=message, reason="stop"))
            _write(writer, 200, "application/json", body.encode(), {})
            return True
        _begin(writer)
        for number, delta in enumerate(_deltas(step)):
            if number == step.dies_after:
                writer.transport.abort()
                return False
            _send(writer, json.dumps(_completion("chat.completion.chunk", delta=delta)))
            await writer.drain()
            await asyncio.sleep(step.between)
        reason = "tool_calls" if step.call else "stop"
        _send(writer, json.dumps(_completion("chat.completion.chunk", delta={}, reason=reason)))
        _send(writer, "[DONE]")
        writer.write(b"0\r\n\r\n")
        return True


async def _gone(reader: asyncio.StreamReader, visit: Visit) -> None:
    """Wait for the client to go away; it sends nothing while it waits for an answer."""
    with contextlib.suppress(ConnectionError):
        await reader.read(1)
    visit.left = time.perf_counter()
    visit.gone.set()


def _deltas(step: Says) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"content": f"{word} "} for word in step.text.split()]
    if step.call:
        name, arguments = step.call
        function = {"name": name, "arguments": arguments}
        deltas.append({"tool_calls": [{"index": 0, "id": "call_1", "function": function}]})
    return deltas


def _completion(kind: str, *, reason: str | None = None, **content: Any) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": reason, **content}
    usage = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
    done = {"usage": usage} if reason else {}
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "choices": [choice], **done}


def _begin(writer: asyncio.StreamWriter) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )


def _send(writer: asyncio.StreamWriter, data: str) -> None:
    event = f"data: {data}\n\n".encode()
    writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")


def _write(
    writer: asyncio.StreamWriter,
    status: int,
    media_type: str,
    body: bytes,
    headers: Mapping[str, str],
) -> None:
    lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {media_type}"]
    lines += [f"Content-Length: {len(body)}", *(f"{key}: {headers[key]}" for key in headers)]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
