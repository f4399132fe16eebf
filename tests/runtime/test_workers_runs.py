"""Runs that worker processes carry out: spread, killed, paused, failed, cancelled."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import worker_flow as flow
from motet_process import environment

import motet
from motet.core.clock import tick
from motet.core.errors import TimedOut, UsageError
from motet.runtime.journal import Journal
from motet.runtime.workers import Worker

if TYPE_CHECKING:
    from postgres_server import PostgresServer

MOTET = Path(sys.executable).with_name("motet")
FLOW = str(Path(flow.__file__))


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.database()


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "log"
    monkeypatch.setenv("FLOW_LOG", str(found))
    return found


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(url: str, log: Path) -> Iterator[Start]:
    """Start worker processes, one at a call; they are killed in the end."""
    started: list[subprocess.Popen[str]] = []

    def start_one(*words: str, at: str = "", operators: str = FLOW) -> subprocess.Popen[str]:
        known = ["--operators", operators] if operators else []
        process = subprocess.Popen(
            [MOTET, "worker", "--journal", at or url, *known, *words],
            env=environment(FLOW_LOG=str(log)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None and process.stderr is not None
        if not process.stdout.readline().startswith("Working for"):
            raise AssertionError(process.stderr.read())
        return process

    yield start_one
    for each in started:
        each.kill()
    for each in started:
        each.communicate(timeout=30)


@pytest.fixture
def worker(url: str, log: Path) -> Iterator[Worker]:
    """A worker in a thread of this process."""
    loop = asyncio.new_event_loop()
    made: list[Worker] = []
    ready = threading.Event()

    async def work() -> None:
        journal = Journal(url)
        made.append(Worker(journal, [each for each in vars(flow).values() if is_operator(each)]))
        ready.set()
        try:
            await made[0].run()
        finally:
            journal.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(work()))
    thread.start()
    ready.wait(30)
    yield made[0]
    loop.call_soon_threadsafe(made[0].leave)
    thread.join(30)
    assert not thread.is_alive()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def is_operator(value: object) -> bool:
    return isinstance(value, motet.Operator)


def alone(operator: Any, *args: object) -> motet.Plan:
    plan = motet.Plan()
    plan.add(operator, *args)
    return plan


def ran(plan: motet.Plan, url: str, run: str = "run", **options: Any) -> motet.Run:
    motet.submit(plan, id=run, home=url, **options)
    return motet.join(run, timeout=60, home=url)


def until(there: Callable[[], object], seconds: float = 30.0) -> None:
    end = tick() + seconds
    while not there():
        assert tick() < end, "waited in vain"
        time.sleep(0.01)


def left(url: str) -> int:
    """Return how many tasks are left in the database."""
    journal = Journal(url)
    try:
        return int(journal.select("SELECT count(*) FROM tasks", ())[0][0])
    finally:
        journal.close()


def test_workers_share_a_run_and_run_nothing_twice(
    url: str, log: Path, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = [start() for _ in range(3)]
    plan, refs = flow.random_plan(7, 80)
    queued = motet.submit(plan, want=refs, id="dag", home=url)
    assert (queued.status, queued.value, queued.error) == ("running", None, None)
    run = motet.join("dag", timeout=60, home=url)
    assert run.status == "done"
    assert set(flow.calls(log).values()) == {1}
    assert set(flow.processes(log)) == {each.pid for each in workers}
    assert {each.status for each in run.nodes} == {"done"}
    assert {each.attempts for each in run.nodes if each.operator in ("wait", "block")} == {1}
    until(lambda: left(url) == 0)
    monkeypatch.setenv("FLOW_LOG", str(tmp_path / "other"))
    assert motet.run(plan, want=refs, home=tmp_path).value == run.value
    assert set(flow.calls(tmp_path / "other")) == set(flow.calls(log))


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_workers_change_no_result(
    url: str, log: Path, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    workers = [start("--at-once", "5") for _ in range(4)]
    plan, refs = flow.random_plan(seed, 200)
    chance = random.Random()
    moments = sorted(chance.sample(range(20, 300), 2))
    motet.submit(plan, want=refs, id="dag", home=url)
    done: dict[str, int] = {}
    for moment, victim in zip(moments, chance.sample(workers, 2), strict=True):
        until(lambda moment=moment: sum(flow.calls(log).values()) >= moment)
        journal = Journal(url)
        finished = [each.node for each in journal.get("dag").nodes if each.status == "done"]
        journal.close()
        done |= {each: flow.calls(log)[each] for each in finished}
        victim.send_signal(signal.SIGKILL)
    run = motet.join("dag", timeout=100, home=url)
    assert run.status == "done", run.error
    counts = flow.calls(log)
    # Only what was under way at a killed worker ran again: at most five calls each.
    assert sum(counts.values()) - len(counts) <= 10, moments
    assert {node: counts[node] for node in done} == done, "a finished node ran again"
    monkeypatch.setenv("FLOW_LOG", str(tmp_path / "other"))
    assert motet.run(plan, want=refs, home=tmp_path).value == run.value
    until(lambda: left(url) == 0)


def test_what_happens_once_is_in_doubt_when_its_worker_died(
    url: str, log: Path, start: Start
) -> None:
    first = start()
    plan = motet.Plan()
    paid = plan.add(flow.pay, 5, 60.0)
    plan.add(flow.wait, "after", paid)
    motet.submit(plan, id="paid", home=url)
    until(lambda: flow.calls(log)["pay5"] == 1)
    start()
    first.kill()
    run = motet.join("paid", timeout=60, home=url)
    assert run.status == "paused"
    assert [(each.node, each.in_doubt) for each in run.pending] == [("pay", True)]
    motet.answer("paid", "pay", 6, home=url)
    until(lambda: motet.join("paid", timeout=60, home=url).status == "done")
    run = motet.join("paid", home=url)
    assert run.value == flow.number("after", (6,))
    assert flow.calls(log) == {"pay5": 1, "after": 1}


def test_killed_workers_pay_nothing_twice(url: str, log: Path, start: Start) -> None:
    workers = [start("--at-once", "5") for _ in range(4)]
    plan = motet.Plan()
    paid = [plan.add(flow.pay.options(id=f"pay{at}"), at, 0.05) for at in range(60)]
    plan.add(flow.number, "sum", tuple(paid))
    motet.submit(plan, id="paid", home=url)
    for moment, victim in zip((10, 35), workers, strict=False):
        until(lambda moment=moment: sum(flow.calls(log).values()) >= moment)
        victim.kill()
    while (run := motet.join("paid", timeout=60, home=url)).status == "paused":
        for asked in run.pending:
            with suppress(UsageError):  # answered already, and not taken in yet
                motet.answer("paid", asked.node, int(asked.node[3:]), home=url)
        time.sleep(0.05)
    assert run.value == flow.number("sum", tuple(range(60)))
    assert set(flow.calls(log).values()) == {1}


def test_a_call_outlives_the_owner_of_its_run(url: str, log: Path, start: Start) -> None:
    owner = start("--at-once", "1")
    plan = motet.Plan()
    held = plan.add(flow.hold, "held", 3.0)
    paid = plan.add(flow.pay, 5, 3.0)
    plan.add(flow.wait, "after", paid)
    motet.submit(plan, want=[held, paid, plan.ref("wait")], id="paid", home=url)
    until(lambda: flow.calls(log)["held"] == 1)  # the owner's one place is taken
    other = start()
    until(lambda: flow.calls(log)["pay5"] == 1)
    owner.kill()
    run = motet.join("paid", timeout=60, home=url)
    assert run.status == "done", run.pending
    assert run.value == ["held", 5, flow.number("after", (5,))]
    assert flow.calls(log) == {"held": 2, "pay5": 1, "after": 1}
    assert flow.processes(log)[other.pid] == 3


def test_what_kills_every_worker_fails(url: str, log: Path, start: Start) -> None:
    start("-n", "2")
    run = ran(alone(flow.die, "deadly"), url)
    assert run.status == "failed"
    assert "workers died of it" in str(run.error)
    assert flow.calls(log)["deadly"] == 3


def test_a_worker_that_is_told_to_stop_ends_what_it_began(
    url: str, log: Path, start: Start
) -> None:
    first = start()
    motet.submit(alone(flow.hold, "held", 1.0), id="held", home=url)
    until(lambda: flow.calls(log)["held"] == 1)
    first.terminate()
    start()
    _, err = first.communicate(timeout=30)
    assert (first.returncode, err) == (0, "")
    assert motet.join("held", timeout=60, home=url).value == "held"
    assert flow.calls(log) == {"held": 1}


def test_workers_go_on_when_the_server_comes_back(
    mortal_postgres: PostgresServer, log: Path, start: Start
) -> None:
    url = mortal_postgres.database()
    for _ in range(2):
        start(at=url)
    plan, refs = flow.random_plan(3, 60)
    motet.submit(plan, want=refs, id="dag", home=url)
    until(lambda: sum(flow.calls(log).values()) > 30)
    mortal_postgres.restart()
    run = motet.join("dag", timeout=60, home=url)
    assert run.status == "done"
    assert len(run.value) == 60


def test_a_worker_leaves_what_it_does_not_know_to_others(url: str, log: Path, start: Start) -> None:
    start(operators="")
    motet.submit(alone(flow.wait, "a"), id="known", home=url)
    with pytest.raises(TimedOut):
        motet.join("known", timeout=1.5, home=url)
    start()
    assert motet.join("known", timeout=60, home=url).status == "done"


def test_a_run_that_waits_for_a_person_goes_on_by_itself(
    url: str, log: Path, worker: Worker
) -> None:
    run = ran(alone(flow.approved, 3), url)
    assert run.status == "paused"
    [asked] = run.pending
    motet.answer("run", asked.node, 40, home=url)
    until(lambda: motet.join("run", home=url).status == "done")
    assert motet.join("run", home=url).value == 40
    assert flow.calls(log) == {"before3": 1}


def test_operators_that_call_operators(url: str, log: Path, worker: Worker) -> None:
    run = ran(alone(flow.nested, "x"), url)
    assert run.value == flow.number("x", (flow.number("x.a", ()), flow.number("x.b", ())))
    assert flow.calls(log) == {"x.a": 1, "x.b": 1}
    assert sorted(each.operator for each in run.nodes) == ["nested", "wait", "wait"]
    failed = ran(alone(flow.pay_both, 3), url, "once")
    assert "make it a @motet.workflow" in str(failed.error)
    assert flow.calls(log)["pay3"] == 0


def test_attempts_and_what_they_use_are_counted(
    url: str, log: Path, worker: Worker, tmp_path: Path
) -> None:
    plan = alone(flow.flaky, str(tmp_path / "tries"))
    run = ran(plan, url, budget=motet.Budget(cost=1.0, calls=10))
    assert (run.status, run.value) == ("done", 2)
    [node] = run.nodes
    assert (node.attempts, node.tokens, node.cost) == (3, 15, 0.75)
    (tmp_path / "tries").unlink()
    spent = ran(plan, url, "poor", budget=motet.Budget(calls=2))
    assert spent.status == "failed"
    assert "2 calls" in str(spent.error)


def test_a_failure_ends_the_run_and_what_it_has_out(url: str, log: Path, worker: Worker) -> None:
    plan = motet.Plan()
    plan.add(flow.hold, "held", 60.0)
    plan.add(flow.broken, "bread")
    run = ran(plan, url)
    assert (run.status, str(run.error)) == ("failed", "ValueError: no bread")
    until(lambda: flow.calls(log)["held-cancelled"] == 1)
    assert left(url) == 0
    slow = ran(alone(flow.slow), url, "slow")
    assert "longer than 0.1 s" in str(slow.error)


def test_a_run_is_cancelled(url: str, log: Path, worker: Worker) -> None:
    motet.submit(alone(flow.hold, "held", 60.0), id="run", home=url)
    until(lambda: flow.calls(log)["held"] == 1)
    motet.cancel("run", "enough", home=url)
    run = motet.join("run", timeout=60, home=url)
    assert (run.status, str(run.error)) == ("cancelled", "cancelled: enough")
    until(lambda: flow.calls(log)["held-cancelled"] == 1)


def test_a_run_that_failed_is_submitted_again(
    url: str, log: Path, worker: Worker, tmp_path: Path
) -> None:
    plan = motet.Plan()
    first = plan.add(flow.wait, "first")
    path = plan.add(told, str(tmp_path / "tries"), first)
    plan.add(flow.flaky.options(retries=0), path)
    for status in ("failed", "failed", "done", "done"):
        assert ran(plan, url).status == status
    assert flow.calls(log) == {"first": 1, "flaky": 3}


def told(path: str, after: int) -> str:
    return path


def test_large_and_odd_values_travel(url: str, log: Path, worker: Worker) -> None:
    value = {"\0": ["\udc80", 2**70, (1, b"\xff")], "large": "é" * 2_000_000}
    plan = motet.Plan()
    ref = plan.add(echo, plan.add(echo, value))
    assert ran(plan, url, want=ref).value == value


def echo(value: object) -> object:
    return value


def test_a_script_with_types_of_its_own(url: str, start: Start, tmp_path: Path) -> None:
    script = tmp_path / "points.py"
    script.write_text(
        textwrap.dedent("""
        import sys
        from dataclasses import dataclass
        import motet

        @dataclass
        class Point:
            x: int
            y: int = 0

        @motet.operator
        async def moved(point: Point, by: int) -> Point:
            return Point(point.x + by, point.y - by)

        if __name__ == "__main__":
            plan = motet.Plan()
            last = plan.add(moved, plan.add(moved, Point(1), 5), 6)
            run = motet.submit(plan, want={"last": last}, home=sys.argv[1])
            print(motet.join(run.id, timeout=60, home=sys.argv[1]).result())
    """)
    )
    start(operators=str(script))
    words = [sys.executable, script.name, url]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "{'last': Point(x=12, y=-11)}\n", done.stderr


def test_a_plan_that_cannot_run_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="PostgreSQL"):
        motet.submit(alone(flow.wait, "a"), home=tmp_path)
    motet.submit(alone(flow.wait, "a"), id="a", home=url)
    with pytest.raises(UsageError, match="another plan"):
        motet.submit(alone(flow.wait, "b"), id="a", home=url)
    with pytest.raises(UsageError, match="no such run"):
        motet.join("b", home=url)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Missing option '--journal'"),
        (["--journal", "runs.db"], "workers share a journal in PostgreSQL"),
        (["--journal", "postgresql://x:hidden@127.0.0.1:1/x"], "does not answer"),
    ],
)
def test_a_worker_without_a_journal(tmp_path: Path, words: list[str], said: str) -> None:
    done = subprocess.run(
        [MOTET, "worker", *words], cwd=tmp_path, env=environment(), capture_output=True, text=True
    )
    assert done.returncode in (2, 3)
    assert said.lower() in done.stderr.lower()
    assert "hidden" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("operators", ["nowhere.py", "no_such_module", "bad.py"])
def test_a_worker_without_its_operators(url: str, tmp_path: Path, operators: str) -> None:
    (tmp_path / "bad.py").write_text("import motet\n1 / 0\n")
    done = subprocess.run(
        [MOTET, "worker", "--operators", operators],
        cwd=tmp_path,
        env=environment(MOTET_JOURNAL=url),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert Path(operators).stem in done.stderr
