"""A model that plans its calls as a graph: what runs, when, and what becomes of wrong plans."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chat_scripts import Messages, Reply, Tools, content_text
from chat_server import ChatServer
from hypothesis import given, settings
from hypothesis import strategies as st
from runtime_samples import passage
from tool_runs import ToolRuns

import motet
from motet.core.errors import ApprovalNeeded, ProviderError
from motet.runtime.journal import Journal
from motet.runtime.methods.plan_stream import PlanStream

Runs = Callable[..., ToolRuns]
Said = dict[str, Any] | str | Callable[[Messages], Any]


@pytest.fixture
def runs(tmp_path: Path, chat_server: ChatServer) -> Runs:
    def made(*functions: Callable[..., Any], **options: Any) -> ToolRuns:
        return ToolRuns(
            tmp_path, chat_server.base_url, method="answer.dag", functions=functions, **options
        )

    return made


class Company(dict[str, Any]):
    """What the tools say of a company."""


CALLED: list[str] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    CALLED.clear()


@motet.operator(effect="read")
def top(count: int) -> list[dict[str, str]]:
    """Return the largest companies, the largest first."""
    CALLED.append(f"top {count}")
    return [{"name": name} for name in ("Aa", "Bbb", "Cccc")[:count]]


@motet.operator(effect="read")
def price(company: str) -> float:
    """Return the price of a company's share."""
    CALLED.append(f"price {company}")
    if company == "Bust":
        raise ValueError("no such share")
    return len(company) * 1.5


@motet.operator(effect="read")
def chart(values: list[float], title: str = "") -> str:
    """Draw a chart."""
    CALLED.append("chart")
    return f"<svg>{title}{values}</svg>"


def order(company: str) -> str:
    """Order a share."""
    CALLED.append(f"order {company}")
    return f"ordered {company}"


TOOLS = (top, price, chart, order)


def turns_of(messages: Messages) -> int:
    return sum(1 for each in messages if each["role"] == "assistant")


def is_planning(messages: Messages) -> bool:
    return content_text(messages[0]).startswith("You plan")


def scripted(server: ChatServer, *plans: Said, write: Callable[[Any], str] = json.dumps) -> str:
    """Serve a model that writes these plans in turn, and answers from the results it gets."""

    def script(messages: Messages, tools: Tools) -> Reply | str:
        if not is_planning(messages):
            return write(json.loads(content_text(messages[-1]).rpartition("by id:\n")[2]))
        plan = plans[turns_of(messages)]
        plan = plan(messages) if callable(plan) else plan
        return Reply(plan, formatted=False) if isinstance(plan, str) else json.dumps(plan)

    return server.add_script(script)


def planned(*calls: dict[str, Any], answer: Any = "write") -> dict[str, Any]:
    return {"calls": list(calls), "answer": answer}


def one(id: str, tool: str, for_each: Any = None, after: Any = None, **arguments: Any) -> Any:
    optional = {"for_each": for_each, "after": after}
    return {"id": id, "tool": tool, "arguments": arguments} | {
        name: value for name, value in optional.items() if value is not None
    }


def ref(id: str, *path: str | int) -> dict[str, Any]:
    return {"$ref": id, "path": list(path)} if path else {"$ref": id}


ITEM = {"$item": True, "path": ["name"]}
WHOLE = planned(
    one("top", "top", count=3),
    one("each", "price", for_each=ref("top"), company=ITEM),
    one("chart", "chart", values=ref("each"), title="$1 and {$ref: top}"),
    answer=ref("chart"),
)


def test_a_graph_of_calls_is_planned_in_one_turn(runs: Runs, chat_server: ChatServer) -> None:
    ran = runs(*TOOLS).ask(scripted(chat_server, WHOLE))
    assert ran.draft.text == "<svg>$1 and {$ref: top}[3.0, 4.5, 6.0]</svg>"
    assert ran.shown == ran.draft.marked
    assert [span.node for span in ran.record.nodes if span.operator == "plan_calls"] == [
        "answer/plan-1"
    ]
    assert sorted(ran.calls) == ["chart", "price", "price", "price", "top"]
    asked = chat_server.exchanges[-1].body
    assert asked["response_format"]["json_schema"]["name"] == "call_plan"


def test_the_model_writes_the_answer_from_the_results(runs: Runs, chat_server: ChatServer) -> None:
    plan = planned(one("a", "price", company="A"), one("b", "price", company="AB"))
    ran = runs(*TOOLS).ask(scripted(chat_server, plan, write=lambda found: f"{found}"))
    assert ran.draft.text == "{'a': {'result': 1.5}, 'b': {'result': 3.0}}"
    assert {"plan-1", "turn-1"} < set(ran.spans)


