"""Anthropic's Python client: messages."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import anthropic
from asking import CALL, FILL, HELLO, KEY, URL, print_all, refused
from pydantic import BaseModel

client = anthropic.Anthropic(base_url=URL, api_key=KEY, max_retries=0)
TOOLS: Any = [
    {
        "name": "find",
        "description": "Find a city.",
        "input_schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    }
]


class City(BaseModel):
    city: str
    inhabitants: int


def said(text: str) -> Any:
    return [{"role": "user", "content": text}]


async def later(model: str) -> str:
    async with (
        anthropic.AsyncAnthropic(base_url=URL, api_key=KEY) as client,
        client.messages.stream(model=model, max_tokens=500, messages=said(HELLO)) as stream,
    ):
        return "".join([text async for text in stream.text_stream])


def ask(model: str) -> dict[str, Any]:
    asked: Any = {"model": model, "max_tokens": 500}
    whole = client.messages.create(**asked, messages=said(HELLO))
    with client.messages.stream(**asked, messages=said(HELLO)) as stream:
        streamed = stream.get_final_message()
    called = client.messages.create(**asked, messages=said(CALL), tools=TOOLS)
    [call] = [block for block in called.content if block.type == "tool_use"]
    with client.messages.stream(**asked, messages=said(CALL), tools=TOOLS) as stream:
        [again] = [b for b in stream.get_final_message().content if b.type == "tool_use"]
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "It is on the Seine."}
    turns: Any = [
        *said(CALL),
        {"role": "assistant", "content": called.content},
        {"role": "user", "content": [result]},
    ]
    told = client.messages.create(**asked, messages=turns, tools=TOOLS)
    thought = client.messages.create(
        model=model,
        max_tokens=3000,
        messages=said(HELLO),
        thinking={"type": "enabled", "budget_tokens": 2000},
    )
    parsed = client.messages.parse(**asked, messages=said(FILL), output_format=City)
    found = parsed.parsed_output
    return {
        "whole": whole.content[0].text,
        "streamed": streamed.content[0].text,
        "async": asyncio.run(later(model)),
        "call": [call.name, json.dumps(call.input)],
        "streamed call": [again.name, json.dumps(again.input)],
        "told": told.content[0].text,
        "parsed": found.model_dump() if found else None,
        "usage": [
            each.input_tokens + (each.cache_read_input_tokens or 0)
            for each in (whole.usage, streamed.usage)
        ],
        "thoughts": "".join(b.thinking for b in thought.content if b.type == "thinking"),
        "missing": refused(
            lambda: client.messages.create(model="nobody", max_tokens=5, messages=said(HELLO))
        ),
    }


print_all(ask)
