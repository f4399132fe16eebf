"""Google's Python client: generateContent."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from asking import CALL, FILL, HELLO, KEY, URL, print_all, refused
from google import genai
from google.genai import types
from pydantic import BaseModel


def connect() -> genai.Client:
    return genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=URL))


client = connect()
FIND = types.FunctionDeclaration(
    name="find",
    description="Find a city.",
    parameters_json_schema={
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
)
TOOLS = types.GenerateContentConfig(
    tools=[types.Tool(function_declarations=[FIND])],
    automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
)


class City(BaseModel):
    city: str
    inhabitants: int


def find(city: str) -> str:
    """Find a city."""
    return "It is on the Seine."


async def later(model: str) -> str:
    models = connect().aio.models
    stream = await models.generate_content_stream(model=model, contents=HELLO)
    return "".join([chunk.text or "" async for chunk in stream])


def ask(model: str) -> dict[str, Any]:
    models = client.models
    whole = models.generate_content(model=model, contents=HELLO)
    streamed = list(models.generate_content_stream(model=model, contents=HELLO))
    [call] = models.generate_content(model=model, contents=CALL, config=TOOLS).function_calls or []
    chunks = models.generate_content_stream(model=model, contents=CALL, config=TOOLS)
    [again] = [call for chunk in chunks for call in chunk.function_calls or []]
    told = models.generate_content(
        model=model, contents=CALL, config=types.GenerateContentConfig(tools=[find])
    )
    parsed = models.generate_content(
        model=model,
        contents=FILL,
        config=types.GenerateContentConfig(
            response_mime_type="application/json", response_schema=City
        ),
    )
    found = parsed.parsed
    return {
        "whole": whole.text,
        "streamed": "".join(chunk.text or "" for chunk in streamed),
        "async": asyncio.run(later(model)),
        "call": [call.name, json.dumps(call.args)],
        "streamed call": [again.name, json.dumps(again.args)],
        "told": told.text,
        "parsed": found.model_dump() if isinstance(found, City) else None,
        "usage": [
            whole.usage_metadata.prompt_token_count,
            streamed[-1].usage_metadata.prompt_token_count,
        ],
        "missing": refused(lambda: models.generate_content(model="nobody", contents=HELLO)),
    }


print_all(ask)
