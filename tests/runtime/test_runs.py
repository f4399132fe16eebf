"""Runs: their ids, how they end, and how they go on."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import pytest
from plan_samples import alone, cut_off, ends, statuses, until

import motet
from motet.runtime.runs import cancel, get, journal_of


@dataclass
class Point:
    x: int


class World:
    """What operators find outside: how often they were called, and whether they work."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.broken = False


WORLD = World()


@pytest.fixture
def world() -> World:
    WORLD.__init__()  # type: ignore[misc]
    return WORLD


@motet.operator(effect="read")
async def fetch(x: int) -> int:
    WORLD.calls.append(x)
    if WORLD.broken and x == 2:
        raise OSError("broken")
    return x * 10


@motet.operator(effect="pure")
def total(*numbers: int) -> int:
    return sum(numbers)


@motet.operator
async def slow(x: int) -> int:
    WORLD.calls.append(x)
    await asyncio.sleep(30 if WORLD.broken else 0)
    return x


@motet.workflow
async def both(x: int) -> int:
    found = await asyncio.gather(fetch(x), fetch(x + 1))
    return sum(found)


def sums() -> motet.Plan:
    plan = motet.Plan("sums")
    plan.add(total, plan.add(fetch, 1), plan.add(fetch, 2))
    return plan


def test_a_finished_run_is_given_again(tmp_path: Path, world: World) -> None:
    first = motet.run(sums(), id="a", home=tmp_path)
    again = motet.run(sums(), id="a", home=tmp_path)
    assert (first.value, again.value, again.status) == (30, 30, "done")
    assert world.calls == [1, 2]
    assert motet.resume("a", home=tmp_path).value == 30
    assert get("a", home=tmp_path).value == 30
    assert [each.id for each in again.nodes] == [each.id for each in first.nodes]


def test_another_plan_under_the_same_id_is_an_error(tmp_path: Path, world: World) -> None:
    motet.run(sums(), id="a", home=tmp_path)
    other = sums()
    other.add(fetch, 3)
    with pytest.raises(motet.PlanError, match="a: a run with this id has another plan"):
        motet.run(other, id="a", home=tmp_path)
    with pytest.raises(motet.PlanError, match="another plan"):
        motet.run(sums(), id="a", want="x", home=tmp_path)
    assert world.calls == [1, 2]


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a/b", "é", "x" * 201, "-a", "\n", "a\n", "\ud800"]
)
def test_odd_ids_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(motet.UsageError, match="an id is up to 200"):
        motet.run(sums(), id=name, home=tmp_path)


@pytest.mark.parametrize("name", ["a", "0", "a.b:c@d-e_f", "x" * 200])
def test_plain_ids_are_taken(tmp_path: Path, name: str, world: World) -> None:
    assert motet.run(sums(), id=name, home=tmp_path).id == name


def test_unknown_runs_and_wrong_calls_are_named(tmp_path: Path) -> None:
    with pytest.raises(motet.UsageError, match="nobody: no such run"):
        motet.resume("nobody", home=tmp_path)
    with pytest.raises(motet.UsageError, match="no such run"):
        get("nobody", home=tmp_path)
    with pytest.raises(motet.UsageError, match="no such run"):
        cancel("nobody", home=tmp_path)
    with pytest.raises(motet.UsageError, match=r"expected a motet.Plan, got list"):
        motet.run([], home=tmp_path)  # type: ignore[arg-type]
    with pytest.raises(motet.UsageError, match="no such durability: 'forever'"):
        motet.run(sums(), home=tmp_path, durability="forever")


def test_an_empty_plan_is_done(tmp_path: Path) -> None:
    run = motet.run(motet.Plan(), id="e", home=tmp_path)
    assert (run.status, run.value, list(run.nodes)) == ("done", [], [])
    assert motet.resume("e", home=tmp_path).status == "done"
    assert motet.run(motet.Plan(), want={"a": 1}, home=tmp_path).value == {"a": 1}


