"""A scripted stand-in for a model server. It is not a model: rules below make every reply.

It speaks OpenAI's chat completions truthfully (streams, tool calls, usage) and knows one kind
of question, "Plot the stock prices of the three largest cloud providers", which it answers
from what the protocol's messages say, never from what it expects: in native tool-call turns,
or with a plan of calls when it is asked for one. Run it: `python model.py --latency 0.5`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
UNKNOWN = "I am a script and only know how to plot share prices of the largest cloud providers."
FIRST_TOKEN = 0.6
"""The share of a reply's time that passes before it begins."""
Body = dict[str, Any]
Message = dict[str, Any]


@dataclass
class Reply:
    """What is answered: text, or calls as (tool, arguments)."""

    text: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)


def reply(body: dict[str, Any]) -> Reply:
    """Return the reply to a request, from nothing but its messages and tools."""
    messages = body["messages"]
    question = next(text(m) for m in reversed(messages) if m["role"] == "user")
    asked = re.search(r"\b(\d+|" + "|".join(NUMBERS) + r")\s+largest\b", question)
    planning = "calls" in str(body.get("response_format")) or "You plan calls" in text(messages[0])
    if "Results of the calls, by id:\n" in question:
        return Reply(told(json.loads(question.rpartition("by id:\n")[2]).values()))
    if not asked or "plot" not in question.lower():
        return Reply(
            json.dumps({"calls": [], "answer": {"text": UNKNOWN}}) if planning else UNKNOWN
        )
    wanted = NUMBERS.get(asked[1]) or int(asked[1])
    return Reply(json.dumps(plan(wanted))) if planning else next_turn(messages, wanted)


def plan(wanted: int) -> dict[str, Any]:
    """Return the whole graph of calls."""
    top = {"id": "top", "tool": "largest_providers", "arguments": {"count": wanted}}
    prices = {
        "id": "prices",
        "tool": "share_prices",
        "for_each": {"$ref": "top"},
        "arguments": {"company": {"$item": True, "path": ["name"]}},
    }
    drawing = {"title": title(wanted), "series": {"$ref": "prices"}}
    chart = {"id": "chart", "tool": "draw_chart", "arguments": drawing}
    return {"calls": [top, prices, chart], "answer": "write"}


def next_turn(messages: list[Message], wanted: int) -> Reply:
    """Return the next calls that the results so far allow, or the answer."""
    results = results_by_tool(messages)
    failed = [each for found in results.values() for each in found if "error" in each]
    if failed or "draw_chart" in results:
        return Reply(told({"result": each} for found in results.values() for each in found))
    if "share_prices" in results:
        drawing = {"title": title(wanted), "series": results["share_prices"]}
        return Reply(calls=[("draw_chart", drawing)])
    if "largest_providers" in results:
        (found,) = results["largest_providers"]
        return Reply(calls=[("share_prices", {"company": each["name"]}) for each in found])
    return Reply(calls=[("largest_providers", {"count": wanted})])


def told(results: Iterable[Body]) -> str:
    """Return the answer in words."""
    for each in results:
        result = each.get("result", each)
        if isinstance(result, dict) and "error" in result:
            return f"That did not work: {result['error']['message']}"
        if isinstance(result, dict) and "file" in result:
            prices = ", ".join(f"{name} {price:g}" for name, price in result["last_prices"].items())
            return f"I drew the share prices into {result['file']}. Last prices in USD: {prices}."
    return "The results hold no chart."


def results_by_tool(messages: list[Message]) -> dict[str, list[Any]]:
    """Return the results of calls by the tool's name, in order."""
    names = {call["id"]: call["function"]["name"] for m in messages for call in calls_of(m)}
    found: dict[str, list[Any]] = {}
    for message in messages:
        if message["role"] == "tool":
            value = json.loads(text(message))
            found.setdefault(names[message["tool_call_id"]], []).append(value)
    return found


def calls_of(message: Message) -> list[Any]:
    """Return the calls of an assistant's turn."""
    return message.get("tool_calls") or []


