"""Agents of other libraries with the same ten tools, as functions from a question to an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import agent_tools

Agent = Callable[[str], Awaitable[str]]
PYDANTIC, OPENAI = ("pydantic-ai-slim", "openai"), ("openai-agents", "openai")
LANGCHAIN = ("langchain", "langchain-openai", "langgraph")
KEY = "local"
PROMPT = "Use the tools, then tell the sum."


def pydantic_ai(
    base_url: str,
    model: str,
    *,
    streamed: bool = False,
    tools: Sequence[Callable[..., object]] = agent_tools.ALL,
) -> Agent:
    """Return an agent of pydantic-ai."""
    from pydantic_ai import Agent as PydanticAgent
    from pydantic_ai import AgentRunResultEvent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    chat = OpenAIChatModel(model, provider=OpenAIProvider(base_url=base_url, api_key=KEY))
    agent = PydanticAgent(chat, tools=list(tools), instructions=PROMPT)

    async def run(question: str) -> str:
        return (await agent.run(question)).output

    async def stream(question: str) -> str:
        async with agent.run_stream_events(question) as events:
            async for event in events:
                if isinstance(event, AgentRunResultEvent):
                    return event.result.output
        raise ValueError("the stream ended without a result")

    return stream if streamed else run


def openai_agents(
    base_url: str, model: str, *, streamed: bool = False, traced: bool = True
) -> Agent:
    """Return an agent of openai-agents; tracing is its default, the spans stay here."""
    from agents import Agent as OpenAIAgent
    from agents import (
        OpenAIChatCompletionsModel,
        RunConfig,
        Runner,
        function_tool,
        set_trace_processors,
    )
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=base_url, api_key=KEY)
    chat = OpenAIChatCompletionsModel(model=model, openai_client=client)
    tools = [function_tool(tool) for tool in agent_tools.ALL]
    agent = OpenAIAgent(name="sums", instructions=PROMPT, model=chat, tools=tools)
    set_trace_processors([])
    config = RunConfig(tracing_disabled=not traced)

    async def run(question: str) -> str:
        return (await Runner.run(agent, question, run_config=config)).final_output

    async def stream(question: str) -> str:
        result = Runner.run_streamed(agent, question, run_config=config)
        async for _ in result.stream_events():
            pass
        return result.final_output

    return stream if streamed else run


def langchain(base_url: str, model: str, *, streamed: bool = False) -> Agent:
    """Return an agent of langchain."""
    from langchain.agents import create_agent
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI

    chat = ChatOpenAI(model=model, base_url=base_url, api_key=KEY, streaming=streamed)
    tools = [tool(each) for each in agent_tools.ALL]
    agent = create_agent(chat, tools=tools, system_prompt=PROMPT)

    async def run(question: str) -> str:
        asked = {"messages": [{"role": "user", "content": question}]}
        return (await agent.ainvoke(asked))["messages"][-1].text

    async def stream(question: str) -> str:
        asked = {"messages": [{"role": "user", "content": question}]}
        pieces: list[str] = []
        async for piece, _ in agent.astream(asked, stream_mode="messages"):
            if piece.type == "AIMessageChunk" and piece.text:
                pieces.append(piece.text)
        return "".join(pieces)

    return stream if streamed else run
