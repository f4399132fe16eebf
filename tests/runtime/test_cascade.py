"""Cascades: the cheap answer is kept where its check passes, else the dear model is asked."""

from __future__ import annotations

import pytest
from deep_samples import QUESTION, RIGHT, Shop, citing, last_run, methods, saying

from motet.core.answers import Answer
from motet.core.chat import TextDelta
from motet.core.errors import ProviderError
from motet.system import System

PIN = {"answer": "cheap > dear"}
THINK = "think: {attempts: 1, verify: judge}"
JUDGED = {"answer": "cheap > dear (checked by judge)"}
WRONG = "Fjord delivers the oak table."


def run(system: System, choice: str) -> Answer:
    """Answer the question by a choice of the planner's."""
    return system.ask(QUESTION, model=choice)


def declared(shop: Shop, rest: str = "", **models: object) -> System:
    """Open a system whose first model was found worse than its second one, in three runs each."""
    system = shop.open(rest, **models)  # type: ignore[arg-type]
    system.ingest()
    for name, score in (("cheap", 0.4), ("dear", 0.95)):
        for _ in range(3):
            run(system, name)
            system.journal.score(last_run(system).id, "answer", "exact", score)
    return system


def test_a_supported_cheap_answer_is_kept(shop: Shop) -> None:
    system = declared(shop, cheap=citing(RIGHT), dear=citing(RIGHT))
    before = len(shop.server.exchanges)
    answer = run(system, "cheap > dear")
    assert (answer.text, answer.model) == (RIGHT, "cheap")
    assert answer.marked.endswith("[1]")
    assert len(shop.server.exchanges) == before + 1
    record = last_run(system)
    assert methods(record) == {
        "retrieve": "retrieve.search",
        "answer": "answer.cascade",
        "answer/cheap": "answer.generate",
        "answer/verify": "verify.support",
        "cite": "cite.check",
    }
    spans = {span.node: span for span in record.nodes}
    assert spans["answer"].usage.note.startswith("kept cheap: citations hold")
    assert spans["answer/cheap"].parent == "answer"
    assert answer.usage.input_tokens == spans["answer/cheap"].usage.input_tokens


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (WRONG, "1 of 1 statements lack support"),
        ("NOT_IN_SOURCES", "it is no answer"),
        ("", "the model answered nothing"),
    ],
)
def test_what_is_not_supported_is_asked_of_the_dear_model(shop: Shop, said: str, why: str) -> None:
    system = declared(shop, cheap=saying(*["x"] * 3, said), dear=citing(RIGHT))
    events = list(system.stream(QUESTION, model="cheap > dear"))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert (answer.text, answer.model) == (RIGHT, "dear")
    shown = "".join(each.text for each in events if isinstance(each, TextDelta))
    assert shown == answer.marked
    spans = {span.node: span for span in last_run(system).nodes}
    assert spans["answer"].usage.note == f"asked dear: {why}"
    assert spans["answer/dear"].status == "done"


@pytest.mark.parametrize(
    ("mark", "model"), [("9", "cheap"), ("Mark: 7", "cheap"), ("3", "dear"), ("Fine!", "dear")]
)
def test_a_declared_model_checks(shop: Shop, mark: str, model: str) -> None:
    system = declared(shop, THINK, cheap=citing(WRONG), dear=citing(RIGHT), judge=saying(mark))
    assert run(system, "cheap > dear (checked by judge)").model == model
    asked = next(each for each in reversed(shop.asked()) if "You judge" in str(each["messages"][0]))
    assert WRONG in asked["messages"][1]["content"]
    assert "480 euro" in asked["messages"][1]["content"]


def test_a_dear_model_that_fails_fails_the_run(shop: Shop) -> None:
    system = declared(shop, cheap=saying(WRONG), dear=saying(*["x"] * 3, ""))
    with pytest.raises(ProviderError, match="dear: the model answered nothing"):
        run(system, "cheap > dear")
    statuses = {span.node: span.status for span in last_run(system).nodes}
    assert statuses["answer/cheap"] == "done"
    assert statuses["answer/dear"] == "failed"
    assert statuses.get("cite") != "done"


def test_measured_cascades_count_what_their_parts_used(shop: Shop) -> None:
    system = declared(shop, cheap=citing(RIGHT), dear=citing(RIGHT))
    for _ in range(6):
        run(system, "cheap > dear")
    system.journal.wait()
    plan = system.plan(QUESTION, pins=PIN)
    estimate = plan.node("answer").estimate
    cheap = system.plan(QUESTION, pins={"answer": "cheap"}).node("answer").estimate
    assert estimate.basis == "measured"
    assert estimate.samples >= 5
    assert estimate.cost == pytest.approx(cheap.cost, rel=0.35)


def test_a_resumed_cascade_asks_nobody_again_who_has_answered(shop: Shop) -> None:
    replies = ["x", "x", "x", "", f"{RIGHT} [1]"]
    system = declared(shop, cheap=saying(WRONG), dear=saying(*replies))
    with pytest.raises(ProviderError):
        run(system, "cheap > dear")
    before = len(shop.server.exchanges)
    answer = system.resume(last_run(system).id)
    assert answer.model == "dear"
    assert len(shop.server.exchanges) == before + 1
    spans = {span.node: span for span in last_run(system).nodes}
    assert spans["answer/verify"].value["passed"] is False  # type: ignore[index,call-overload]
