"""Several attempts become one answer: by vote, the best by a verifier, or as a model judges."""

from __future__ import annotations

import pytest
from chat_scripts import Messages, Reply, Tools, content_text
from deep_samples import QUESTION, RIGHT, Shop, last_run, number_of, saying

from motet.core.answers import Answer, Draft
from motet.core.chat import TextDelta
from motet.core.errors import ProviderError
from motet.runtime.methods.agreement import groups
from motet.system import System, load

WRONG = "Fjord carves an oak table in Rome."


def opened(shop: Shop, think: str, *replies: str, **models: object) -> System:
    """Open a system whose model gives these replies, citing what holds most of their words."""
    left = list(replies)

    def script(messages: Messages, tools: Tools) -> Reply:
        words = left.pop(0) if len(left) > 1 else left[0]
        marked = f"{words} [{number_of(content_text(messages[-1]), words)}]" if words else ""
        return Reply(marked)

    system = shop.open(f"think: {think}", model=script, **models)  # type: ignore[arg-type]
    system.ingest()
    return system


def notes(system: System) -> dict[str, str]:
    return {span.node: span.usage.note for span in last_run(system).nodes}


def test_most_attempts_win_the_vote(shop: Shop) -> None:
    system = opened(shop, "3", RIGHT, WRONG, f"It is so: {RIGHT}")
    events = list(system.stream(QUESTION))
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert "Nordlicht" in answer.text
    assert "".join(each.text for each in events if isinstance(each, TextDelta)) == answer.marked
    found = notes(system)
    assert found["answer"] == "3 attempts"
    assert found["answer/choose"] == "2 of 3 agree"
    assert {"answer/attempt.1", "answer/attempt.2", "answer/attempt.3"} <= set(found)
    spent = [span.usage.input_tokens for span in last_run(system).nodes]
    assert answer.usage.input_tokens == sum(spent) == 3 * max(spent)


def test_attempts_differ_in_sampling_and_in_the_order_of_sources(shop: Shop) -> None:
    system = opened(shop, "3", RIGHT)
    system.ask(QUESTION)
    bodies = shop.asked()[-3:]
    temperatures = sorted(str(each.get("temperature")) for each in bodies)
    assert temperatures == ["1.0", "1.0", "None"]
    assert len({each["messages"][-1]["content"] for each in bodies}) > 1


def test_attempts_run_at_once(shop: Shop) -> None:
    system = opened(shop, "4", RIGHT)
    system.ask(QUESTION)
    spans = [each for each in last_run(system).nodes if each.node.startswith("answer/attempt")]
    assert len(spans) == 4
    first_end = min(each.started + (each.seconds or 0.0) for each in spans)
    assert max(each.started for each in spans) < first_end


def test_the_best_by_its_citations(shop: Shop) -> None:
    system = opened(shop, "{attempts: 3, aggregate: best}", WRONG, WRONG, RIGHT)
    assert system.ask(QUESTION).text == RIGHT
    found = notes(system)
    assert found["answer/choose"] == "the best has 1.00"
    verdicts = [found[f"answer/verify.{n}"] for n in (1, 2, 3)]
    assert sorted(each.partition(":")[0] for each in verdicts) == ["failed", "failed", "passed"]


def test_the_best_by_a_declared_model(shop: Shop) -> None:
    def judge(messages: Messages, tools: Tools) -> Reply:
        proposed = content_text(messages[-1]).split("Proposed answer:")[-1]
        return Reply("8" if "Nordlicht" in proposed else "2")

    think = "{attempts: 3, aggregate: best, verify: judge}"
    system = opened(shop, think, WRONG, RIGHT, WRONG, judge=judge)
    assert system.ask(QUESTION, model="3 x model (best by judge)").text == RIGHT
    assert notes(system)["answer/choose"] == "the best has 0.80"


@pytest.mark.parametrize(
    ("said", "note"),
    [("2", "answer 2 of 2"), ("[1]", "answer 1 of 2"), ("None.", "the judge named none: voted")],
)
def test_a_model_judges(shop: Shop, said: str, note: str) -> None:
    system = opened(
        shop,
        "{attempts: 3, aggregate: judge, verify: judge}",
        RIGHT,
        WRONG,
        RIGHT,
        judge=saying(said),
    )
    answer = system.ask(QUESTION, model="3 x model (judged by judge)")
    assert notes(system)["answer/choose"] == note
    if said == "None.":
        assert answer.text == RIGHT


def test_where_all_agree_no_judge_is_asked(shop: Shop) -> None:
    system = opened(
        shop, "{attempts: 3, aggregate: judge, verify: judge}", RIGHT, judge=saying("never")
    )
    assert system.ask(QUESTION, model="3 x model (judged by judge)").text == RIGHT
    assert notes(system)["answer/choose"] == "all agree"


def test_attempts_that_fail_are_left_out_unless_all_do(shop: Shop) -> None:
    system = opened(shop, "3", "", RIGHT, "")
    assert system.ask(QUESTION).text == RIGHT
    assert notes(system)["answer"] == "1 attempts, 2 more failed"
    broken = opened(shop, "3", "")
    with pytest.raises(ProviderError, match="answered nothing"):
        broken.ask(QUESTION)


def test_fewer_attempts_where_the_budget_is_small(shop: Shop) -> None:
    many = opened(shop, "9", RIGHT)
    assert many.plan(QUESTION).node("answer").choice == "9 x model (vote)"
    few = shop.open("think: 9\nguard: {budget: {calls: 5}}", model=saying(RIGHT))
    few.ingest()
    assert few.plan(QUESTION).node("answer").choice == "5 x model (vote)"
    one = shop.open("think: 9\nguard: {budget: {calls: 1}}", model=saying(RIGHT))
    assert one.plan(QUESTION).node("answer").choice == "model"


def test_more_attempts_than_a_model_takes_at_a_time(shop: Shop) -> None:
    path = shop.folder / "limited.yaml"
    script = shop.server.add_script(saying(RIGHT))
    path.write_text(
        "system: limited\nknowledge: [./docs]\nthink: 5\nmodels:\n"
        f"  - {{use: test/{script}, as: model, base_url: '{shop.server.base_url}', concurrency: 2}}"
    )
    with load(path) as system:
        system.ingest()
        assert system.ask(QUESTION).text.startswith("Nordlicht")


# Which drafts say the same


def draft(text: str, abstained: bool = False) -> Draft:
    return Draft(text, text, (), "m", abstained)


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("38 euros", "38 Euros.", True),
        ("38 euros", "A membership costs 38 euros a month.", True),
        ("38 euros", "48 euros", False),
        ("It costs 38 euros.", "It costs 38 euros per month, or 400 a year.", False),
        ("Paris", "The capital is Paris.", True),
        ("Paris", "London", False),
        ("The table is made of oak.", "The table is not made of oak.", False),
        ("The table is made of oak.", "The table isn't made of oak.", False),
        ("柜门铰链的质保期为五年。", "质保期为五年。", True),
        ("柜门铰链的质保期为五年。", "质保期为三年。", False),
        ("", "Paris", False),
    ],
)
def test_what_counts_as_the_same(one: str, other: str, agree: bool) -> None:
    drafts = [draft(one), draft(other)]
    assert groups(drafts) == ([[0, 1]] if agree else [[0], [1]])
    assert len(groups(drafts[::-1])) == len(groups(drafts))


def test_abstentions_agree_with_each_other_only() -> None:
    silent = draft("The sources do not say.", abstained=True)
    other = draft("资料中没有说明。", abstained=True)
    assert groups([silent, draft("The sources do not say."), other]) == [[0, 2], [1]]
