"""OpenAI's Python client: responses."""

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
        "name": "find",
        "description": "Find a city.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    }
]


class City(BaseModel):
    city: str
    inhabitants: int


async def later(model: str) -> str:
    async with openai.AsyncOpenAI(base_url=f"{URL}/v1", api_key=KEY) as client:
        stream = await client.responses.create(model=model, input=HELLO, stream=True)
        return "".join([e.delta async for e in stream if e.type == "response.output_text.delta"])


def call_of(response: Any) -> Any:
    [call] = [item for item in response.output if item.type == "function_call"]
    return call


def ask(model: str) -> dict[str, Any]:
    whole = client.responses.create(model=model, input=HELLO)
    with client.responses.stream(model=model, input=HELLO) as stream:
        streamed = stream.get_final_response()
    called = client.responses.create(model=model, input=CALL, tools=TOOLS)
    with client.responses.stream(model=model, input=CALL, tools=TOOLS) as stream:
        again = call_of(stream.get_final_response())
    call = call_of(called)
    output = {
        "type": "function_call_output",
        "call_id": call.call_id,
        "output": "It is on the Seine.",
    }
    turns: Any = [{"role": "user", "content": CALL}, *called.output, output]
    told = client.responses.create(model=model, input=turns, tools=TOOLS)
    parsed = client.responses.parse(model=model, input=FILL, text_format=City)
    found = parsed.output_parsed
    assert whole.usage is not None and streamed.usage is not None
    return {
        "whole": whole.output_text,
        "streamed": streamed.output_text,
        "async": asyncio.run(later(model)),
        "call": [call.name, call.arguments],
        "streamed call": [again.name, again.arguments],
        "told": told.output_text,
        "parsed": found.model_dump() if found else None,
        "usage": [whole.usage.input_tokens, streamed.usage.input_tokens],
        "missing": refused(lambda: client.responses.create(model="nobody", input=HELLO)),
    }


print_all(ask)
