"""Compare our prices with what genai-prices charges, and write the cases that the tests keep.

    /tmp/prices/bin/python tools/charges.py sweep          # all models, random usages and names
    /tmp/prices/bin/python tools/charges.py write tests/models/catalogue/charges.jsonl

Needs genai-prices and this package in one environment (`PYTHONPATH=src` will do). Run both after
`tools/prices.py`; the sweep fails on the first difference.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, getcontext
from pathlib import Path
from typing import TYPE_CHECKING

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import Usage as TheirUsage

from motet.core.chat import Usage
from motet.core.money import PICO
from motet.models.catalogue.book import book

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider

FIELDS = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_tokens": "cached_tokens",
    "cache_write_tokens": "cache_write_tokens",
    "input_audio_tokens": "audio_input_tokens",
    "output_audio_tokens": "audio_output_tokens",
    "output_reasoning_tokens": "reasoning_tokens",
}
UNITS = (
    "input_image_tokens output_image_tokens input_video_tokens output_video_tokens "
    "cache_audio_read_tokens cache_image_read_tokens cache_write_1h_tokens "
    "output_citation_tokens audio_seconds input_audio_seconds input_characters "
    "input_document_pages input_annotated_document_pages web_searches storage_searches "
    "input_text_messages"
).split()
KEPT = (
    "openai/gpt-4o openai/gpt-5 openai/gpt-5-mini openai/gpt-5-mini-2025-08-07 openai/gpt-5.4 "
    "openai/gpt-5.2-20251211 openai/gpt-4o-mini-transcribe openai/whisper-1 openai/gpt-image-1 "
    "openai/gpt-4o-audio-preview openai/text-embedding-3-small azure/gpt-4.1-mini "
    "azure/claude-opus-4-5 anthropic/claude-sonnet-4-5 anthropic/claude-sonnet-4-5-20250929 "
    "anthropic/claude-haiku-4-5 anthropic/claude-opus-4-1 vertex/claude-sonnet-4-5 "
    "google/gemini-2.5-pro google/gemini-2.5-flash google/gemini-3.6-flash "
    "gemini/gemini-2.0-flash mistral/mistral-large-latest mistral/mistral-ocr-latest "
    "deepseek/deepseek-chat deepseek/deepseek-v4-pro groq/whisper-large-v3 "
    "groq/llama-3.3-70b-versatile openrouter/anthropic/claude-sonnet-4.5 "
    "openrouter/google/gemini-3.6-flash xai/grok-4.5 cohere/command-r-plus perplexity/sonar-pro "
    "together/meta-llama/Llama-3.3-70B-Instruct-Turbo cerebras/gpt-oss-120b"
).split()
NAMED_AS = (
    "openai Anthropic azure vertex gemini xai together together_ai mistralai groq bedrock amazon "
    "moonshot voyage zai unknown google-gla deepseek openrouter fireworks huggingface_together"
).split()
BEGINNINGS = ["", "openai/", "anthropic/", "us.anthropic.", "models/", "~", "ft:"]
ENDS = ["", "-latest", "-20251211", "-2025-12-11", "@20250514", "-preview", ":free", "-v1:0"]


def usages(rng: random.Random) -> tuple[dict[str, int], dict[str, float]]:
    """Return amounts that fit into each other: by chat usage, and by other units."""
    given = rng.choice([rng.randrange(50), rng.randrange(300_000), 200_000, 200_001, 272_001])
    written = rng.randrange(1 + given // 4)

    def part(of: int) -> int:
        return rng.randrange(of + 1) if rng.random() < 0.5 else 0

    cached = part(given)
    stored = part(given - cached)
    sound = part(given - cached - stored)
    seen = part(given - cached - stored - sound)
    thought = part(written)
    spoken = part(written - thought)
    drawn = part(written - thought - spoken)
    chat = dict(zip(FIELDS, (given, written, cached, stored, sound, spoken, thought), strict=True))
    seconds = round(rng.random() * rng.choice([5, 500, 50_000]), rng.randrange(4))
    pages = rng.randrange(500)
    heard = part(min(cached, sound))
    others = (seen, drawn, 0, 0, heard, part(min(cached - heard, seen)), part(stored))
    rest = (0, seconds, rng.choice([0, seconds]), rng.randrange(10**6), pages, part(pages))
    counts = (rng.randrange(5), rng.randrange(5), rng.randrange(50))
    return chat, dict(zip(UNITS, (*others, *rest, *counts), strict=True))


def theirs(
    provider: Provider,
    model: ModelInfo,
    amounts: dict[str, float],
    at: datetime,
    served: dict[str, str],
) -> int:
    """Return what genai-prices charges, in pico-USD."""
    found = model.calc_price(
        TheirUsage(**dict.fromkeys(UNITS, 0) | amounts),
        provider,
        genai_request_timestamp=at,
        price_context=served or None,
    )
    return int((found.total_price * PICO).to_integral_value(ROUND_HALF_UP))


def cases(rng: random.Random, provider: str, name: str, count: int) -> Iterator[dict[str, object]]:
    """Yield usages of a model with what genai-prices charges for them."""
    source, model = get_snapshot().find_provider_model(name, None, provider, None)
    own = any(model is each for each in source.models)
    variants = [dict(each.when) for each in (model.price_variants or () if own else ())]
    for number in range(count):
        chat, units = usages(rng)
        units = units if number % 2 else {}
        if not number:
            chat = {
                key: value
                for key, value in chat.items()
                if key in ("input_tokens", "output_tokens")
            }
        at = datetime.fromisoformat(book().date).replace(tzinfo=UTC)
        at += timedelta(seconds=rng.randrange(86_400 * 60))
        served = rng.choice(variants) if variants and number % 2 else {}
        yield {
            "provider": provider,
            "model": name,
            "usage": {key: value for key, value in chat.items() if value},
            "units": {key: value for key, value in units.items() if value},
            "served": served,
            "at": at.isoformat(),
            "pico": theirs(source, model, {**chat, **units}, at, served),
        }


def ours(case: dict[str, object]) -> int:
    """Return what we charge for a case."""
    id = book().provider(case["provider"])
    found = book().find(id, case["model"])
    pricing = book().pricing(found)
    if pricing is None:
        return 0
    usage = Usage(**{FIELDS[key]: value for key, value in case["usage"].items()})
    at = datetime.fromisoformat(case["at"]).timestamp()
    return pricing.cost(usage, units=case["units"], served=case["served"], at=at)


def sweep(seed: int) -> None:
    """Compare charges of all models, and which model tens of thousands of names mean."""
    rng = random.Random(seed)
    found = [
        (provider.id, model.id)
        for provider in get_snapshot().providers
        for model in provider.models
    ]
    found = [(provider, model) for provider, model in found if _theirs_named(provider, model)]
    compared = 0
    for provider, model in found:
        for case in cases(rng, provider, model, 40):
            assert ours(case) == case["pico"], (ours(case), case)
            compared += 1
    names = sorted({model for _, model in found})
    for _ in range(60_000):
        provider = rng.choice(NAMED_AS)
        name = rng.choice(BEGINNINGS) + rng.choice(names) + rng.choice(ENDS)
        assert _ours_named(provider, name) == _theirs_named(provider, name), (provider, name)
    print(f"{len(found)} models, {compared} charges and 60000 names: no difference")


def _theirs_named(provider: str, name: str) -> tuple[str, str] | None:
    try:
        source, model = get_snapshot().find_provider_model(name, None, provider, None)
    except LookupError:
        return None
    return source.id, model.id


def _ours_named(provider: str, name: str) -> tuple[str, str] | None:
    id = book().provider(provider)
    found = None if id is None else book().find(id, name)
    return None if found is None else (id, found.entry["id"])


def write(path: Path) -> None:
    """Write the cases that the tests keep."""
    rng = random.Random(4)
    lines = [
        json.dumps(case) + "\n" for use in KEPT for case in cases(rng, *use.split("/", 1), count=2)
    ]
    path.write_text("".join(lines), encoding="utf-8")
    print(f"{len(lines)} cases")


if __name__ == "__main__":
    getcontext().prec = 60
    if sys.argv[1:2] == ["sweep"]:
        sweep(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    else:
        write(Path(sys.argv[2]))
