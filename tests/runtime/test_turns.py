"""A model that calls tools turn by turn, over HTTP, journalled: what runs, when, how often."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from chat_scripts import Call, Messages, Reply, Tools, content_text
from chat_server import ChatServer
from runtime_samples import passage
from tool_runs import ToolRuns

import motet
from motet.core.chat import ChatEvent, ChatRequest, Finished, TextDelta, ToolCallDelta
from motet.core.errors import ApprovalNeeded, ProviderError
from motet.runtime.journal import Journal

Runs = Callable[..., ToolRuns]


@pytest.fixture
def runs(tmp_path: Path, chat_server: ChatServer) -> Runs:
    def made(*functions: Callable[..., Any], **options: Any) -> ToolRuns:
        return ToolRuns(tmp_path, chat_server.base_url, functions=functions, **options)

    return made


def call(name: str, **arguments: Any) -> Call:
    return Call(name, json.dumps(arguments))


def results(messages: Messages) -> list[Any]:
    """Return the results of the last turn's calls, read as JSON where they are."""
    found: list[Any] = []
    for message in reversed(messages):
        if message["role"] != "tool":
            break
        text = content_text(message)
        try:
            found.insert(0, json.loads(text))
        except ValueError:
            found.insert(0, text)
    return found


def turn_of(messages: Messages) -> int:
    return 1 + sum(1 for each in messages if each["role"] == "assistant")


def scripted(server: ChatServer, *replies: Reply | str | Callable[[list[Any]], Reply | str]) -> str:
    """Serve a model that answers its turns in order; a function gets the last results."""

    def script(messages: Messages, tools: Tools) -> Reply | str:
        reply = replies[turn_of(messages) - 1]
        return reply(results(messages)) if callable(reply) else reply

    return server.add_script(script)


