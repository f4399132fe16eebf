"""LangChain's model of OpenAI's API, over chat completions and over responses."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from asking import CALL, FILL, HELLO, KEY, URL, print_all, refused
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

LOOP = asyncio.Runner()
"""One event loop for all: the client keeps its connections."""


class City(BaseModel):
    """A city."""

    city: str
    inhabitants: int


@tool
def find(city: str) -> str:
    """Find a city."""
    return "It is on the Seine."


async def later(model: str, responses: bool) -> str:
    chat = open_chat(model, responses)
    return "".join([chunk.text async for chunk in chat.astream(HELLO)])


def open_chat(model: str, responses: bool) -> ChatOpenAI:
    return ChatOpenAI(
        model=model,
        base_url=f"{URL}/v1",
        api_key=KEY,
        max_retries=0,
        use_responses_api=responses,
        stream_usage=True,
    )


def ask_over(model: str, *, responses: bool) -> dict[str, Any]:
    chat = open_chat(model, responses)
    whole = chat.invoke(HELLO)
    chunks = list(chat.stream(HELLO))
    with_tools = chat.bind_tools([find])
    called: Any = with_tools.invoke(CALL)
    [call] = called.tool_calls
    streamed: Any = None
    for chunk in with_tools.stream(CALL):
        streamed = chunk if streamed is None else streamed + chunk
    [again] = streamed.tool_calls
    result = ToolMessage("It is on the Seine.", tool_call_id=call["id"])
    told = with_tools.invoke([HumanMessage(CALL), called, result])
    found: Any = chat.with_structured_output(City, method="json_schema").invoke(FILL)
    counts = [each.usage_metadata for each in chunks if each.usage_metadata]
    return {
        "whole": whole.text,
        "streamed": "".join(chunk.text for chunk in chunks),
        "async": LOOP.run(later(model, responses)),
        "call": [call["name"], json.dumps(call["args"])],
        "streamed call": [again["name"], json.dumps(again["args"])],
        "told": told.text,
        "parsed": found.model_dump(),
        "usage": [whole.usage_metadata["input_tokens"], counts[-1]["input_tokens"]],
        "missing": refused(lambda: open_chat("nobody", responses).invoke(HELLO)),
    }


def ask(model: str) -> dict[str, Any]:
    chat = ask_over(model, responses=False)
    over = ask_over(model, responses=True)
    return chat | {"responses": over}


print_all(ask)
