"""pydantic-ai's agents over its own models of three providers' APIs."""

from __future__ import annotations

import asyncio
from typing import Any

from asking import CALL, FILL, HELLO, KEY, URL, print_all, refused
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

LOOP = asyncio.Runner()
"""One event loop for all: the clients keep their connections."""


class City(BaseModel):
    city: str
    inhabitants: int


def find(city: str) -> str:
    """Find a city."""
    return f"{city} is on the Seine."


def models(name: str) -> dict[str, Any]:
    openai = OpenAIProvider(base_url=f"{URL}/v1", api_key=KEY)
    return {
        "openai": OpenAIChatModel(name, provider=openai),
        "responses": OpenAIResponsesModel(name, provider=openai),
        "anthropic": AnthropicModel(name, provider=AnthropicProvider(base_url=URL, api_key=KEY)),
        "gemini": GoogleModel(name, provider=GoogleProvider(base_url=URL, api_key=KEY)),
    }


async def all_of(model: Any) -> dict[str, Any]:
    plain = Agent(model)
    whole = await plain.run(HELLO)
    async with plain.run_stream(HELLO) as stream:
        streamed = await stream.get_output()
    with_tool = await Agent(model, tools=[find]).run(CALL)
    async with Agent(model, tools=[find]).run_stream(CALL) as stream:
        told = await stream.get_output()
    filled = await Agent(model, output_type=City).run(CALL)
    # It gives a schema to no model of Anthropic's whose name it does not know.
    unknown = isinstance(model, AnthropicModel)
    form = City if unknown else NativeOutput(City)
    parsed = await Agent(model, output_type=form).run(CALL if unknown else FILL)
    return {
        "whole": whole.output,
        "streamed": streamed,
        "told": with_tool.output,
        "streamed told": told,
        "filled": filled.output.model_dump(),
        "parsed": parsed.output.model_dump(),
        "usage": [whole.usage.input_tokens, stream.usage.input_tokens],
    }


def ask(model: str) -> dict[str, Any]:
    found = {name: LOOP.run(all_of(each)) for name, each in models(model).items()}
    missing = {
        name: refused(lambda each=each: Agent(each).run_sync(HELLO))
        for name, each in models("nobody").items()
    }
    return {"by": found, "missing": missing}


print_all(ask)
