"""A scripted model behind OpenAI's chat completions protocol, in a process of its own.

`calls-N` asks for N calls at once, then tells the sum of their results; `paced` asks for ten,
one complete every 30 ms, and answers after 15 ms. Both stream where they are asked to.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from scenario import ANSWER_MS, CALL_MS, FIRST_TOOL_MS, OTHER_TOOL_MS, TOOLS, numbers

_FRAGMENTS = 3
_NUMBER = re.compile(r"-?\d+")


async def complete(request: web.Request) -> web.StreamResponse:
    """Answer a request for a completion."""
    body = await request.json()
    paced = body["model"] == "paced"
    results = [each for each in body["messages"] if each["role"] == "tool"]
    if results:
        await asyncio.sleep(ANSWER_MS / 1000 if paced else 0)
        total = sum(int(_NUMBER.findall(_text(each["content"]))[-1]) for each in results)
        events = _answer(f"The sum is {total}.")
    else:
        question = next(each for each in body["messages"] if each["role"] == "user")
        count = TOOLS if paced else int(body["model"].removeprefix("calls-"))
        events = _calls(_text(question["content"]), count, paced=paced)
    if body.get("stream"):
        return await _stream(request, body, events)
    return web.json_response(await _whole(body, events))


async def _calls(question: str, count: int, *, paced: bool) -> AsyncIterator[dict[str, Any]]:
    began = time.perf_counter()
    yield {"role": "assistant", "content": None}
    for index, number in enumerate(numbers(question, count)):
        wait = (OTHER_TOOL_MS if index else FIRST_TOOL_MS) if paced else 0
        arguments = json.dumps({"number": number, "wait_ms": wait})
        function = {"name": f"tool_{index}", "arguments": ""}
        call = {"index": index, "id": f"call_{index}_{number}", "type": "function"}
        yield {"tool_calls": [{**call, "function": function}]}
        size = -(-len(arguments) // _FRAGMENTS)
        for part in range(_FRAGMENTS):
            if paced:
                due = began + (index + (part + 1) / _FRAGMENTS) * CALL_MS / 1000
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            piece = arguments[part * size : (part + 1) * size]
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


async def _answer(text: str) -> AsyncIterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for piece in re.findall(r"\S+\s*", text):
        yield {"content": piece}


async def _stream(
    request: web.Request, body: dict[str, Any], events: AsyncIterator[dict[str, Any]]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)

    async def send(choices: list[dict[str, Any]], **more: object) -> None:
        chunk = {**_head(body, "chat.completion.chunk"), "choices": choices, **more}
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())

    called = False
    async for delta in events:
        called = called or "tool_calls" in delta
        await send([{"index": 0, "delta": delta, "finish_reason": None}])
    await send([{"index": 0, "delta": {}, "finish_reason": _reason(called)}])
    if (body.get("stream_options") or {}).get("include_usage"):
        await send([], usage=_USAGE)
    await response.write(b"data: [DONE]\n\n")
    return response


async def _whole(body: dict[str, Any], events: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    text, calls = "", {}
    async for delta in events:
        text += delta.get("content") or ""
        for piece in delta.get("tool_calls", ()):
            call = calls.setdefault(piece["index"], {**piece, "function": {"arguments": ""}})
            arguments = call["function"]["arguments"] + piece["function"]["arguments"]
            call["function"] = {**call["function"], **piece["function"], "arguments": arguments}
    message: dict[str, Any] = {"role": "assistant", "content": text or None}
    if calls:
        message["tool_calls"] = [
            {"id": call["id"], "type": "function", "function": call["function"]}
            for call in calls.values()
        ]
    choice = {"index": 0, "message": message, "finish_reason": _reason(bool(calls))}
    return {**_head(body, "chat.completion"), "choices": [choice], "usage": _USAGE}


_USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


def _head(body: dict[str, Any], kind: str) -> dict[str, Any]:
    created = int(time.time())
    return {"id": "chatcmpl-1", "object": kind, "created": created, "model": body["model"]}


def _reason(called: bool) -> str:
    return "tool_calls" if called else "stop"


def _text(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


async def main() -> None:
    """Serve on a free port and print the base URL."""
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
