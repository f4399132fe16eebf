"""The journal's contract, the same in SQLite and in PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import motet
from motet.core.errors import RunOwned, StoreError, UsageError
from motet.core.json import JSON, dumps
from motet.runtime.journal import Journal
from motet.runtime.node import Kept
from motet.runtime.records import Record, Span, Usage
from motet.runtime.statistics import PastRuns

Place = str | Path
HALF = "half \udc80 a character"


@pytest.fixture
def journal(place: Place) -> Iterator[Journal]:
    found = Journal(place)
    yield found
    found.close()


def record(run: str = "run_1", **changes: object) -> Record:
    made = Record(
        id=run,
        trace_id="t" * 32,
        span_id="s" * 16,
        system="shop",
        skill="answer",
        question="Why?",
        plan={"plan": "p", "operators": [], "nodes": [], "want": []},
        status="running",
        started=1000.5,
        seconds=None,
        value=None,
        error=None,
        kind="plan",
        shape="abc",
        extra={"budget": {"cost": 0.5}},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def span(node: str = "a", text: str | None = '"x"', **changes: object) -> Span:
    made = Span(
        node=node,
        span_id="n" * 16,
        operator="look",
        method="python",
        choice="m.look",
        status="done",
        started=1001.25,
        seconds=0.125,
        usage=Usage(3, 4, 0.5, 2, "noted"),
        text=text,
        error=None,
        needs=("b", "c"),
        task="answer:en",
        effect="once",
        attempts=2,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def put(journal: Journal, *spans: Span, run: str = "run_1") -> None:
    for each in spans:
        journal.post_node(Kept(run, each))
    journal.wait()


def test_what_is_posted_is_read_back(journal: Journal) -> None:
    posted = record()
    journal.post_run(posted)
    parent = span("p", None, status="paused", seconds=None, needs=(), error="no")
    child = span("p/a", call={"id": "p/a", "args": [1]}, parent="p", started=1002.0)
    put(journal, child, parent)
    assert journal.get("run_1") == replace(posted, nodes=(parent, child))
    assert journal.paused("run_1") == (parent,)
    assert journal.has("run_1") and not journal.has("run_2")


def test_an_end_changes_how_a_run_stands_and_nothing_else(journal: Journal) -> None:
    journal.post_run(record())
    ended = record(status="failed", seconds=2.5, value={"a": [1]}, error="no", code="run")
    journal.post_end(replace(ended, plan={}, question="other"))
    journal.wait()
    assert journal.get("run_1") == ended


def test_the_last_row_of_a_node_counts_within_a_group_and_across(journal: Journal) -> None:
    journal.post_run(record())
    put(journal, span(text=None, status="running"), span(text="1"))
    put(journal, *(span(text=str(each), started=float(each)) for each in range(200)))
    assert [each.text for each in journal.get("run_1").nodes] == ["199"]


def test_runs_are_listed_latest_first_and_by_system_and_status(journal: Journal) -> None:
    for at, (system, status) in enumerate([("a", "done"), ("b", "failed"), ("a", "failed")]):
        journal.post_run(record(f"run_{at}", system=system, status=status, started=float(at)))
    journal.wait()
    listed = [[each.id for each in found] for found in (
        journal.recent(), journal.recent("a"), journal.recent(limit=1),
        journal.recent("a", 5, "failed"), journal.recent(status="done"),
    )]  # fmt: skip
    assert listed == [
        ["run_2", "run_1", "run_0"], ["run_2", "run_0"], ["run_2"], ["run_2"], ["run_0"],
    ]  # fmt: skip


def test_an_unknown_run_is_named(journal: Journal) -> None:
    with pytest.raises(UsageError, match="run_9"):
        journal.get("run_9")


def test_the_last_answer_of_a_person_counts(journal: Journal) -> None:
    journal.answer("run_1", "a", "refuse", None, "too dear")
    journal.answer("run_1", "a", "approve", "7", "")
    journal.answer("run_1", "", "cancel", None, "late")
    assert journal.answers("run_1") == {"a": ("approve", "7", ""), "": ("cancel", None, "late")}


@pytest.mark.parametrize("text", ["a\0b", HALF, "\U0001f600 ünï", "'\";--", "\\u0000", ""])
def test_texts_of_any_kind(journal: Journal, text: str) -> None:
    shown = text.replace("\0", "\\u0000").encode("utf-8", "backslashreplace").decode()
    journal.post_run(record(question=text))
    value = dumps({"text": text})
    usage = Usage(note=text)
    odd = span(f"node {text}", value, usage=usage, error=text, call={"args": [text]})
    put(journal, odd)
    journal.answer("run_1", "a", "refuse", None, text)
    found = journal.get("run_1")
    assert found.question == shown
    [node] = found.nodes
    assert node.value == {"text": text} and node.call == {"args": [text]}
    assert (node.error, node.usage.note) in [(shown, shown), (text, text)]
    assert journal.answers("run_1")["a"] == ("refuse", None, shown)


def test_large_values_are_kept_once(journal: Journal) -> None:
    journal.post_run(record())
    large = dumps("é" * 25_000_000)
    small = dumps("x" * 70_000)
    put(journal, span("a", large), span("b", small), span("c", small))
    texts = {each.node: each.text for each in journal.get("run_1").nodes}
    assert texts["a"] == large
    assert texts["b"] == texts["c"] == small
    assert journal.select("SELECT count(*) FROM blobs", ()) == [(2,)]


def test_statistics_of_past_runs(journal: Journal) -> None:
    past = PastRuns(journal)
    before = past.version()
    journal.post_run(record())
    put(journal, span("a"), span("a/b", started=1002.0, choice="m.other"), span("ab", seconds=9.0))
    journal.score("run_1", "a", "judge", 0.5)
    journal.score("run_1", "a", "judge", 1.0)
    journal.score("run_1", "a", "other", 0.5)
    assert past.version() != before
    found = past.past("python", "m.look")
    finished = sorted((each.seconds, each.input_tokens, each.cost) for each in found.finished)
    assert finished == [(0.125, 6, 1.0), (9.0, 3, 0.5)]
    assert [(each.score, each.task) for each in found.scored] == [(0.75, "answer:en")]


def test_threads_and_journals_write_at_once(place: Place) -> None:
    journals = [Journal(place) for _ in range(3)]
    same = dumps("x" * 100_000)

    def work(at: int) -> None:
        for turn in range(10):
            run = f"run_{at}_{turn}"
            journal = journals[at % 3]
            journal.post_run(record(run))
            put(journal, *(span(f"n{each}", same) for each in range(20)), run=run)

    threads = [threading.Thread(target=work, args=(at,)) for at in range(9)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert journals[0].select("SELECT count(*) FROM nodes", ()) == [(9 * 10 * 20,)]
    for each in journals:
        each.close()


def test_a_group_that_cannot_be_written_leaves_nothing(journal: Journal) -> None:
    journal.post_run(record())
    journal.wait()
    journal.post_run(record("run_2"))
    journal.post_node(Kept("run_2", span(status="no such status")))
    with pytest.raises(StoreError):
        journal.wait()
    assert not journal.has("run_2")
    with pytest.raises(StoreError):
        journal.post_run(record("run_2"))
    journal.forget("run_2")
    journal.post_run(record("run_2"))
    journal.wait()
    assert journal.has("run_1") and journal.has("run_2")


def test_a_run_has_one_owner(journal: Journal, place: Place) -> None:
    other = Journal(place)
    journal.owners.take("run_1")
    with pytest.raises(RunOwned, match="this process"):
        journal.owners.take("run_1")
    assert other.owners.is_owned("run_1") and not other.owners.is_owned("run_2")
    journal.owners.give_back("run_1")
    assert not other.owners.is_owned("run_1")
    other.owners.take("run_1")
    other.owners.give_back("run_1")
    other.owners.give_back("run_1")
    other.close()


def test_an_owner_that_is_killed_owns_nothing(journal: Journal, place: Place) -> None:
    code = """
        import sys
        from motet.runtime.journal import Journal
        Journal(sys.argv[1]).owners.take("run_1")
        print("taken", flush=True)
        sys.stdin.read()
    """
    words = [sys.executable, "-c", textwrap.dedent(code), str(place)]
    with subprocess.Popen(words, stdin=-1, stdout=-1) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"taken\n"
        assert journal.owners.is_owned("run_1")
        with pytest.raises(RunOwned, match="another process"):
            journal.owners.take("run_1")
        owner.kill()
        owner.wait()
    for _ in range(500):
        if not journal.owners.is_owned("run_1"):
            break
    journal.owners.take("run_1")
    journal.owners.give_back("run_1")


@motet.operator
async def double(value: int) -> int:
    return 2 * value


@motet.operator
def echo(value: JSON) -> JSON:
    return value


@motet.workflow
async def total(values: list[int]) -> int:
    done = await motet.map(double, values)
    return sum(await motet.approve(done))


def test_a_run_pauses_and_is_answered_and_resumed(home: Place) -> None:
    plan = motet.Plan()
    ref = plan.add(total, [1, 2, 3])
    run = motet.run(plan, want={"total": ref}, home=home, id="sums")
    assert run.status == "paused"
    [asked] = run.pending
    motet.answer("sums", asked.node, [10, 20], home=home)
    done = motet.resume("sums", home=home)
    assert done.value == {"total": 30}
    assert motet.run(plan, want={"total": ref}, home=home, id="sums").value == {"total": 30}
    assert [each.attempts for each in done.nodes if each.operator == "double"] == [1, 1, 1]


@pytest.mark.parametrize("value", ["a\0b", HALF, {"\0": [HALF]}, 1e300, 2**70, "\u2028", [], None])
def test_values_of_any_kind_survive(home: Place, value: JSON) -> None:
    plan = motet.Plan()
    ref = plan.add(echo, plan.add(echo, value))
    run = motet.run(plan, want=ref, home=home)
    assert run.value == value
    again = motet.resume(run.id, home=home)
    assert again.value == value


def test_what_is_finished_survives_kill_9(home: Place, tmp_path: Path) -> None:
    script = tmp_path / "flow.py"
    log = tmp_path / "log"
    script.write_text(
        textwrap.dedent(f"""
        import os, signal, sys
        import motet

        def note(text):
            with open({str(log)!r}, "a") as file:
                file.write(text + "\\n")

        @motet.operator
        def step(at: int, before: int) -> int:
            note(f"step {{at}}")
            return at + before

        @motet.operator(effect="once")
        def pay(before: int) -> int:
            note("pay")
            if len(sys.argv) > 2:
                os.kill(os.getpid(), signal.SIGKILL)
            return before

        plan = motet.Plan()
        ref = 0
        for at in range(20):
            ref = plan.add(step, at, ref)
        paid = plan.add(pay, ref)
        last = plan.add(step, 100, paid)
        run = motet.run(plan, want=last, home=sys.argv[1], id="killed")
        print(run.status, [(each.node, each.in_doubt) for each in run.pending])
        motet.answer("killed", "pay", 7, home=sys.argv[1])
        print(motet.resume("killed", home=sys.argv[1]).value)
    """)
    )
    words = [sys.executable, str(script), str(home)]
    assert subprocess.run([*words, "die"], capture_output=True).returncode == -9
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.stdout == "paused [('pay', True)]\n107\n", done.stderr
    assert log.read_text().split("\n").count("pay") == 1
    assert len(log.read_text().splitlines()) == 22