def test_a_failed_run_goes_on_where_it_failed(tmp_path: Path, world: World) -> None:
    world.broken = True
    run = motet.run(sums(), id="a", home=tmp_path)
    assert (run.status, str(run.error)) == ("failed", "broken")
    assert statuses(run) == {"fetch": "done", "fetch.2": "failed"}
    again = motet.resume("a", home=tmp_path)
    assert again.status == "failed"
    world.broken = False
    run = motet.resume("a", home=tmp_path)
    assert (run.status, run.value) == ("done", 30)
    assert world.calls == [1, 2, 2, 2]
    assert {each.id: each.attempts for each in run.nodes} == {
        "fetch": 1, "fetch.2": 3, "total": 1,
    }  # fmt: skip
    assert run.record.error is None


def test_a_cancelled_run_goes_on(tmp_path: Path, world: World) -> None:
    world.broken = True
    plan = motet.Plan()
    plan.add(total, plan.add(fetch, 1), plan.add(slow, 7))

    asyncio.run(cut_off(motet.arun(plan, id="a", home=tmp_path), lambda: 7 in world.calls))
    assert get("a", home=tmp_path).status == "cancelled"
    world.broken = False
    run = motet.run(plan, id="a", home=tmp_path)
    assert run.value == 17
    assert world.calls == [1, 7, 7]


def test_every_node_of_a_plan_without_a_want_runs_again_too(tmp_path: Path, world: World) -> None:
    plan = motet.Plan()
    world.broken = True
    for each in (1, 2, 3):
        plan.add(fetch, each)
    assert motet.run(plan, id="a", home=tmp_path).status == "failed"
    world.broken = False
    run = motet.resume("a", home=tmp_path)
    assert run.value == 30
    assert set(statuses(run).values()) == {"done"}
    assert len(run.nodes) == 3
    assert get("a", home=tmp_path).value == 30


def test_a_workflow_calls_again_only_what_did_not_finish(tmp_path: Path, world: World) -> None:
    world.broken = True
    assert motet.run(alone(both, 1), id="a", home=tmp_path).status == "failed"
    world.broken = False
    run = motet.run(alone(both, 1), id="a", home=tmp_path)
    assert (run.value, world.calls) == (30, [1, 2, 2])


@pytest.mark.parametrize("how", ["resume", "run"])
def test_nodes_that_were_added_are_not_lost(tmp_path: Path, world: World, how: str) -> None:
    plan = motet.Plan()

    @motet.operator
    async def grow(x: int) -> int:
        plan.add(fetch, 2)  # nobody waits for it
        plan.add(fetch, 3)
        return x

    plan.add(grow, 5)
    world.broken = True
    for _ in range(3):  # as often as need be
        run = motet.run(plan, id="a", home=tmp_path)
        assert run.status == "failed"
        assert statuses(run)["grow"] == "done"
    world.broken = False
    if how == "run":
        run = motet.run(plan, id="a", home=tmp_path)
    else:
        run = motet.resume("a", home=tmp_path)
    assert (run.status, run.value) == ("done", 5)
    assert world.calls.count(2) == 4
    assert set(statuses(run).values()) == {"done"}
    assert len(run.nodes) == 3


def test_a_larger_budget_lets_a_run_go_on(tmp_path: Path, world: World) -> None:
    @motet.operator
    async def dear(x: int) -> int:
        motet.report(cost=0.6)
        return x

    plan = motet.Plan()
    plan.add(dear, plan.add(dear, plan.add(dear, 1)))
    priced = motet.Budget(cost=1.0, calls=3)
    run = motet.run(plan, id="a", budget=priced, home=tmp_path)
    assert run.status == "failed"
    assert isinstance(run.error, motet.BudgetSpent)
    assert motet.resume("a", home=tmp_path).status == "failed"
    assert motet.resume("a", home=tmp_path, budget=motet.Budget(cost=5)).value == 1


def test_workflows_are_no_calls_of_a_budget(tmp_path: Path, world: World) -> None:
    world.broken = True
    budget = motet.Budget(calls=3)
    plan = alone(both, 1)
    for _ in range(2):
        assert motet.run(plan, id="a", budget=budget, home=tmp_path).status == "failed"
    run = motet.resume("a", home=tmp_path)
    assert isinstance(run.error, motet.BudgetSpent)  # 1, 2, and 2 again: three calls are made
    assert world.calls == [1, 2, 2]


