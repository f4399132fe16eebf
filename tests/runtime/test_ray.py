"""A map over many items whose executor is Ray."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import motet
from motet.core.errors import RunError, SetupNeeded, UsageError
from motet.runtime.run import NodeView
from motet.runtime.runs import get

MANY = 300


@motet.operator
def square(value: int) -> int:
    motet.report(tokens=1)
    return value * value


@motet.operator(retries=2)
async def picky(value: int) -> int:
    if value == 3:
        raise ValueError(f"no {value}")
    return value


@motet.operator(effect="once")
def once(value: int) -> int:
    return value


@motet.workflow
async def nested(value: int) -> int:
    return await picky(value)


def over(operator: object, items: object, **options: object) -> motet.Plan:
    plan = motet.Plan()
    plan.add(motet.map, operator, items, executor="ray", **options)
    return plan


def test_without_ray_the_extra_is_named(tmp_path: Path) -> None:
    if "ray" in sys.modules or _installed():
        pytest.skip("Ray is installed here")
    with pytest.raises(SetupNeeded, match="motet\\[ray\\]"):
        motet.run(over(square, [1]), home=tmp_path).result()


def test_an_unknown_executor_is_refused(tmp_path: Path) -> None:
    plan = motet.Plan()
    plan.add(motet.map, square, [1], executor="dask")
    with pytest.raises(UsageError, match="dask"):
        motet.run(plan, home=tmp_path).result()


def test_what_happens_once_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="happens once"):
        motet.run(over(once, [1]), home=tmp_path).result()


def _installed() -> bool:
    import importlib.util

    return importlib.util.find_spec("ray") is not None


ray = pytest.mark.skipif(not _installed(), reason="Ray is not installed: 240 MB, motet[ray]")


@ray
@pytest.mark.filterwarnings("default")
def test_items_are_nodes_as_ever(tmp_path: Path) -> None:
    items = list(range(MANY))
    run = motet.run(over(square, items), home=tmp_path / "ray")
    assert run.result() == [each * each for each in items]
    plan = motet.Plan()
    plan.add(motet.map, square, items)
    here = motet.run(plan, home=tmp_path / "here")
    assert here.value == run.value
    assert {facts(each) for each in run.nodes} == {facts(each) for each in here.nodes}


def facts(node: NodeView) -> tuple[object, ...]:
    return node.id, node.operator, node.status, node.attempts, node.tokens


@ray
@pytest.mark.filterwarnings("default")
def test_failures_are_those_of_the_operator(tmp_path: Path) -> None:
    run = motet.run(over(picky, list(range(10))), home=tmp_path)
    assert (run.status, str(run.error)) == ("failed", "ValueError: no 3")
    failed = next(each for each in run.nodes if each.status == "failed" and each.parent)
    assert failed.attempts == 3
    with pytest.raises(UsageError, match="calls operators"):
        motet.run(over(nested, [1]), home=tmp_path).result()


@ray
def test_a_driver_that_is_killed_goes_on_without_what_had_ended(tmp_path: Path) -> None:
    script, log = tmp_path / "flow.py", tmp_path / "log"
    script.write_text(
        textwrap.dedent(f"""
        import os, sys, time
        import motet

        @motet.operator
        def work(at: int) -> int:
            with open({str(log)!r}, "a") as file:
                file.write(f"{{at}}\\n")
            time.sleep(0.02)
            return at * 2

        if __name__ == "__main__":
            plan = motet.Plan()
            plan.add(motet.map, work, list(range({MANY})), executor="ray")
            run = motet.run(plan, id="many", home={str(tmp_path)!r})
            print(run.status, sum(run.value))
    """)
    )
    driver = subprocess.Popen([sys.executable, script], start_new_session=True)
    while not log.exists() or len(log.read_text().split()) < MANY // 3:
        assert driver.poll() is None
        time.sleep(0.05)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.wait()
    _wait_until_still(log)  # Ray's workers end themselves when they miss their driver
    done = [each for each in get("many", home=tmp_path).nodes if each.status == "done"]
    assert len(done) > MANY // 10
    before = len(log.read_text().split())
    again = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert again.stdout.strip().splitlines()[-1] == f"done {MANY * (MANY - 1)}", again.stderr
    assert len(log.read_text().split()) - before == MANY - len(done)


def _wait_until_still(log: Path) -> None:
    size = -1
    while size != (size := log.stat().st_size):
        time.sleep(1.0)


@ray
@pytest.mark.filterwarnings("default")
def test_a_worker_of_ray_that_dies_is_replaced(tmp_path: Path) -> None:
    @motet.operator
    def fragile(value: int) -> int:
        mark = tmp_path / f"died{value}"
        if value == 5 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return value

    @motet.operator
    def deadly(value: int) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return value

    assert motet.run(over(fragile, list(range(10))), home=tmp_path).result() == list(range(10))
    with pytest.raises(RunError, match="Ray failed"):
        motet.run(over(deadly, [1]), home=tmp_path).result()
