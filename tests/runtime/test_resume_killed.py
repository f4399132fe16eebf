"""Processes that are killed anywhere: nothing finished runs again, nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from killed_plan import BILL, RUN
from nursery import Nursery

import motet
from motet.runtime.records import Span
from motet.runtime.runs import get

PLAN = Path(__file__).with_name("killed_plan.py")
CODE = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path; import killed_plan
killed_plan.main(Path(sys.argv[2]), resume=False)
"""
COMPOSING = ("flow", "map")
EFFECTS = 79
"""What happens when nobody disturbs it: as many nodes as there are that do not compose."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as found:
        yield found


@pytest.fixture(scope="module")
def expected(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the plan gives when nobody disturbs it."""
    folder = tmp_path_factory.mktemp("whole")
    (said,) = nursery.run(folder)
    assert said.startswith("done [")
    assert len(effects(folder)) == EFFECTS
    return said


def effects(folder: Path) -> list[str]:
    """Return what happened, in order."""
    path = folder / "effects"
    return path.read_text().splitlines() if path.exists() else []


def done(folder: Path) -> dict[str, Span]:
    """Return the finished nodes as recorded."""
    if not (folder / "runs.db").exists():
        return {}
    try:
        record = get(RUN, home=folder).record
    except motet.UsageError:
        return {}
    return {span.node: span for span in record.nodes if span.status == "done"}


def answered(folder: Path, dice: random.Random) -> set[str]:
    """Answer every call in doubt; return those whose value was given."""
    given = set()
    for waiting in get(RUN, home=folder).pending:
        assert waiting.in_doubt
        if dice.random() < 0.5:
            motet.answer(RUN, waiting.node, retry=True, home=folder)
        else:
            motet.answer(RUN, waiting.node, BILL, home=folder)
            given.add(waiting.node)
    return given


@pytest.mark.parametrize("seed", range(8))
def test_killed_anywhere_it_ends_the_same(
    tmp_path: Path, nursery: Nursery, expected: str, seed: int
) -> None:
    dice = random.Random(seed)
    kills, doubts, given = 0, 0, set[str]()
    for _ in range(60):
        before, happened = done(tmp_path), len(effects(tmp_path))
        delay = dice.uniform(0.0, 0.08) if kills < 4 else None
        resume = bool(before) and dice.random() < 0.5
        (said,) = nursery.run(tmp_path, resume=resume, kill=delay)
        after = done(tmp_path)
        for node, span in before.items():
            assert after[node] == span, "a finished node ran again"
        kills += not said
        if said.startswith("paused"):
            doubts += len(get(RUN, home=tmp_path).pending)
            given |= answered(tmp_path, dice)
        if said.startswith("done"):
            break
    assert said == expected
    # What was not finished happened once more, and nothing else.
    ran = set(after) - set(before) - given
    called = [each for each in ran if after[each].operator not in COMPOSING]
    assert len(effects(tmp_path)) - happened == len(called)
    assert len(after) == EFFECTS + 4
    charges = Counter(each for each in effects(tmp_path) if each.startswith("charge"))
    assert sum(charges.values()) <= 6 + doubts - len(given)
    assert len(charges) >= 6 - len(given)


def test_of_many_that_resume_one_owns(tmp_path: Path, nursery: Nursery, expected: str) -> None:
    (tmp_path / "whole").mkdir()
    nursery.run(tmp_path / "whole")
    whole = Counter(effects(tmp_path / "whole"))
    for _ in range(3):
        nursery.run(tmp_path, kill=0.03)
        happened = Counter(effects(tmp_path))
        nursery.run(tmp_path, count=4, kill=0.05)
        # Two that own at once would do the same; one that owns after another does not.
        again = Counter(effects(tmp_path)) - happened
        assert all(count <= whole[each] for each, count in again.items())
    before = set(done(tmp_path))
    said = nursery.run(tmp_path, count=4)
    while any(each.startswith("paused") for each in said):
        answered(tmp_path, random.Random(1))
        said = nursery.run(tmp_path, count=4)
    # The first has ended before the last began, or they met.
    assert {each.split()[0] for each in said} <= {"done", "RunOwned"}
    assert expected in said
    counts = Counter(each for each in effects(tmp_path) if each.startswith("charge"))
    assert sum(counts.values()) <= 12
    assert before <= set(done(tmp_path))


def started(folder: Path, least: int = 10) -> subprocess.Popen[str]:
    """Start the plan in a process of its own and wait until it is in its middle."""
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, PLAN.parent, folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    for _ in range(2000):
        if len(effects(folder)) >= least:
            break
        time.sleep(0.002)
    return process


def test_a_stopped_process_still_owns_its_run(
    tmp_path: Path, nursery: Nursery, expected: str
) -> None:
    process = started(tmp_path)
    process.send_signal(signal.SIGSTOP)
    (said,) = nursery.run(tmp_path)
    process.send_signal(signal.SIGCONT)
    out, _ = process.communicate(timeout=30)
    assert out.splitlines()[-1] == expected
    assert said.startswith("RunOwned killed: another process is running it") or said == expected
    assert nursery.run(tmp_path) == [expected]
    assert len(effects(tmp_path)) == EFFECTS


def test_a_terminated_process_is_like_a_killed_one(
    tmp_path: Path, nursery: Nursery, expected: str
) -> None:
    process = started(tmp_path)
    process.terminate()
    process.communicate(timeout=30)
    before = done(tmp_path)
    (said,) = nursery.run(tmp_path)
    while said.startswith("paused"):
        answered(tmp_path, random.Random(2))
        (said,) = nursery.run(tmp_path, resume=True)
    assert said == expected
    assert before.items() <= done(tmp_path).items()


def test_an_interrupted_process_records_its_end(
    tmp_path: Path, nursery: Nursery, expected: str
) -> None:
    process = started(tmp_path)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    run = get(RUN, home=tmp_path)
    assert run.status in ("done", "cancelled")
    if run.status == "cancelled":
        assert "KeyboardInterrupt" in error
        assert process.returncode == -signal.SIGINT
        assert {each.status for each in run.nodes} <= {"done", "cancelled", "waiting"}
    (said,) = nursery.run(tmp_path)
    while said.startswith("paused"):
        answered(tmp_path, random.Random(3))
        (said,) = nursery.run(tmp_path)
    assert said == expected
    assert len(effects(tmp_path)) <= EFFECTS + 40
