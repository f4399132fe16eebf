"""What models cost: against genai-prices' own arithmetic, and the rules around it.

`charges.jsonl` holds what genai-prices (MIT) charges for fixed usages; `tools/charges.py`
writes it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.core.chat import Usage
from motet.models.catalogue import FREE, Pricing, card, declared
from motet.models.catalogue.book import book
from motet.models.catalogue.price import Period, Price
from motet.models.catalogue.units import Unit
from motet.spec import types as spec

CHARGES = [
    json.loads(line)
    for line in Path(__file__).with_name("charges.jsonl").read_text("utf-8").splitlines()
]
FIELDS = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_tokens": "cached_tokens",
    "cache_write_tokens": "cache_write_tokens",
    "input_audio_tokens": "audio_input_tokens",
    "output_audio_tokens": "audio_output_tokens",
    "output_reasoning_tokens": "reasoning_tokens",
}


def priced(provider: str, model: str) -> Pricing:
    found = card(provider, model)
    assert found is not None
    assert found.pricing is not None
    return found.pricing


def epoch(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("case", CHARGES, ids=lambda each: f"{each['provider']}/{each['model']}")
def test_charges_what_genai_prices_charges(case):
    usage = Usage(**{FIELDS[name]: amount for name, amount in case["usage"].items()})
    at = datetime.fromisoformat(case["at"]).timestamp()
    pricing = priced(case["provider"], case["model"])
    charged = pricing.cost(usage, units=case["units"], served=case["served"], at=at)
    assert charged == case["pico"]


def test_the_charges_cover_cached_written_audio_tiers_times_and_variants():
    assert len(CHARGES) >= 60
    assert {name for case in CHARGES for name in case["usage"]} == set(FIELDS)
    assert any(case["units"] for case in CHARGES)
    assert any(case["served"] for case in CHARGES)
    assert any(priced(case["provider"], case["model"]).later for case in CHARGES)


@pytest.mark.parametrize(
    ("provider", "model", "same"),
    [
        ("openai", "gpt-5-mini-2025-08-07", "gpt-5-mini"),
        ("openai", "GPT-5-mini", "gpt-5-mini"),
        ("openai", "gpt-5-mini-20250807", "gpt-5-mini"),
        ("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
    ],
)
def test_dated_names_mean_the_same_model(provider, model, same):
    assert priced(provider, model).prices() == priced(provider, same).prices()


def test_a_provider_may_be_named_as_others_name_it():
    assert (
        priced("vertex", "gemini-2.5-pro").prices() == priced("google", "gemini-2.5-pro").prices()
    )
    assert priced("xai", "grok-4.5").prices() == priced("x-ai", "grok-4.5").prices()


def test_what_a_provider_serves_of_another_has_that_ones_price():
    assert priced("azure", "gpt-4.1").prices() == priced("openai", "gpt-4.1").prices()
    assert priced("azure", "gpt-4.1").variants == ()


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://generativelanguage.googleapis.com/v1beta", "google"),
        ("http://127.0.0.1:8000/v1", None),
    ],
)
def test_an_address_tells_the_provider(address, provider):
    assert book().at(address) == provider


def test_nothing_is_known_of_unknown_models_and_providers():
    assert card("openai", "no-such-model") is None
    assert card("nobody", "gpt-4o") is None


@pytest.mark.parametrize("provider", ["ollama", "vllm", "llamacpp", "lmstudio", "expert", "llama"])
def test_what_runs_here_costs_nothing(provider):
    pricing = priced(provider, "anything")
    assert pricing.is_free
    assert pricing.cost(Usage(10**6, 10**6)) == pricing.bound(10**6, 10**6) == 0


def test_a_declared_price_is_exact():
    pricing = declared(spec.Price(input=0.1, output=0.7, cached=0.03, call=0.001))
    assert pricing.cost(Usage(1000, 10, cached_tokens=400)) == (
        600 * 100_000 + 400 * 30_000 + 10 * 700_000 + 10**9
    )
    assert pricing.bound(1000, 10) == 1000 * 100_000 + 10 * 700_000 + 10**9


def test_cached_tokens_without_a_price_of_their_own_cost_as_input():
    assert declared(spec.Price(input=1.0)).cost(Usage(100, 0, cached_tokens=50)) == 100 * 10**6


def test_parts_that_exceed_the_whole_are_each_charged():
    pricing = declared(spec.Price(input=1.0, cached=0.5))
    assert pricing.cost(Usage(input_tokens=10, cached_tokens=30)) == 30 * 500_000


def test_a_tier_is_for_all_tokens_beyond_its_start():
    pricing = priced("google", "gemini-2.5-pro")
    below, beyond = pricing.cost(Usage(200_000, 0)), pricing.cost(Usage(200_001, 0))
    assert (below, beyond) == (200_000 * 1_250_000, 200_001 * 2_500_000)


def test_prices_change_by_the_time_of_day():
    pricing = priced("deepseek", "deepseek-v4-pro")
    usual = pricing.cost(Usage(1000), at=epoch(2026, 12, 1, 5))
    busy = pricing.cost(Usage(1000), at=epoch(2026, 12, 1, 6))
    assert busy == 2 * usual
    assert pricing.bound(1000, 0) >= busy


def test_a_price_begins_on_its_day():
    pricing = priced("google", "gemini-3.6-flash")
    last, first = epoch(2026, 12, 31, 23, 59), epoch(2027, 1, 1)
    assert pricing.prices(at=last) != pricing.prices(at=first)


def test_a_period_may_span_midnight():
    night = Period(daily=(22 * 3600, 6 * 3600))
    assert [night.holds(epoch(2026, 1, 1, hour)) for hour in (21, 22, 0, 5, 6)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_the_shortest_sound_is_charged_as_ten_seconds():
    pricing = priced("groq", "whisper-large-v3")
    short = pricing.cost(Usage(), units={"audio_seconds": 0.5})
    assert short == pricing.cost(Usage(), units={"audio_seconds": 10})
    assert pricing.cost(Usage(), units={"audio_seconds": 0}) == 0


def test_amounts_that_are_no_whole_numbers_are_charged_as_written():
    unit = Unit("audio_seconds", 3600)
    pricing = Pricing({"audio_seconds": Price(unit, Decimal("0.36"))})
    assert pricing.cost(Usage(), units={"audio_seconds": 0.1}) == 10**7


counts = st.integers(0, 2_000_000)


@given(st.sampled_from(CHARGES), counts, counts, st.data())
def test_no_chat_costs_more_than_its_bound(case, tokens_in, tokens_out, data):
    pricing = priced(case["provider"], case["model"])
    cached = data.draw(st.integers(0, tokens_in))
    written = data.draw(st.integers(0, tokens_in - cached))
    sound = data.draw(st.integers(0, tokens_in - cached - written))
    thought = data.draw(st.integers(0, tokens_out))
    usage = Usage(
        data.draw(st.just(tokens_in)),
        tokens_out,
        cached,
        thought,
        cache_write_tokens=written,
        audio_input_tokens=sound,
        audio_output_tokens=data.draw(st.integers(0, tokens_out - thought)),
    )
    at = data.draw(st.floats(epoch(2026, 11, 22), epoch(2028, 1, 1)))
    assert pricing.cost(usage, at=at) <= pricing.bound(tokens_in, tokens_out)


def test_every_model_of_the_book_can_be_priced():
    for provider in book().providers:
        for entry in book().models(provider["id"]):
            found = book().find(provider["id"], entry["id"])
            if found is not None and (pricing := book().pricing(found)) is not None:
                assert 0 <= pricing.cost(Usage(1000, 1000)) <= pricing.bound(1000, 1000)


def test_free_is_free():
    assert FREE.is_free
    assert not priced("openai", "gpt-4o").is_free