def test_the_time_of_earlier_processes_counts(tmp_path: Path, world: World) -> None:
    world.broken = True

    async def for_a_while() -> None:
        plan = alone(slow, 1)
        budget = motet.Budget(seconds=1.0)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(motet.arun(plan, id="a", home=tmp_path, budget=budget), 0.9)

    asyncio.run(for_a_while())
    began = time.monotonic()
    run = motet.resume("a", home=tmp_path)
    assert isinstance(run.error, motet.BudgetSpent)
    assert time.monotonic() - began < 0.9


def test_a_run_has_one_owner(tmp_path: Path, world: World) -> None:
    world.broken = True

    async def scenario() -> None:
        task = asyncio.create_task(motet.arun(alone(slow, 1), id="a", home=tmp_path))
        await until(lambda: world.calls)
        with pytest.raises(motet.RunOwned, match="this process is running it"):
            await motet.arun(alone(slow, 1), id="a", home=tmp_path)
        with pytest.raises(motet.RunOwned):
            await motet.aresume("a", home=tmp_path)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        world.broken = False
        assert (await motet.aresume("a", home=tmp_path)).value == 1

    asyncio.run(scenario())


def test_a_run_is_cancelled_from_elsewhere(tmp_path: Path, world: World) -> None:
    world.broken = True

    async def scenario() -> motet.Run:
        task = asyncio.create_task(motet.arun(alone(slow, 1), id="a", home=tmp_path))
        await until(lambda: world.calls)
        await asyncio.to_thread(journal_of(tmp_path).wait)
        await asyncio.to_thread(cancel, "a", "enough", home=tmp_path)
        return await asyncio.wait_for(task, 20)

    run = asyncio.run(scenario())
    assert (run.status, str(run.error)) == ("cancelled", "cancelled: enough")
    assert statuses(run) == {"slow": "cancelled"}
    with pytest.raises(motet.UsageError, match="the run is cancelled already"):
        cancel("a", home=tmp_path)


def test_what_is_wanted_decides_what_runs(tmp_path: Path, world: World) -> None:
    plan = motet.Plan()
    one, _ = plan.add(fetch, 1), plan.add(fetch, 2)
    assert motet.run(plan, want=one, home=tmp_path).value == 10
    assert world.calls == [1]


def test_a_blocking_call_in_a_loop_says_so(tmp_path: Path) -> None:
    async def scenario() -> None:
        with pytest.raises(motet.UsageError, match="an event loop is running"):
            motet.run(sums(), home=tmp_path)

    asyncio.run(scenario())


def test_large_and_odd_values_come_back(tmp_path: Path) -> None:
    @motet.operator
    def give(kind: str) -> Any:
        return {
            "large": lambda: {"text": "x" * 5_000_000, "list": list(range(1000))},
            "odd": lambda: {"$ref": ["x"], 1: (b"\xff", {2.5}), "n\x00l": "\ud800", "p": Point(3)},
        }[kind]()

    for kind in ("large", "odd"):
        first = motet.run(alone(give, kind), id=kind, home=tmp_path)
        assert first.status == "done", first.error
        assert motet.run(alone(give, kind), id=kind, home=tmp_path).value == first.value


def test_values_that_grow_are_kept_once(tmp_path: Path) -> None:
    @motet.operator(effect="pure")
    def longer(messages: list[str], new: str) -> list[str]:
        return [*messages, new]

    plan = motet.Plan()
    ref: object = ["x" * 5000]
    for number in range(60):
        ref = plan.add(longer, ref, f"message {number} " * 10)
    first = motet.run(plan, id="a", home=tmp_path)
    # In another process, what was kept is all there is.
    code = f"import motet.runtime.runs as r; print(len(r.get('a', home={str(tmp_path)!r}).value))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, env=os.environ)
    assert out.stdout == b"61\n", out.stderr
    size = sum(len(node.text or "") for node in first.record.nodes)
    assert size > 300_000
    with closing(apsw.Connection(str(tmp_path / "runs.db"))) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log may hold a page more than once
    files = sum(each.stat().st_size for each in tmp_path.iterdir() if each.suffix != ".db-shm")
    assert files < size / 2


# Operators in another process

