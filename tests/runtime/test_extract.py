"""Skills with a typed output: the value fits its type and says where it stands."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from chat_scripts import Messages, Reply, Tools, content_text
from deep_samples import Shop, last_run, methods, number_of, saying
from runtime_samples import passage

from motet.core.answers import Answer, Draft
from motet.core.chat import ChatRequest, ChatResponse, Text
from motet.core.errors import ProviderError, UsageError
from motet.planner.plan import PhysicalPlan
from motet.runtime.context import Context, Outcome
from motet.runtime.methods.extract import extract
from motet.system import System

SKILLS = """\
skills:
  deliveries:
    about: Who delivers what
    output: [{supplier: string, product: string, optional euro: integer}]
  mood: {output: calm | angry}"""
WANTED = [{"supplier": "Nordlicht", "product": "oak table"}]


def produce(system: System, skill: str = "deliveries") -> tuple[Answer, PhysicalPlan]:
    system.ingest()
    question = "Who delivers the oak table?"
    plan = system.plan(question, skill=skill)
    return system.analyze(question, plan), plan


def replying(value: object, words: str = "Nordlicht delivers", wrap: str = "{}") -> object:
    def script(messages: Messages, tools: Tools) -> Reply:
        prompt = next(content_text(m) for m in messages if m["role"] == "user")
        sources = [int(number_of(prompt, words)), 99]
        text = json.dumps({"value": value, "sources": sources})
        return Reply(wrap.replace("{}", text), formatted=False)

    return script


def test_a_typed_value_with_its_source(shop: Shop) -> None:
    system = shop.open(SKILLS, model=replying(WANTED))  # type: ignore[arg-type]
    answer, plan = produce(system)
    assert [node.operator for node in plan.nodes] == ["retrieve", "extract"]
    assert json.loads(answer.text) == WANTED
    assert (answer.abstained, answer.model) == (False, "model")
    [cited] = answer.citations
    assert (cited.source, "Nordlicht" in cited.text) == ("docs/oak.md", True)
    assert methods(last_run(system)) == {
        "retrieve": "retrieve.search",
        "extract": "extract.generate",
        "extract/ask.1": "extract.ask",
    }
    body = shop.asked()[-1]
    wrapped = body["response_format"]["json_schema"]["schema"]
    assert wrapped["properties"]["value"]["anyOf"][0]["type"] == "array"
    assert "Who delivers what" in body["messages"][0]["content"]


@pytest.mark.parametrize("wrap", ["```json\n{}\n```", "  {}\n"])
def test_replies_in_other_dress(shop: Shop, wrap: str) -> None:
    system = shop.open(SKILLS, model=replying(WANTED, wrap=wrap))  # type: ignore[arg-type]
    assert json.loads(produce(system)[0].text) == WANTED


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ("Nordlicht does.", "it is not JSON"),
        ('{"value": [{"supplier": "Nordlicht"}], "sources": []}', "product"),
        ('{"value": [{"supplier": 1, "product": "x"}], "sources": []}', "supplier"),
        ("[]", "expected an object"),
        ('{"value": ' + "[" * 100_000, "it is not JSON"),
    ],
)
def test_what_does_not_fit_is_corrected_once(shop: Shop, bad: str, named: str) -> None:
    good = json.dumps({"value": WANTED, "sources": [1]})
    system = shop.open(SKILLS, model=saying(bad, good), worse=saying(bad))
    answer, _ = produce(system)
    assert json.loads(answer.text) == WANTED
    assert named in shop.asked()[-1]["messages"][-1]["content"]
    assert {"extract/ask.1", "extract/ask.2"} <= set(methods(last_run(system)))
    plan = system.plan("Who?", skill="deliveries", pins={"answer": "worse"})
    with pytest.raises(ProviderError, match=f"does not fit the declared type: .*{named}"):
        system.analyze("Who delivers the oak table?", plan)


class Formatless:
    """A chat model whose server knows no `response_format`."""

    name = "formatless"

    def __init__(self) -> None:
        self.asked: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatResponse:
        self.asked.append(request)
        if request.response_format is not None:
            raise ProviderError("unknown field: response_format", status=400)
        return ChatResponse((Text('{"value": "calm", "sources": [1]}'),), "stop", None)


class Steps:
    """Steps that run at once and are recorded nowhere."""

    async def step(self, id: str, call: Callable[[], Awaitable[Outcome]], **_: object) -> object:
        return (await call()).value


def test_a_server_without_formats_is_asked_without() -> None:
    model = Formatless()
    means: Any = SimpleNamespace(chat=lambda name: model, price=lambda name: None)
    context = Context(means, "How is it?", (), print, cast(Any, Steps()))
    arguments: Any = {"model": "formatless", "schema": {"enum": ["calm", "angry"]}, "policy": ""}
    found = passage("Everything is calm.")
    outcome = asyncio.run(extract(context, ((found,),), arguments))
    draft = cast(Draft, outcome.value)
    assert (draft.text, draft.citations[0].text) == ('"calm"', "Everything is calm.")
    assert [each.response_format is None for each in model.asked] == [False, True]


def test_a_withheld_value_is_a_failure(shop: Shop) -> None:
    system = shop.open(SKILLS, model=lambda m, t: Reply("{", finish_reason="content_filter"))
    with pytest.raises(ProviderError, match="content filter"):
        produce(system)


def test_what_the_sources_do_not_hold_is_an_abstention(shop: Shop) -> None:
    nothing = saying('{"value": null, "sources": []}')
    assert produce(shop.open(SKILLS, model=nothing))[0].abstained


def test_where_citations_are_required_a_value_without_source_is_none(shop: Shop) -> None:
    loose = [{"supplier": "Fantasia", "product": "dreams"}]
    rest = f"{SKILLS}\nguard: {{cite: required}}"
    assert produce(shop.open(rest, model=replying(loose)))[0].abstained  # type: ignore[arg-type]
    kept = produce(shop.open(SKILLS, model=replying(loose)))[0]  # type: ignore[arg-type]
    assert (json.loads(kept.text), kept.citations) == (loose, ())


def test_an_expert_cannot_write_types(shop: Shop) -> None:
    system = shop.open(SKILLS, reader="expert/reader")
    with pytest.raises(ProviderError, match="nothing can extract: expert/reader: it quotes"):
        produce(system)


def test_a_skill_that_is_not_declared(shop: Shop) -> None:
    system = shop.open(SKILLS, model=saying("x"))
    with pytest.raises(UsageError, match=r"no such skill: 'moood'.*nearest: mood"):
        produce(system, "moood")


def test_a_word_out_of_a_few(shop: Shop) -> None:
    angry = saying('{"value": "furious", "sources": []}', '{"value": "angry", "sources": []}')
    answer, _ = produce(shop.open(SKILLS, model=angry), "mood")
    assert answer.text == '"angry"'
