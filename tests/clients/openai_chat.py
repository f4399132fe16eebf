"""OpenAI's Python client: chat completions."""

from __future__ import annotations

import asyncio
from typing import Any

import openai
from asking import CALL, FILL, HELLO, KEY, URL, print_all, refused
from pydantic import BaseModel

client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "find",
            "description": "Find a city.",
            "strict": True,
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
                "additionalProperties": False,
            },
        },
    }
]


class City(BaseModel):
    city: str
    inhabitants: int


def said(text: str) -> Any:
    return [{"role": "user", "content": text}]


async def later(model: str) -> str:
    async with openai.AsyncOpenAI(base_url=f"{URL}/v1", api_key=KEY) as client:
        stream = await client.chat.completions.create(
            model=model, messages=said(HELLO), stream=True
        )
        return "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])


def ask(model: str) -> dict[str, Any]:
    whole = client.chat.completions.create(model=model, messages=said(HELLO))
    with client.chat.completions.stream(
        model=model, messages=said(HELLO), stream_options={"include_usage": True}
    ) as stream:
        streamed = stream.get_final_completion()
    called = client.chat.completions.create(model=model, messages=said(CALL), tools=TOOLS)
    message = called.choices[0].message
    [call] = message.tool_calls or []
    with client.chat.completions.stream(model=model, messages=said(CALL), tools=TOOLS) as stream:
        [again] = stream.get_final_completion().choices[0].message.tool_calls or []
    result = {"role": "tool", "tool_call_id": call.id, "content": "It is on the Seine."}
    told = client.chat.completions.create(
        model=model, messages=[*said(CALL), message, result], tools=TOOLS
    )
    parsed = client.chat.completions.parse(model=model, messages=said(FILL), response_format=City)
    found = parsed.choices[0].message.parsed
    assert whole.usage is not None and streamed.usage is not None
    assert again.function.parsed_arguments is not None
    return {
        "whole": whole.choices[0].message.content,
        "streamed": streamed.choices[0].message.content,
        "async": asyncio.run(later(model)),
        "call": [call.function.name, call.function.arguments],
        "streamed call": [again.function.name, again.function.arguments],
        "told": told.choices[0].message.content,
        "parsed": found.model_dump() if found else None,
        "usage": [whole.usage.prompt_tokens, streamed.usage.prompt_tokens],
        "missing": refused(
            lambda: client.chat.completions.create(model="nobody", messages=said(HELLO))
        ),
    }


print_all(ask)