MODULE = """
import motet, sys

@motet.operator(effect="read")
def first(x: int) -> int:
    return x + 1

@motet.operator(effect="read")
def second(x: int) -> int:
    if "broken" in sys.argv:
        raise OSError("broken")
    return x * {factor}

def plan():
    plan = motet.Plan()
    plan.add(max, [plan.add(second, plan.add(first, 1)), 0])
    return plan
"""
SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import motet, steps
run = motet.run(steps.plan(), id="a", home=sys.argv[2])
print(run.status, run.value)
"""
RESUME = """
import sys
sys.path.insert(0, sys.argv[1])
import motet
try:
    run = motet.resume("a", home=sys.argv[2], operators=eval(sys.argv[3]))
    print(run.status, run.value)
except motet.MotetError as error:
    print(type(error).__name__, error)
"""


def python(code: str, *words: object) -> str:
    """Run Python with words; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def broken_run(tmp_path: Path) -> Path:
    """A folder with a module, and a run of it that failed in its second step."""
    (tmp_path / "steps.py").write_text(MODULE.format(factor=7))
    assert python(SCRIPT, tmp_path, tmp_path / "home", "broken") == "failed None"
    return tmp_path


def test_operators_are_imported_where_they_were(broken_run: Path) -> None:
    assert python(RESUME, broken_run, broken_run / "home", "[]") == "done 14"


def test_the_same_script_goes_on(broken_run: Path) -> None:
    assert python(SCRIPT, broken_run, broken_run / "home") == "done 14"


def test_operators_that_changed_are_named(broken_run: Path) -> None:
    (broken_run / "steps.py").write_text(MODULE.format(factor=8))
    said = python(RESUME, broken_run, broken_run / "home", "[]")
    assert said.startswith("PlanError")
    assert "the operator 'second' has changed since the run began" in said
    said = python(RESUME, broken_run, broken_run / "home", "[__import__('steps').second]")
    assert said == "done 16"


def test_operators_that_are_gone_are_named(broken_run: Path) -> None:
    (broken_run / "steps.py").rename(broken_run / "other.py")
    said = python(RESUME, broken_run, broken_run / "home", "[]")
    assert "the operator 'first' is not in this process" in said
    assert "steps.py:first" in said


def test_a_broken_module_is_named(broken_run: Path) -> None:
    (broken_run / "steps.py").write_text("import nothing_of_that_name\n")
    said = python(RESUME, broken_run, broken_run / "home", "[]")
    assert said.startswith("PlanError")
    assert "nothing_of_that_name" in said


def test_types_that_are_gone_are_named(tmp_path: Path) -> None:
    @dataclass
    class Gone:
        x: int

    @motet.operator
    def give() -> object:
        return Gone(1)

    motet.run(alone(give), id="a", home=tmp_path)
    code = """
import sys, motet, motet.runtime.runs as runs
try:
    print(runs.get("a", home=sys.argv[1]).value)
except motet.MotetError as error:
    print(type(error).__name__, error)
"""
    said = python(code, tmp_path)
    assert said.startswith("RunError give: the recorded value cannot be read: the type")


def test_runs_of_many_threads_are_kept_apart(tmp_path: Path, world: World) -> None:
    async def scenario() -> list[motet.Run]:
        calls = (
            asyncio.to_thread(motet.run, sums(), id=f"r{each}", home=tmp_path) for each in range(20)
        )
        return list(await asyncio.gather(*calls))

    runs = asyncio.run(scenario())
    assert [each.value for each in runs] == [30] * 20
    assert len(world.calls) == 40


def test_clocks_that_jump_do_no_harm(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([2e9, 1e9, 0.0, -5.0, 4e9, 1.7e9] * 100)
    monkeypatch.setattr(time, "time", lambda: next(moments))
    run = motet.run(alone(both, 1), id="a", home=tmp_path, budget=motet.Budget(seconds=60))
    assert run.value == 30
    assert all((each.seconds or 0) >= 0 for each in run.nodes)
    assert "both" in run.record.explained()
    world.broken = True
    assert motet.run(alone(slow_map, 2), id="b", home=tmp_path).status == "failed"
    world.broken = False
    assert motet.resume("b", home=tmp_path).value == [20]
    assert ends(alone(both, 1), tmp_path).value == 30


@motet.workflow
async def slow_map(x: int) -> list[int]:
    return [await fetch(x)]
