"""What is known of models, and from where."""

from __future__ import annotations

from dataclasses import fields

from motet.models.catalogue import Card, card
from motet.models.catalogue.book import book
from motet.models.catalogue.facts import FACTS


def known(provider: str, model: str) -> Card:
    found = card(provider, model)
    assert found is not None
    return found


def test_a_card_tells_abilities_and_sizes():
    found = known("openai", "gpt-4o-mini")
    assert found.context == 128_000
    assert found.max_output == 16_384
    assert found.input_modalities == {"text", "image", "document"}
    assert found.output_modalities == {"text"}
    assert (found.tools, found.structured, found.reasoning) == (True, True, False)
    assert found.use == "openai/gpt-4o-mini"


def test_every_fact_says_where_it_is_from():
    for use in (
        ("openai", "gpt-4o"),
        ("google", "gemini-2.5-pro"),
        ("openrouter", "x-ai/grok-4.5"),
    ):
        found = known(*use)
        stated = {
            each.name
            for each in fields(found)
            if getattr(found, each.name) is not None
            and each.name not in ("provider", "model", "title", "deprecated", "sources")
        }
        assert stated == set(found.sources)
    assert "genai-prices" in known("openai", "gpt-4o").sources["pricing"]


def test_what_nobody_says_is_unknown():
    found = known("openrouter", "x-ai/grok-4.5")
    assert found.tools is None
    assert found.input_modalities is None


def test_embedding_and_sound_models_do_not_chat():
    vectors = known("openai", "text-embedding-3-small")
    assert vectors.output_modalities == {"vector"}
    assert vectors.tools is False
    assert known("openai", "whisper-1").input_modalities == {"audio"}
    assert known("openai", "gpt-4o-transcribe").output_modalities == {"text"}


def test_the_maker_of_a_model_tells_about_it_at_a_reseller():
    assert known("openrouter", "anthropic/claude-sonnet-4.5").reasoning is True
    assert known("azure", "gpt-4o").tools is True


def test_local_models_are_unknown_but_free():
    found = known("ollama", "qwen3:4b")
    assert found.context is None
    assert found.pricing is not None
    assert found.pricing.is_free


def test_facts_are_of_providers_that_the_book_knows():
    assert set(FACTS) <= {each["id"] for each in book().providers}