@pytest.mark.parametrize("around", ["{}", "Sure!\n```json\n{}\n```\nDone.", "\n\n {} "])
def test_what_stands_around_a_plan_does_not_matter(
    runs: Runs, chat_server: ChatServer, around: str
) -> None:
    plan = around.replace("{}", json.dumps(planned(answer={"text": "Nothing to call."})))
    assert runs(*TOOLS).ask(scripted(chat_server, plan)).draft.text == "Nothing to call."


def test_text_that_looks_like_a_reference_is_text(runs: Runs, chat_server: ChatServer) -> None:
    @motet.operator(effect="read")
    def echo(value: Any) -> Any:
        return value

    literal = {"$literal": {"$ref": "a"}}
    plan = planned(
        one("a", "echo", value='{"$ref": "b"} $1 ${a}'),
        one("b", "echo", value={"deep": [ref("a")]}),
        one("c", "echo", value=literal),
    )
    ran = runs(echo).ask(scripted(chat_server, plan))
    found = json.loads(ran.draft.text)
    assert found["a"]["result"] == '{"$ref": "b"} $1 ${a}'
    assert found["b"]["result"] == {"deep": ['{"$ref": "b"} $1 ${a}']}
    assert found["c"]["result"] == {"$ref": "a"}


def test_calls_start_while_the_plan_streams(tmp_path: Path) -> None:
    began: dict[str, float] = {}

    @motet.operator(effect="read")
    def first() -> int:
        began["first"] = time.perf_counter()
        return 1

    def last(value: int) -> int:
        began["last"] = time.perf_counter()
        return value

    padding = {"padding": "word " * 150}
    plan = {
        "calls": [one("a", "first"), one("b", "last", value=ref("a"))],
        "answer": {"text": json.dumps(padding)},
    }
    with ChatServer(delay=0.003) as server:
        model = scripted(server, plan)
        asking = ToolRuns(tmp_path, server.base_url, "answer.dag", functions=[first, last])
        ran = asking.ask(model)
    turn = ran.spans["plan-1"]
    whole = turn.seconds or 0
    early = next(s for s in ran.record.nodes if s.choice == "first" and s.method == "call")
    late = next(s for s in ran.record.nodes if s.choice == "last" and s.method == "call")
    assert early.started < turn.started + whole / 2
    # What happens once waits until the whole plan is known to be right.
    assert late.started >= turn.started + whole - 0.05


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (planned(one("a", "prise", company="A")), "did you mean price?"),
        (planned(one("a", "price", compny="A")), "did you mean company?"),
        (planned(one("a", "price", company=ref("b"))), "no call 'b'"),
        (planned(one("a", "price", company=ref("a"))), "'a' refers to itself"),
        (
            planned(one("a", "price", company=ref("tops")), one("top", "top", count=1)),
            "did you mean top?",
        ),
        (
            planned(one("a", "chart", values=[ref("b")]), one("b", "chart", values=[ref("a")])),
            "a circle",
        ),
        (planned(one("a", "top", count=1), one("a", "top", count=2)), "'a' is taken"),
        (
            planned(one("a", "top", count=1), one("b", "price", company=ref("a"))),
            "expected a text, got the result of 'a', which is a list",
        ),
        (
            planned(one("a", "price", company="A"), one("b", "price", ref("a"), company="B")),
            "expected a list",
        ),
        (planned(one("a", "price", company={"$item": True})), "only in a call with for_each"),
        (planned(one("a", "price", company={"$ref": "b", "x": 1})), "no other keys"),
        (planned(one("a", "price", company="A"), answer=ref("b")), "answer: there is no call 'b'"),
        (planned(one("a", "price", company="A"), answer={"say": "x"}), "answer: expected"),
        ({"call": []}, "calls"),
        (planned({"id": "a b", "tool": "price"}), "calls[0].id"),
        (planned(one("a", "price", company="A", after=["z"])), "no call 'z'"),
        ("I cannot plan.", "not valid JSON"),
        ('{"calls": [{"id": "a"', "not valid JSON"),
    ],
    ids=str,
)
def test_a_plan_that_cannot_run_is_corrected(
    runs: Runs, chat_server: ChatServer, plan: Said, words: str
) -> None:
    told: list[str] = []

    def correct(messages: Messages) -> Any:
        told.append(content_text(messages[-1]))
        return planned(one("fine", "price", company="A"))

    ran = runs(*TOOLS).ask(scripted(chat_server, plan, correct))
    assert json.loads(ran.draft.text)["fine"] == {"result": 1.5}
    assert words in told[0]
    assert "order" not in " ".join(CALLED)