def title(wanted: int) -> str:
    """Return the chart's title."""
    return f"Share prices of the {wanted} largest cloud providers"


def text(message: Message) -> str:
    """Return a message's text."""
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


# The protocol


class Server:
    """Serves the script; a reply takes `latency` seconds from request to last token."""

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self._numbers = count(1)

    def app(self) -> web.Application:
        """Return the application."""
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self.complete)
        app.router.add_get("/v1/models", self.models)
        return app

    async def models(self, request: web.Request) -> web.Response:
        """List the one thing there is to ask."""
        model = {"id": "clouds", "object": "model", "created": 0, "owned_by": "script"}
        return web.json_response({"object": "list", "data": [model]})

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for a completion, streamed or whole."""
        began = time.perf_counter()
        body = await request.json()
        answer = reply(body)
        head = {
            "id": f"chatcmpl-{next(self._numbers)}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": body["model"],
        }
        if not body.get("stream"):
            await asyncio.sleep(self.latency)
            return web.json_response(whole(head, answer, body))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        deltas = [*fragments(answer, head["id"])]
        for number, delta in enumerate(deltas):
            share = FIRST_TOKEN + (1 - FIRST_TOKEN) * number / len(deltas)
            await asyncio.sleep(max(0.0, began + self.latency * share - time.perf_counter()))
            await write(response, {**head, "choices": [choice(delta, None)]})
        await asyncio.sleep(max(0.0, began + self.latency - time.perf_counter()))
        reason = "tool_calls" if answer.calls else "stop"
        await write(response, {**head, "choices": [choice({}, reason)]})
        await write(response, {**head, "choices": [], "usage": usage(body, answer)})
        await response.write(b"data: [DONE]\n\n")
        return response


async def write(response: web.StreamResponse, chunk: Body) -> None:
    """Write one event."""
    await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")


def choice(delta: Body, reason: str | None) -> dict[str, Any]:
    """Return a chunk's only choice."""
    return {"index": 0, "delta": delta, "finish_reason": reason}


def fragments(answer: Reply, id: str) -> Iterator[Body]:
    """Yield the reply as a stream of deltas."""
    yield {"role": "assistant", "content": None if answer.calls else ""}
    for piece in re.findall(r"\s*\S{1,8}|\s+", answer.text):
        yield {"content": piece}
    for index, call in enumerate(tool_calls(answer, id)):
        arguments = call["function"]["arguments"]
        begun = {**call, "function": {**call["function"], "arguments": ""}}
        yield {"tool_calls": [{"index": index, **begun}]}
        for at in range(0, len(arguments), 12):
            part = {"arguments": arguments[at : at + 12]}
            yield {"tool_calls": [{"index": index, "function": part}]}


def tool_calls(answer: Reply, id: str) -> list[dict[str, Any]]:
    """Return the calls as the protocol has them."""
    return [
        {
            "id": f"call_{id}_{number}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for number, (name, arguments) in enumerate(answer.calls)
    ]


def whole(head: dict[str, Any], answer: Reply, body: Body) -> dict[str, Any]:
    """Return the completion in one piece."""
    message = {"role": "assistant", "content": answer.text or None}
    if answer.calls:
        message["tool_calls"] = tool_calls(answer, head["id"])
    reason = "tool_calls" if answer.calls else "stop"
    only = {"index": 0, "message": message, "finish_reason": reason}
    head = {**head, "object": "chat.completion"}
    return {**head, "choices": [only], "usage": usage(body, answer)}


def usage(body: Body, answer: Reply) -> dict[str, int]:
    """Return the tokens, four characters each."""
    asked = len(json.dumps([body["messages"], body.get("tools")])) // 4
    said = (len(answer.text) + len(json.dumps(answer.calls))) // 4
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A scripted server, not a model.")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--latency", type=float, default=0.5, help="seconds per reply")
    options = parser.parse_args()
    print(f"A script, not a model, serves http://127.0.0.1:{options.port}/v1", flush=True)
    app = Server(options.latency).app()
    web.run_app(app, host="127.0.0.1", port=options.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