class Log:
    """What was called, in order, from any thread."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def note(self, what: str) -> None:
        self.calls.append(what)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def price(log: Log) -> Callable[..., Any]:
    @motet.operator(effect="read")
    def price(company: str) -> float:
        """Return the price of a share."""
        log.note(f"price {company}")
        return len(company) * 1.5

    return price


@pytest.fixture
def pay(log: Log) -> Callable[..., Any]:
    def pay(amount: int) -> str:
        """Pay an amount."""
        log.note(f"pay {amount}")
        return f"paid {amount}"

    return pay


def test_results_come_back_in_the_order_of_the_calls(
    runs: Runs, chat_server: ChatServer, price: Any
) -> None:
    model = scripted(
        chat_server,
        Reply("Let me see.", (call("price", company="ABCD"), call("price", company="A"))),
        lambda found: f"They cost {found[0]} and {found[1]}.",
    )
    ran = runs(price).ask(model)
    assert ran.draft.text == "They cost 6.0 and 1.5."
    assert ran.shown == ran.draft.marked
    assert ran.calls == ["price", "price"]
    assert {span.status for span in ran.record.nodes} == {"done"}
    turns = [ran.spans[f"turn-{n}"] for n in (1, 2)]
    assert all(each.usage.input_tokens > 0 and each.usage.cost_usd > 0 for each in turns)


def test_an_answer_without_calls_takes_one_turn(runs: Runs, chat_server: ChatServer) -> None:
    ran = runs().ask(scripted(chat_server, "Nothing to call."))
    assert ran.draft.text == "Nothing to call."
    assert list(ran.spans) == ["given", "answer", "turn-1"]


def test_a_call_starts_while_the_model_still_streams(tmp_path: Path) -> None:
    began: list[float] = []

    @motet.operator(effect="read")
    async def slow(number: int) -> int:
        began.append(time.perf_counter())
        await asyncio.sleep(0.4 if number == 0 else 0.05)
        return number

    def once(number: int) -> int:
        began.append(time.perf_counter())
        time.sleep(0.4 if number == 0 else 0.05)
        return number

    for function in (slow, once):
        calls = tuple(call(function.__name__, number=number) for number in range(10))
        with ChatServer(delay=0.008) as server:
            model = scripted(server, Reply(calls=calls), lambda found: f"{found}")
            ran = ToolRuns(tmp_path, server.base_url, functions=[function]).ask(model)
        assert ran.draft.text == str(list(range(10)))
        turn, last = ran.spans["turn-1"], max(began)
        assert last - min(began) > 0.5 * (turn.seconds or 0)
        ended = max(
            span.started + (span.seconds or 0) for span in ran.record.nodes if span.method == "call"
        )
        assert ended < turn.started + (turn.seconds or 0) + 0.35
        began.clear()


def test_equal_calls_that_change_nothing_share_a_run(
    runs: Runs, chat_server: ChatServer, price: Any, pay: Any, log: Log
) -> None:
    twice = (call("price", company="A"),) * 2 + (call("pay", amount=1),) * 2
    model = scripted(chat_server, Reply(calls=twice), str)
    ran = runs(price, pay).ask(model)
    assert sorted(log.calls) == ["pay 1", "pay 1", "price A"]
    assert ran.draft.text == "[1.5, 1.5, 'paid 1', 'paid 1']"


def test_a_failed_call_keeps_its_siblings(runs: Runs, chat_server: ChatServer) -> None:
    @motet.operator(effect="read")
    def square(number: int) -> int:
        if number == 4:
            raise ValueError("four is not for squaring")
        return number * number

    calls = tuple(call("square", number=number) for number in range(10))
    model = scripted(chat_server, Reply(calls=calls), json.dumps)
    ran = runs(square).ask(model)
    found = json.loads(ran.draft.text)
    assert found[4] == {
        "error": {
            "kind": "failed",
            "tool": "square",
            "message": "ValueError: four is not for squaring",
        }
    }
    assert [each for at, each in enumerate(found) if at != 4] == [0, 1, 4, 9, 25, 36, 49, 64, 81]
    assert sum(span.status == "failed" for span in ran.record.nodes) == 1


def test_a_hanging_call_times_out_alone(runs: Runs, chat_server: ChatServer, price: Any) -> None:
    release = threading.Event()

    @motet.operator(effect="read", timeout=0.3)
    def hang() -> None:
        release.wait(30)

    @motet.operator(effect="read", timeout=0.3)
    async def ignore() -> None:
        while not release.is_set():
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue

    model = scripted(
        chat_server,
        Reply(calls=(call("hang"), call("ignore"), call("price", company="A"))),
        json.dumps,
    )
    began = time.perf_counter()
    ran = runs(hang, ignore, price).ask(model)
    release.set()
    assert time.perf_counter() - began < 10
    found = json.loads(ran.draft.text)
    assert [each["error"]["kind"] for each in found[:2]] == ["timeout", "timeout"]
    assert found[2] == 1.5


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        (call("prise", company="A"), "unknown_tool", "did you mean price?"),
        (call("price", compny="A"), "invalid_arguments", "did you mean company?"),
        (call("price", company=3), "invalid_arguments", "company: expected a text, got 3"),
        (Call("price", '{"company": "A"'), "invalid_arguments", "not valid JSON"),
        (Call("price", '"A"'), "invalid_arguments", "not an object"),
    ],
)
def test_a_model_can_correct_its_call(
    runs: Runs, chat_server: ChatServer, price: Any, log: Log, wrong: Call, kind: str, words: str
) -> None:
    def correct(found: list[Any]) -> Reply:
        assert found[0]["error"]["kind"] == kind
        assert words in found[0]["error"]["message"]
        return Reply(calls=(call("price", company="A"),))

    model = scripted(chat_server, Reply(calls=(wrong,)), correct, lambda found: str(found[0]))
    assert runs(price).ask(model).draft.text == "1.5"
    assert log.calls == ["price A"]


def test_a_call_that_was_cut_off_is_never_made(
    runs: Runs, chat_server: ChatServer, price: Any, log: Log
) -> None:
    cut = Reply(
        calls=(call("price", company="A"), Call("price", '{"company": "B')), finish_reason="length"
    )
    model = scripted(chat_server, cut, json.dumps)
    found = json.loads(runs(price).ask(model).draft.text)
    assert found[0] == 1.5
    assert found[1]["error"]["kind"] == "cut_off"
    assert log.calls == ["price A"]


def test_turns_and_calls_are_bounded(
    runs: Runs, chat_server: ChatServer, price: Any, log: Log
) -> None:
    def insist(messages: Messages, tools: Tools) -> Reply | str:
        if not tools:
            return f"Enough: {results(messages)}"
        return Reply(calls=tuple(call("price", company="A" * turn_of(messages)) for _ in range(1)))

    model = chat_server.add_script(insist)
    ran = runs(price, arguments={"turns": 4}).ask(model)
    assert ran.draft.text == "Enough: [4.5]"
    assert len(log.calls) == 3
    few = runs(price, arguments={"turns": 4, "calls": 2}).ask(model)
    assert "too_many_calls" in few.draft.text
    assert len(log.calls) == 5


def test_a_model_that_never_answers_is_a_failure(
    runs: Runs, chat_server: ChatServer, price: Any
) -> None:
    def deaf(messages: Messages, tools: Tools) -> Reply:
        return Reply(calls=(call("price", company="A"),))

    with pytest.raises(ProviderError, match="went on calling tools after 3 turns"):
        runs(price, arguments={"turns": 3}).ask(chat_server.add_script(deaf))


def test_retries_concurrency_and_names_are_kept_to(
    runs: Runs, chat_server: ChatServer, log: Log
) -> None:
    running: list[int] = []

    @motet.operator(effect="read", concurrency=2)
    async def narrow(number: int) -> int:
        running.append(number)
        most.append(len(running))
        await asyncio.sleep(0.05)
        running.remove(number)
        return number

    @motet.operator(effect="read", retries=2)
    def flaky() -> str:
        log.note("flaky")
        if len(log.calls) < 3:
            raise ValueError("not yet")
        return "third time"

    def read_result(number: int) -> int:
        return number + 1

    most: list[int] = []
    calls = [call("narrow", number=number) for number in range(6)]
    calls += [call("flaky"), call("read_result_2", number=1)]
    model = scripted(chat_server, Reply(calls=tuple(calls)), json.dumps)
    found = json.loads(runs(narrow, flaky, read_result).ask(model).draft.text)
    assert found == [*range(6), "third time", 2]
    assert max(most) == 2
    assert len(log.calls) == 3


def test_cancelling_a_run_cancels_its_calls(runs: Runs, chat_server: ChatServer, log: Log) -> None:
    @motet.operator(effect="read")
    async def forever() -> None:
        log.note("began")
        began.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            log.note("cancelled")
            raise

    model = scripted(chat_server, Reply(calls=(call("forever"),)), "never")
    asking = runs(forever)
    began = asyncio.Event()

    async def leave() -> None:
        task = asyncio.create_task(asking.ask_here(model))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert log.calls == ["began", "cancelled"]


# People


def approvals(home: Path) -> list[Any]:
    journal = Journal(home / "runs.db")
    found = journal.get(journal.recent("test", 1)[0].id)
    journal.close()
    return [found.id, *(span for span in found.nodes if span.status == "paused")]


def answer(home: Path, run: str, node: str, **said: Any) -> None:
    import os

    os.environ["MOTET_HOME"] = str(home)
    try:
        motet.answer(run, node, **said)
    finally:
        del os.environ["MOTET_HOME"]


@pytest.mark.parametrize(
    ("said", "expected", "called"),
    [
        ({}, "paid 7", ["pay 7"]),
        ({"value": {"amount": 3}}, "'result': 'paid 3'", ["pay 3"]),
        ({"refuse": "too dear"}, "too dear", []),
        ({"value": {"amount": "x"}}, "do not fit", []),
    ],
)  # fmt: skip
def test_a_person_allows_changes_or_refuses_a_call(
    runs: Runs,
    chat_server: ChatServer,
    pay: Any,
    price: Any,
    log: Log,
    tmp_path: Path,
    said: Any,
    expected: str,
    called: list[str],
) -> None:
    model = scripted(
        chat_server,
        Reply(calls=(call("pay", amount=7), call("price", company="A"))),
        lambda found: f"{found}",
    )
    asking = runs(pay, price, approve=["pa*"])
    with pytest.raises(ApprovalNeeded, match="Call pay"):
        asking.ask(model)
    assert log.calls == ["price A"]
    run, *_, waiting = approvals(tmp_path)
    assert waiting.value == {"amount": 7}
    answer(tmp_path, run, waiting.node, **said)
    ran = asking.resume(run, model)
    assert expected in ran.draft.text
    assert log.calls == ["price A", *called]


# Sources


def test_sources_are_cited_beside_tools(runs: Runs, chat_server: ChatServer, price: Any) -> None:
    found = [passage("The oak table costs 480 euro.", source="oak.md")]

    def finish(messages: Messages, tools: Tools) -> Reply | str:
        if turn_of(messages) == 1:
            return Reply(calls=(call("price", company="ABCD"),))
        return f"The oak table costs 480 euro [1]. The share costs {results(messages)[0]} [1]."

    ran = runs(price, passages=found).ask(chat_server.add_script(finish), "What costs the table?")
    assert ran.draft.marked == "The oak table costs 480 euro [1]. The share costs 6.0."
    assert [each.source for each in ran.draft.citations] == ["oak.md"]


# Text


def test_text_before_calls_is_no_answer_but_long_text_was_read(
    runs: Runs, chat_server: ChatServer, price: Any
) -> None:
    for said, expected in [("Let me see. ", "Done."), ("word " * 100, "word " * 100 + "\n\nDone.")]:
        model = scripted(chat_server, Reply(said, (call("price", company="A"),)), "Done.")
        ran = runs(price).ask(model)
        assert ran.draft.marked.split() == expected.split()
        assert ran.shown == ran.draft.marked


def test_a_long_answer_streams(runs: Runs, chat_server: ChatServer) -> None:
    asking = runs()
    asking.ask(scripted(chat_server, "word " * 400))
    assert len(asking.emitted) > 100


# Long results


def test_a_long_result_is_named_summarised_and_read_in_parts(
    runs: Runs, chat_server: ChatServer
) -> None:
    @motet.operator(effect="read")
    def rows() -> list[dict[str, int]]:
        return [{"number": n, "square": n * n} for n in range(20_000)]

    @motet.operator(effect="read")
    def total(rows: list[dict[str, int]]) -> int:
        return sum(row["square"] for row in rows)

    seen: list[Any] = []

    def read(found: list[Any]) -> Reply:
        seen.append(found[0])
        part = call("read_result", ref="result-1", start=19_999)
        bad = call("read_result", ref="result-9")
        whole = call("total", rows={"$ref": "result-1"})
        return Reply(calls=(part, bad, whole))

    model = scripted(chat_server, Reply(calls=(call("rows"),)), read, json.dumps)
    ran = runs(rows, total).ask(model)
    (summary,) = seen
    assert summary["ref"] == "result-1"
    assert summary["count"] == 20_000
    assert summary["columns"] == ["number", "square"]
    assert len(json.dumps(summary)) < 1000
    part, bad, whole = json.loads(ran.draft.text)
    assert part["items"] == [{"number": 19_999, "square": 19_999**2}]
    assert part["next"] is None
    assert "result-1" in bad["error"]["message"]
    assert whole == sum(n * n for n in range(20_000))
    assert ran.calls == ["rows", "total"]


def test_fifty_megabytes_are_a_summary(runs: Runs, chat_server: ChatServer) -> None:
    @motet.operator(effect="read")
    def huge() -> str:
        return "word " * 10_000_000

    seen: list[Any] = []

    def look(found: list[Any]) -> Reply:
        seen.extend(found)
        return Reply(calls=(call("read_result", ref="result-1", start=49_999_990, count=5),))

    model = scripted(chat_server, Reply(calls=(call("huge"),)), look, json.dumps)
    began = time.perf_counter()
    ran = runs(huge).ask(model)
    assert time.perf_counter() - began < 15
    assert seen[0]["count"] == 50_000_000
    assert len(json.dumps(seen)) < 1000
    assert json.loads(ran.draft.text) == [
        {"text": "word ", "start": 49_999_990, "total": 50_000_000, "next": 49_999_995}
    ]


def test_reading_is_offered_only_where_there_is_something_to_read(
    runs: Runs, chat_server: ChatServer, price: Any
) -> None:
    offered: list[list[str]] = []

    def script(messages: Messages, tools: Tools) -> Reply | str:
        offered.append([tool["function"]["name"] for tool in tools])
        return "Done." if turn_of(messages) > 1 else Reply(calls=(call("price", company="A"),))

    runs(price).ask(chat_server.add_script(script))
    assert offered == [["price"], ["price"]]


# Crashes


def test_a_resumed_run_asks_and_calls_nothing_again(
    runs: Runs, chat_server: ChatServer, price: Any, pay: Any, log: Log, tmp_path: Path
) -> None:
    asked: list[int] = []

    def script(messages: Messages, tools: Tools) -> Reply | str:
        turn = turn_of(messages)
        asked.append(turn)
        if turn == 1:
            return Reply(calls=(call("price", company="A"), call("pay", amount=1)))
        if turn == 2:
            return Reply(calls=(call("pay", amount=2), call("price", company="AB")))
        # The first life ends here, its retries included.
        if asked.count(3) <= 3:
            return Reply(finish_reason="content_filter")
        return f"{results(messages)}"

    model = chat_server.add_script(script)
    asking = runs(price, pay)
    with pytest.raises(ProviderError, match="content filter"):
        asking.ask(model)
    run, *_ = approvals(tmp_path)
    ran = asking.resume(run, model)
    assert ran.draft.text == "['paid 2', 3.0]"
    assert (asked.count(1), asked.count(2)) == (1, 1)
    assert sorted(log.calls) == ["pay 1", "pay 2", "price A", "price AB"]


def test_keys_that_look_like_marks_survive_a_restart(
    runs: Runs, chat_server: ChatServer, tmp_path: Path
) -> None:
    @motet.operator(effect="read")
    def describe() -> dict[str, Any]:
        return {"$schema": "x", "rows": [{"$ref": "y"}] * 2000}

    @motet.operator(effect="read")
    def count(rows: list[Any], note: Any) -> str:
        return f"{len(rows)} {note}"

    asked: list[int] = []

    def script(messages: Messages, tools: Tools) -> Reply | str:
        turn = turn_of(messages)
        asked.append(turn)
        if turn == 1:
            return Reply(calls=(call("describe"),))
        if turn == 2:
            rows = {"$ref": "result-1", "path": ["rows"]}
            return Reply(calls=(call("count", rows=rows, note={"$literal": {"$ref": "z"}}),))
        if asked.count(3) <= 3:
            return Reply(finish_reason="content_filter")
        return f"{results(messages)}"

    model = chat_server.add_script(script)
    asking = runs(describe, count)
    with pytest.raises(ProviderError):
        asking.ask(model)
    run, *_ = approvals(tmp_path)
    ran = asking.resume(run, model)
    assert ran.draft.text == """["2000 {'$ref': 'z'}"]"""
    assert ran.calls == ["describe", "count"]


class Broken:
    """A model whose first attempt at a turn breaks off after a call; then it says otherwise."""

    name = "test/broken"

    def __init__(self, first: Sequence[ChatEvent], again: Sequence[ChatEvent]) -> None:
        self._attempts = [first, again]
        self.requests: list[ChatRequest] = []

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        self.requests.append(request)
        if len(self.requests) > 2:
            yield TextDelta("Done.")
            yield Finished("stop", None)
            return
        for event in self._attempts[len(self.requests) - 1]:
            yield event
            await asyncio.sleep(0.02)
        if len(self.requests) == 1:
            raise ProviderError("the connection broke", where=self.name)


def test_what_happened_before_a_turn_broke_off_stands(
    runs: Runs, price: Any, pay: Any, log: Log
) -> None:
    def events(amount: int, company: str) -> list[ChatEvent]:
        return [
            ToolCallDelta(0, "a", "pay", json.dumps({"amount": amount})),
            ToolCallDelta(1, "b", "price", json.dumps({"company": company})),
            ToolCallDelta(2, "c", "price", json.dumps({"company": "AA"})),
        ]

    asking = runs(pay, price)
    broken = Broken(events(1, "A"), [*events(2, "BBB"), Finished("tool_calls", None)])
    asking.chat = lambda name: broken  # type: ignore[method-assign,return-value,assignment]
    assert asking.ask("broken").draft.text == "Done."
    assert [each for each in log.calls if each.startswith("pay")] == ["pay 1"]
    assert log.calls.count("price AA") == 1
    turn, *answers = broken.requests[-1].messages[-4:]
    assert [each.arguments for each in turn.tool_calls] == [
        '{"amount":1}',
        '{"company":"BBB"}',
        '{"company":"AA"}',
    ]
    assert [each.content for each in answers] == ["paid 1", "4.5", "3.0"]


def test_text_that_a_person_has_read_is_not_said_again(runs: Runs) -> None:
    asking = runs()
    words = [TextDelta("word " * 50) for _ in range(4)]
    broken = Broken(words, [*words, Finished("stop", None)])
    asking.chat = lambda name: broken  # type: ignore[method-assign,return-value,assignment]
    with pytest.raises(ProviderError, match="broke off after part of it was shown"):
        asking.ask("broken")
