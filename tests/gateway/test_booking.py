"""What providers bill beside plain token counts, computed by hand from the catalogue's prices.

Prices are USD for a million tokens, or for a thousand searches; a pico-dollar is 1e-12 USD, so
a dollar for a million tokens is a million pico-dollars for each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from motet.core.chat import Usage
from motet.core.money import MOST
from motet.gateway.booking import counted, most, priced, units_of
from motet.gateway.ledger.entry import Entry
from motet.gateway.meter import Meter
from motet.gateway.served import ServedModel
from motet.models import catalogue
from motet.models.assembly import assemble
from motet.models.dialects.registry import DIALECTS
from motet.models.sse import SSEParser

M = 10**6
SEARCH = 10**9
"""A dollar for a thousand."""


def model(use: str) -> ServedModel:
    provider, _, name = use.partition("/")
    card = catalogue.card(provider, name)
    assert card is not None
    return ServedModel(use, provider, name, False, None, None, card, card.pricing)


def cost_of(model: ServedModel, usage: Usage) -> int | None:
    return priced(model.pricing, usage, model.provider)


def completion(usage: Mapping[str, Any], tier: str = "default") -> dict[str, Any]:
    message = {"role": "assistant", "content": "Hi."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "c", "model": "m", "choices": [choice], "usage": usage, "service_tier": tier}


def response(items: list[dict[str, Any]], tier: str = "default", **more: Any) -> dict[str, Any]:
    usage = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}
    kept = {"id": "r", "object": "response", "status": "completed", "model": "m"}
    return {**kept, "output": items, "usage": usage, "service_tier": tier, **more}


def message(usage: Mapping[str, Any]) -> dict[str, Any]:
    text = {"type": "text", "text": "Hi."}
    kept = {"id": "m", "type": "message", "role": "assistant", "model": "m"}
    return {**kept, "content": [text], "stop_reason": "end_turn", "usage": usage}


def generated(model: str, usage: Mapping[str, Any], queries: list[str]) -> dict[str, Any]:
    content = {"role": "model", "parts": [{"text": "Hi."}]}
    candidate = {"content": content, "finishReason": "STOP", "index": 0}
    grounded = {**candidate, "groundingMetadata": {"webSearchQueries": queries}}
    return {"candidates": [grounded], "usageMetadata": usage, "modelVersion": model}


CHAT = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
PREDICTED = {**CHAT, "completion_tokens_details": {"accepted_prediction_tokens": 40}}
SPOKEN = {
    **CHAT,
    "prompt_tokens_details": {"audio_tokens": 300},
    "completion_tokens_details": {"audio_tokens": 60},
}
WRITTEN = {
    "input_tokens": 10,
    "output_tokens": 100,
    "cache_read_input_tokens": 1000,
    "cache_creation_input_tokens": 500,
    "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 300},
    "service_tier": "standard",
}
SEARCHED = {**WRITTEN, "server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 2}}
PLAIN = {"input_tokens": 100, "output_tokens": 10}
COMPACTED = {
    **PLAIN,
    "iterations": [
        {"type": "compaction", "input_tokens": 5000, "output_tokens": 200},
        {"type": "message", **PLAIN},
    ],
}
ADVISED = {
    **PLAIN,
    "iterations": [
        {"type": "message", **PLAIN},
        {
            "type": "advisor_message",
            "model": "claude-opus-4-8",
            "input_tokens": 50,
            "output_tokens": 20,
        },
    ],
}
LOOKED = [
    {"type": "web_search_call", "id": "1", "action": {"type": "search", "query": "q"}},
    {"type": "web_search_call", "id": "2", "action": {"type": "open_page", "url": "u"}},
    {"type": "file_search_call", "id": "3"},
]
TOKENS = {"promptTokenCount": 1000, "candidatesTokenCount": 100, "thoughtsTokenCount": 50}
HEARD = {
    **TOKENS,
    "cachedContentTokenCount": 400,
    "toolUsePromptTokenCount": 70,
    "promptTokensDetails": [
        {"modality": "TEXT", "tokenCount": 200},
        {"modality": "AUDIO", "tokenCount": 800},
    ],
    "cacheTokensDetails": [
        {"modality": "TEXT", "tokenCount": 100},
        {"modality": "AUDIO", "tokenCount": 300},
    ],
}

# Each sum is written as the price sheet reads: amount x price.
CASES: Mapping[str, tuple[str, str, dict[str, Any], int]] = {
    # gpt-5: 1.25 and 10; flex 0.625 and 5; priority 2.5 and 20
    "openai": ("openai", "openai/gpt-5", completion(CHAT), 1000 * 1_250_000 + 100 * 10 * M),
    "openai flex": (
        "openai",
        "openai/gpt-5",
        completion(CHAT, "flex"),
        1000 * 625_000 + 100 * 5 * M,
    ),
    "openai priority": (
        "openai",
        "openai/gpt-5",
        completion(CHAT, "priority"),
        1000 * 2_500_000 + 100 * 20 * M,
    ),
    "openai predicted": (
        "openai",
        "openai/gpt-5",
        completion(PREDICTED),
        1000 * 1_250_000 + 100 * 10 * M,
    ),
    # gpt-audio: 2.5 and 10, sound 32 and 64
    "openai sound": (
        "openai",
        "openai/gpt-audio",
        completion(SPOKEN),
        700 * 2_500_000 + 300 * 32 * M + 40 * 10 * M + 60 * 64 * M,
    ),
    # grok says itself what it cost; a tick is a hundred pico-dollars
    "xai": (
        "openai",
        "xai/grok-4.5",
        completion({**CHAT, "cost_in_usd_ticks": 37_756_000}),
        3_775_600_000,
    ),
    "perplexity": (
        "openai",
        "perplexity/sonar",
        completion({**CHAT, "cost": {"input_tokens_cost": 0.001, "total_cost": 0.006}}),
        6_000_000_000,
    ),
    # web searches 10 for a thousand, file searches 2.5; an opened page is free
    "responses searches": (
        "responses",
        "openai/gpt-5",
        response(LOOKED, "priority"),
        1000 * 2_500_000 + 100 * 20 * M + 10 * SEARCH + 2_500_000_000,
    ),
    "responses told searches": (
        "responses",
        "openai/gpt-5",
        response(LOOKED[:1], tool_usage={"web_search": {"num_requests": 2}}),
        1000 * 1_250_000 + 100 * 10 * M + 2 * 10 * SEARCH,
    ),
    # claude-sonnet-4-5: 3 and 15, read 0.3, written 3.75 (5 minutes) and 6 (1 hour)
    "anthropic lifetimes": (
        "anthropic",
        "anthropic/claude-sonnet-4-5",
        message(WRITTEN),
        10 * 3 * M + 1000 * 300_000 + 200 * 3_750_000 + 300 * 6 * M + 100 * 15 * M,
    ),
    "anthropic searches": (
        "anthropic",
        "anthropic/claude-sonnet-4-5",
        message(SEARCHED),
        10 * 3 * M
        + 1000 * 300_000
        + 200 * 3_750_000
        + 300 * 6 * M
        + 100 * 15 * M
        + 3 * 10 * SEARCH,
    ),
    "anthropic compaction": (
        "anthropic",
        "anthropic/claude-sonnet-4-5",
        message(COMPACTED),
        5100 * 3 * M + 210 * 15 * M,
    ),
    # claude-opus-4-8: 5 and 25, fast 10 and 50
    "anthropic advice": (
        "anthropic",
        "anthropic/claude-sonnet-4-5",
        message(ADVISED),
        100 * 3 * M + 10 * 15 * M + 50 * 5 * M + 20 * 25 * M,
    ),
    "anthropic fast": (
        "anthropic",
        "anthropic/claude-opus-4-8",
        message({**PLAIN, "speed": "fast"}),
        100 * 10 * M + 10 * 50 * M,
    ),
    # gemini-2.5-flash: 0.3 and 2.5, sound 1, cached 0.03, cached sound 0.1; 35 a prompt
    "gemini sound, cache, tools": (
        "gemini",
        "google/gemini-2.5-flash",
        generated("gemini-2.5-flash", HEARD, []),
        (100 + 70) * 300_000 + 500 * M + 100 * 30_000 + 300 * 100_000 + 150 * 2_500_000,
    ),
    "gemini 2 grounded": (
        "gemini",
        "google/gemini-2.5-flash",
        generated("gemini-2.5-flash", TOKENS, ["a", "b"]),
        1000 * 300_000 + 150 * 2_500_000 + 35 * SEARCH,
    ),
    # gemini-3-flash-preview: 0.5 and 3; 14 a query, empty and repeated ones are free
    "gemini 3 grounded": (
        "gemini",
        "google/gemini-3-flash-preview",
        generated("gemini-3-flash-preview", TOKENS, ["a", "b", "", "a"]),
        1000 * 500_000 + 150 * 3 * M + 2 * 14 * SEARCH,
    ),
}


def read(dialect: str, body: dict[str, Any]) -> Usage:
    """Return the usage of a whole answer as it passes, which is that of its translation."""
    meter = Meter(dialect)
    meter.whole(json.dumps(body).encode())
    answer = assemble(DIALECTS[dialect].reader("m", "").whole(json.dumps(body).encode()))
    assert meter.usage is not None
    assert answer.usage == meter.usage
    return meter.usage


@pytest.mark.parametrize("name", CASES)
def test_answers_cost_what_the_sheet_says(name: str) -> None:
    dialect, use, body, cost = CASES[name]
    assert cost_of(model(use), read(dialect, body)) == cost


@pytest.mark.parametrize("name", CASES)
def test_an_answer_written_for_a_client_costs_the_same(name: str) -> None:
    dialect, use, body, cost = CASES[name]
    spoken = DIALECTS[dialect]
    incoming = spoken.incoming(
        {
            "model": "m",
            "max_tokens": 9,
            "messages": [{"role": "user", "content": "Hi"}],
            "input": "Hi",
            "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
        }
    )
    writer = spoken.writer(incoming, id="c", created=1)
    found = writer.whole(assemble(spoken.reader("m", "").whole(json.dumps(body).encode())))
    assert cost_of(model(use), read(dialect, json.loads(json.dumps(found)))) == cost


def streamed(dialect: str, events: list[dict[str, Any]]) -> Usage:
    """Return the usage of a stream as it passes, which is that of its translation."""
    data = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in events)
    meter, reader, parser = Meter(dialect), DIALECTS[dialect].reader("m", ""), SSEParser()
    meter.feed(data)
    found = [event for sent in parser.feed(data) for event in reader.chunk(sent)]
    answer = assemble([*found, reader.finish(declared=True)])
    assert meter.usage is not None
    assert answer.usage == meter.usage
    return meter.usage


def test_a_stream_of_anthropic_keeps_what_its_first_event_told() -> None:
    first = message({**WRITTEN, "output_tokens": 1})
    later = {"output_tokens": 100, "server_tool_use": {"web_search_requests": 3}}
    usage = streamed(
        "anthropic",
        [
            {"type": "message_start", "message": {**first, "content": []}},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": later},
            {"type": "message_stop"},
        ],
    )
    assert cost_of(model("anthropic/claude-sonnet-4-5"), usage) == CASES["anthropic searches"][3]


def test_a_stream_of_gemini_counts_each_query_once() -> None:
    name = "gemini-3-flash-preview"
    chunks = [generated(name, TOKENS, queries) for queries in (["a"], ["a", "b"], [])]
    del chunks[0]["candidates"][0]["finishReason"], chunks[1]["candidates"][0]["finishReason"]
    assert (
        cost_of(model(f"google/{name}"), streamed("gemini", chunks))
        == (CASES["gemini 3 grounded"][3])
    )


def test_a_stream_of_openai_tells_its_tier_with_the_usage() -> None:
    chunk = {"id": "c", "model": "m", "service_tier": "flex"}
    choice = {"index": 0, "delta": {"content": "Hi."}, "finish_reason": "stop"}
    events = [{**chunk, "choices": [choice]}, {**chunk, "choices": [], "usage": CHAT}]
    assert cost_of(model("openai/gpt-5"), streamed("openai", events)) == CASES["openai flex"][3]


def test_a_stream_of_responses_tells_all_at_its_end() -> None:
    body = response(LOOKED, "priority")
    found = streamed("responses", [{"type": "response.completed", "response": body}])
    assert cost_of(model("openai/gpt-5"), found) == CASES["responses searches"][3]


def test_rows_keep_the_units() -> None:
    usage = read("anthropic", message(SEARCHED))
    entry = counted(Entry("r", 1, 0.0, "done"), usage)
    assert json.loads(entry.units) == {"cache_write_1h_tokens": 300, "web_searches": 3}
    assert (entry.input_tokens, entry.cache_write_tokens) == (1510, 500)
    assert units_of(Usage(1, 2)) == ""


def test_a_helper_without_a_price_leaves_the_cost_open() -> None:
    usage = Usage(10, 10, units={"nobody-knows/output_tokens": 5})
    assert cost_of(model("anthropic/claude-sonnet-4-5"), usage) is None


@pytest.mark.parametrize("cost", [-1, 1e300, True, "0.1"])
def test_what_is_no_cost_of_a_call_is_not_taken_for_one(cost: Any) -> None:
    usage = read("openai", completion({**CHAT, "cost": cost}))
    assert cost_of(model("openai/gpt-5"), usage) == CASES["openai"][3]


def test_counts_beyond_all_bounds_cost_the_most_that_there_is() -> None:
    assert cost_of(model("openai/gpt-5"), Usage(10**30, 1)) == MOST


def test_the_bound_takes_the_tier_and_the_searches_that_a_request_admits() -> None:
    sonnet, gpt = model("anthropic/claude-sonnet-4-5"), model("openai/gpt-5")
    plain = most(gpt, {}, 1000, 100)
    assert plain == 1000 * 1_250_000 + 100 * 10 * M
    assert most(gpt, {"service_tier": "priority"}, 1000, 100) == CASES["openai priority"][3]
    assert most(gpt, {"service_tier": "flex"}, 1000, 100) == plain
    limited = {"tools": [{"type": "web_search"}], "max_tool_calls": 4}
    assert most(gpt, limited, 1000, 100) == plain + 4 * 10 * SEARCH
    tools = [{"type": "web_search_20250305", "name": "web_search", "max_uses": 5}]
    bound, without = most(sonnet, {"tools": tools}, 100, 10), most(sonnet, {}, 100, 10)
    assert bound is not None
    assert without is not None
    assert bound - without == 5 * 10 * SEARCH
    assert most(model("openai/gpt-5"), {"tools": [{"type": "function"}]}, 1000, 100) == plain
