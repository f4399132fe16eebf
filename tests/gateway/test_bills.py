"""What is charged for what is not chat, by the prices of real models."""

from __future__ import annotations

import pytest

from motet.core.chat import Usage
from motet.core.money import PICO
from motet.gateway.bills import bill, bound, by_tokens
from motet.models import catalogue
from motet.models.catalogue import FREE, Pricing
from motet.models.modalities.exchange import Spent

MOST = Spent(
    Usage(input_tokens=2000, output_tokens=4000),
    {"audio_seconds": 60.0, "input_audio_seconds": 60.0, "input_characters": 100.0},
)
HEARD = {"audio_seconds": 30.0, "input_audio_seconds": 30.0}


def pricing(model: str) -> Pricing:
    card = catalogue.card("openai", model)
    assert card is not None and card.pricing is not None
    return card.pricing


@pytest.mark.parametrize(
    ("model", "told", "usd"),
    [
        ("whisper-1", Spent(None, HEARD), 0.36 / 120),
        ("tts-1", Spent(None, {"input_characters": 40.0}), 15e-6 * 40),
        ("gpt-4o-mini-tts", Spent(Usage(10, 20)), 0.6e-6 * 10 + 12e-6 * 20),
        (
            "gpt-4o-transcribe",
            Spent(Usage(30, 5, audio_input_tokens=30)),
            6e-6 * 30 + 10e-6 * 5,
        ),
        (
            "gpt-image-1",
            Spent(Usage(60, 100), {"input_image_tokens": 50.0, "output_images": 1.0}),
            10e-6 * 50 + 5e-6 * 10 + 40e-6 * 100,
        ),
        ("text-embedding-3-small", Spent(Usage(1000)), 0.02e-3),
    ],
)
def test_what_is_told_is_charged(model: str, told: Spent, usd: float) -> None:
    found = bill(pricing(model), told, MOST)
    assert found.cost == round(usd * PICO)
    assert not found.estimated
    assert found.cost <= (bound(pricing(model), MOST) or 0)


@pytest.mark.parametrize("model", ["whisper-1", "tts-1", "gpt-4o-mini-tts", "gpt-4o-transcribe"])
def test_what_is_not_told_counts_as_its_most(model: str) -> None:
    found = bill(pricing(model), Spent(), MOST)
    assert found.estimated
    assert found.cost is not None
    assert 0 < found.cost <= (bound(pricing(model), MOST) or 0)


def test_characters_are_no_tokens() -> None:
    told = Spent(None, {"input_characters": 100.0})
    found = bill(pricing("gpt-4o-mini-tts"), told, MOST)
    assert found.estimated
    assert (found.usage, found.units) == (MOST.usage, told.units)
    assert [by_tokens(pricing(each)) for each in ("tts-1", "gpt-4o-mini-tts")] == [False, True]


def test_what_costs_nothing_or_nobody_knows() -> None:
    assert bill(FREE, Spent(), MOST).cost == 0
    assert bound(FREE, MOST) == 0
    assert (bill(None, Spent(), MOST).cost, bound(None, MOST)) == (None, None)
    assert not by_tokens(FREE) and not by_tokens(None)