def test_two_wrong_plans_fall_back_to_turns(runs: Runs, chat_server: ChatServer) -> None:
    def script(messages: Messages, tools: Tools) -> Reply | str:
        return "Planning is beyond me." if is_planning(messages) else "Turns it is."

    ran = runs(*TOOLS).ask(chat_server.add_script(script))
    assert ran.draft.text == "Turns it is."
    assert {"plan-1", "plan-2", "turn-1"} < set(ran.spans)


def test_a_server_without_structured_output_is_asked_plainly(
    runs: Runs, chat_server: ChatServer
) -> None:
    refusal = b'{"error": {"message": "response_format is not supported"}}'
    refusing = chat_server.add_recording([refusal], "application/json", status=400)
    plain = scripted(chat_server, planned(answer={"text": "Plainly."}))

    asking = runs(*TOOLS)
    chat = asking.chat

    def by_format(name: str) -> Any:
        models = chat(refusing), chat(plain)

        class Either:
            name = "test/either"

            def stream(self, request: Any) -> Any:
                return models[request.response_format is None].stream(request)

        return Either()

    asking.chat = by_format  # type: ignore[method-assign]
    ran = asking.ask("either")
    assert ran.draft.text == "Plainly."
    assert ran.spans["plan-1"].status == "failed"


def test_a_failed_call_is_planned_around(runs: Runs, chat_server: ChatServer) -> None:
    first = planned(
        one("good", "price", company="A"),
        one("bad", "price", company="Bust"),
        one("both", "chart", values=[ref("good"), ref("bad")]),
        one("paid", "order", company="A"),
    )
    told: list[Any] = []

    def again(messages: Messages) -> Any:
        text = content_text(messages[-1])
        told.append(json.loads(text.partition("by id:\n")[2].partition("\nWrite")[0]))
        return planned(
            one("other", "price", company="Bb"),
            one("both", "chart", values=[ref("good"), ref("other")]),
            answer=ref("both"),
        )

    ran = runs(*TOOLS).ask(scripted(chat_server, first, again))
    assert ran.draft.text == "<svg>[1.5, 3.0]</svg>"
    assert told[0]["good"] == {"result": 1.5}
    assert told[0]["bad"]["error"]["message"] == "ValueError: no such share"
    assert told[0]["both"]["error"]["kind"] == "not_called"
    assert CALLED.count("price A") == CALLED.count("order A") == 1


def test_one_failed_item_keeps_the_others(runs: Runs, chat_server: ChatServer) -> None:
    items = ["A", "Bust", "AB"]
    plan = planned(one("each", "price", for_each=items, company={"$item": True}))
    nothing = planned()
    ran = runs(*TOOLS).ask(scripted(chat_server, plan, nothing))
    found = json.loads(ran.draft.text)["each"]["error"]
    assert "1 of 3 failed" in found["message"]
    assert [each if isinstance(each, float) else "error" for each in found["items"]] == [
        1.5,
        "error",
        3.0,
    ]


def test_replanning_is_bounded(runs: Runs, chat_server: ChatServer) -> None:
    plans = [planned(one(f"try{n}", "price", company="Bust")) for n in range(9)]
    ran = runs(*TOOLS).ask(scripted(chat_server, *plans))
    assert "no such share" in ran.draft.text
    assert CALLED == ["price Bust"] * 3


def test_an_order_without_data_is_kept(runs: Runs, chat_server: ChatServer) -> None:
    plan = planned(
        one("second", "order", company="B", after=["first"]), one("first", "order", company="A")
    )
    runs(*TOOLS).ask(scripted(chat_server, plan))
    assert CALLED == ["order A", "order B"]


def test_a_wrong_reference_into_a_result_is_told(runs: Runs, chat_server: ChatServer) -> None:
    plan = planned(one("top", "top", count=1), one("p", "price", company=ref("top", 5, "name")))
    ran = runs(*TOOLS).ask(scripted(chat_server, plan, planned()))
    assert "has 1 items, and none at 5" in json.loads(ran.draft.text)["p"]["error"]["message"]


