"""What is read from a request before anybody is asked."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.core.chat import (
    Audio,
    ChatRequest,
    Data,
    Document,
    Image,
    Message,
    Native,
    Reasoning,
    Text,
    ToolCall,
    ToolSpec,
    Url,
)
from motet.models.routing.domains import DOMAINS, OTHER, domain
from motet.models.routing.languages import guess
from motet.models.routing.personal import personal
from motet.models.routing.signals import estimate, signals

PICTURE = Image(Url("https://example.org/a.png"))
SOUND = Audio(Data("audio/wav", "UklGRg=="))
PAPER = Document(Data("application/pdf", "JVBERg=="))
WEATHER = ToolSpec("weather", "Tells the weather.", {"type": "object"})


def asked(text: str, **more: object) -> ChatRequest:
    return ChatRequest((Message("user", text),), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is the capital of Kenya?", "en"),
        ("Wie kann ich meine Karte sperren?", "de"),
        ("Comment est-ce que je peux bloquer ma carte ?", "fr"),
        ("¿Cómo puedo bloquear mi tarjeta?", "es"),
        ("Come posso bloccare la mia carta, che non è con me?", "it"),
        ("Não sei como posso bloquear o meu cartão", "pt"),
        ("Hoe kan ik mijn kaart blokkeren op het internet?", "nl"),
        ("Как заблокировать карту?", "ru"),
        ("كيف أوقف بطاقتي؟", "ar"),
        ("今日はいい天気ですね", "ja"),
        ("请帮我写一首诗", "zh"),
        ("오늘 날씨 어때요", "ko"),
        ("Kowalski", "en"),
        ("12 + 13", "und"),
        ("", "und"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert guess(text) == language


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my card was declined at the shop, what is my credit limit", "finance"),
        ("book me a flight to rome and a hotel", "travel"),
        ("how long should i cook the chicken for this recipe", "food"),
        ("how do i say thank you in japanese", "translation"),
        ("when was the battle of hastings fought and who won it?", "knowledge"),
        ("how many vacation days do i have left", "work"),
        ("are you a robot", "chat"),
        ("Why is this slow?\n```\nfor x in y: z()\n```", "code"),
        ("def add(a, b):\n    return a + b", "code"),
        ("Traceback (most recent call last):\n  ...", "code"),
        (r"What is \frac{1}{2} of $$x$$?", "maths"),
        ("12*(3 + 4) = 7 * x", "maths"),
        ("", OTHER),
        ("今日はいい天気ですね", OTHER),
    ],
)
def test_domains(text: str, name: str) -> None:
    assert domain(text).name == name


def test_what_stands_in_the_middle_of_a_long_text_is_not_read() -> None:
    around = "what is my credit limit and my card's balance at the bank? "
    text = around * 6 + "flight hotel luggage visa " * 500 + around * 3
    assert domain(text).name == "finance"


@given(st.text(max_size=600))
def test_any_text_has_one_domain_and_a_share(text: str) -> None:
    found = domain(text)
    assert found.name in (*DOMAINS, OTHER)
    assert 0 < found.share <= 1
    assert domain(text) == found


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("write to ann@example.org", ("email",)),
        ("ping @ann", ()),
        ("4111 1111 1111 1111", ("card",)),
        ("4111 1111 1111 1112", ()),
        ("order 4111111111111111.", ("card",)),
        ("DE89 3704 0044 0532 0130 00", ("iban",)),
        ("DE88 3704 0044 0532 0130 00", ()),
        ("ssn 078-05-1120", ("ssn",)),
        ("call +44 20 7946 0958", ("phone",)),
        ("call (020) 7946 0958 today", ("phone",)),
        ("on 2024-11-22 10:00 or 22.11.2024", ()),
        ("pi is 3.14159265358979", ()),
        ("rows 123456789 and 987654321", ()),
        ("a@b.de, 4111111111111111", ("card", "email")),
        ("", ()),
    ],
)
def test_personal_data_is_hinted_at(text: str, kinds: tuple[str, ...]) -> None:
    assert personal(text) == kinds


def test_modalities_tools_and_form_are_seen_in_the_whole_request() -> None:
    request = ChatRequest(
        (
            Message("system", "You see."),
            Message("user", (Text("What is this?"), PICTURE, SOUND)),
            Message("assistant", (Reasoning("hm"), ToolCall("1", "weather", "{}"))),
            Message("tool", (PAPER,), tool_call_id="1"),
            Message("user", "And how many people live in Kenya?"),
        ),
        tools=(WEATHER,),
        max_tokens=50,
        response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {}}},
    )
    found = signals(request)
    assert found.modalities == {"image", "audio", "document"}
    assert (found.tools, found.structured, found.output) == (True, True, 50)
    assert found.domain == "knowledge"
    assert 7500 < found.tokens < 7700
    json.dumps(found.shown())


def test_tools_that_may_not_be_called_are_not_needed() -> None:
    assert not signals(asked("hi", tools=(WEATHER,), tool_choice="none")).tools
    assert signals(asked("hi", native_tools=(Native("responses", {}),))).tools
    assert not signals(asked("hi", response_format={"type": "text"})).structured


def test_a_request_without_a_user_turn_has_signals_too() -> None:
    found = signals(ChatRequest((Message("system", "Be brief."),)))
    assert (found.language, found.domain, found.personal) == ("und", OTHER, ())
    assert found.characters == 9


def test_the_expert_is_not_asked_about_what_it_cannot_read() -> None:
    found = signals(asked("Wie kann ich meine Karte sperren und was kostet das?"))
    assert (found.domain, found.sure) == (OTHER, 0.0)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("The quick brown fox jumps over the lazy dog.", 9, 12),  # 10 in cl100k
        ("今日はいい天気ですね。", 9, 14),
        ("Größere Überraschungen", 6, 10),
        ("", 0, 0),
    ],
)
def test_tokens_are_estimated(text: str, low: int, high: int) -> None:
    assert low <= estimate(text) <= high


def test_signals_never_hold_the_text() -> None:
    secret = "my code word is rhubarb"
    assert "rhubarb" not in json.dumps(signals(asked(secret)).shown())


def test_a_huge_prompt_costs_little() -> None:
    request = asked("The delivery was late, and nobody told us why. " * 6500)
    signals(request)
    began = time.process_time()
    signals(request)
    assert time.process_time() - began < 0.1  # 305 KB; measured: under 2 ms