def test_a_person_allows_a_planned_call(
    runs: Runs, chat_server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(one("a", "order", company="A"), one("b", "price", company="A"))
    model = scripted(chat_server, plan)
    asking = runs(*TOOLS, approve=["order"])
    with pytest.raises(ApprovalNeeded):
        asking.ask(model)
    assert CALLED == ["price A"]
    journal = Journal(tmp_path / "runs.db")
    record = journal.get(journal.recent("test", 1)[0].id)
    journal.close()
    monkeypatch.setenv("MOTET_HOME", str(tmp_path))
    motet.answer(record.id, "answer/plan-1/a/approve")
    ran = asking.resume(record.id, model)
    assert json.loads(ran.draft.text)["a"] == {"result": "ordered A"}
    assert CALLED == ["price A", "order A"]


def test_a_resumed_run_plans_and_calls_nothing_again(
    runs: Runs, chat_server: ChatServer, tmp_path: Path
) -> None:
    plan = planned(one("a", "order", company="A"), one("b", "price", company="A"))
    asked: list[str] = []

    def script(messages: Messages, tools: Tools) -> Reply | str:
        planning = is_planning(messages)
        asked.append("plan" if planning else "write")
        if planning:
            return json.dumps(plan)
        return Reply(finish_reason="content_filter") if asked.count("write") <= 3 else "Written."

    model = chat_server.add_script(script)
    asking = runs(*TOOLS)
    with pytest.raises(ProviderError, match="content filter"):
        asking.ask(model)
    journal = Journal(tmp_path / "runs.db")
    run = journal.recent("test", 1)[0].id
    journal.close()
    assert asking.resume(run, model).draft.text == "Written."
    assert asked.count("plan") == 1
    assert sorted(CALLED) == ["order A", "price A"]


def test_sources_are_there_for_the_plan_and_the_answer(runs: Runs, chat_server: ChatServer) -> None:
    found = [passage("The oak table costs 480 euro.", source="oak.md")]
    plan = planned(answer={"text": "The oak table costs 480 euro [1]."})
    ran = runs(*TOOLS, passages=found).ask(scripted(chat_server, plan), "What costs it?")
    assert ran.draft.marked == "The oak table costs 480 euro [1]."
    assert [each.source for each in ran.draft.citations] == ["oak.md"]


# Random graphs against an interpreter that runs one call after the other


@motet.operator(effect="read")
def join(parts: list[Any]) -> str:
    """Join parts; a part that is the text "bad" fails."""
    CALLED.append("join")
    if "bad" in parts:
        raise ValueError("a bad part")
    return "(" + ",".join(map(str, parts)) + ")"


@st.composite
def graphs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw calls that refer to calls before them, listed in any order."""
    calls: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 8))):
        earlier = [ref(f"c{each}") for each in range(number)]
        leaf = st.sampled_from(["$1", '{"$ref": "c0"}', "x", "x", "x", "bad"])
        part = st.sampled_from(earlier) | leaf if earlier else leaf
        calls.append(one(f"c{number}", "join", parts=draw(st.lists(part, max_size=3))))
    return list(draw(st.permutations(calls)))


def interpreted(calls: list[dict[str, Any]]) -> dict[str, str | None]:
    """Return what each call gives, None where it fails or needs one that does."""
    by_id = {each["id"]: each["arguments"]["parts"] for each in calls}
    found: dict[str, str | None] = {}
    for id in sorted(by_id):
        parts = [found[p["$ref"]] if isinstance(p, dict) else p for p in by_id[id]]
        failed = None in parts or "bad" in parts
        found[id] = None if failed else "(" + ",".join(map(str, parts)) + ")"
    return found


@settings(max_examples=40)
@given(graphs())
def test_graphs_give_what_one_call_after_the_other_gives(calls: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as home, ChatServer() as server:
        model = scripted(server, planned(*calls), planned(), planned())
        ran = ToolRuns(Path(home), server.base_url, "answer.dag", functions=[join]).ask(model)
    found = json.loads(ran.draft.text)
    assert {id: each.get("result") for id, each in found.items()} == interpreted(calls)


# The stream of a plan

texts = st.text(max_size=12) | st.sampled_from(['"', "{", "}]", "\\", '{"calls": [{}]}', "]"])
documents = st.fixed_dictionaries(
    {
        "calls": st.lists(
            st.dictionaries(texts, st.recursive(texts, st.lists, max_leaves=3), max_size=3),
            max_size=4,
        )
    },
    optional={"answer": texts, "before": st.lists(st.dictionaries(texts, texts, max_size=1))},
)


@given(documents, st.booleans(), st.lists(st.integers(0, 1000), max_size=10), st.booleans())
def test_elements_of_a_plan_do_not_depend_on_the_cuts(
    document: dict[str, Any], ascii: bool, places: list[int], indented: bool
) -> None:
    text = json.dumps(document, ensure_ascii=ascii, indent=2 if indented else None)
    edges = [0, *sorted({place % (len(text) + 1) for place in places}), len(text)]
    stream = PlanStream()
    found = [
        each
        for low, high in zip(edges, edges[1:], strict=False)  # noqa: RUF007
        for each in stream.feed(text[low:high])
    ]
    assert found == document["calls"]
    assert stream.document() == document
