"""Random plans against a simple interpreter: failing, cancelled, paused, resumed; and whole."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from pathlib import Path

import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import Step, World, build, interpreted, plans

import motet

NUMBERS = itertools.count()
ENDED = {"done", "failed", "cancelled", "waiting"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("random")


def begun(steps: list[Step], *, failing: bool) -> World:
    """Return a new world in which the steps fail as they say."""
    world = reference.WORLD = World()
    if failing:
        for at, step in enumerate(steps):
            names = [f"n{at}", f"n{at}/0", f"n{at}/1", f"n{at}/last0", f"n{at}/sum"]
            world.failing[names[step.size % len(names)]] = step.fails
    return world


async def once(
    plan: motet.Plan, want: object, name: str, home: Path, patience: float | None
) -> motet.Run | None:
    """Run or resume a plan; None where it was cancelled."""
    going = motet.arun(plan, want=want, id=name, home=home)
    try:
        return await asyncio.wait_for(going, 20 if patience is None else patience)
    except TimeoutError:
        assert patience is not None, "a run did not end"
        return None


def check_events(steps: list[Step], world: World) -> None:
    """Assert that nothing began before what it needs had ended, and nothing ended twice."""
    ended: Counter[str] = Counter()
    for what, tag in world.events:
        if what == "end":
            ended[tag] += 1
            continue
        step = steps[int(tag.split("/")[0][1:])]
        for need in step.needs:
            if steps[need].kind in ("now", "later", "grow"):
                assert ended[f"n{need}"] == 1, f"{tag} began before n{need} had ended"
    assert max(ended.values(), default=1) == 1


def check_end(run: motet.Run) -> None:
    """Assert that an ended run's nodes are in states that fit it."""
    found = Counter(each.status for each in run.nodes)
    if run.status == "done":
        assert set(found) <= {"done"}
    elif run.status == "failed":
        assert set(found) <= ENDED
        assert found["failed"] >= 1
    else:
        assert run.status == "paused"
        assert found["paused"] >= 1
        assert set(found) <= {*ENDED, "paused"}
    ids = {each.id for each in run.nodes}
    assert all(each.parent is None or each.parent in ids for each in run.nodes)


@settings(max_examples=40)
@given(plans(("now", "later", "flow", "flow_now", "map", "grow")), st.booleans())
def test_plans_give_what_the_interpreter_gives(
    home: Path, steps: list[Step], recorded: bool
) -> None:
    world = begun(steps, failing=False)
    plan, refs = build(steps)
    durability = "process" if recorded else "none"
    run = motet.run(plan, want=refs, home=home, durability=durability)
    assert run.status == "done", run.error
    assert run.value == interpreted(steps)
    check_events(steps, world)
    check_end(run)


@settings(max_examples=60)
@given(plans(), st.lists(st.none() | st.floats(0.0, 0.03), max_size=4))
def test_whatever_happens_the_end_is_the_same(
    home: Path, steps: list[Step], patiences: list[float | None]
) -> None:
    world = begun(steps, failing=True)
    name = f"run{next(NUMBERS)}"
    left = sum(each.fails for each in steps)
    interrupted = False

    async def scenario() -> motet.Run:
        nonlocal interrupted
        patience = iter(patiences)
        for _ in range(4 + left + len(patiences) + len(steps)):
            plan, refs = build(steps)  # as another process would
            run = await once(plan, refs, name, home, next(patience, None))
            if run is None:
                interrupted = True
                continue
            check_end(run)
            if run.status == "done":
                return run
            if run.status == "failed":
                assert isinstance(run.error, OSError), run.error
                interrupted = True
            for each in run.pending:
                step = steps[int(each.message[1:])]
                value = {} if step.edit is None else {"value": step.edit}
                motet.answer(name, each.node, home=home, **value)
        raise AssertionError("the run came to no end")

    run = asyncio.run(scenario())
    assert run.value == interpreted(steps)
    assert motet.resume(name, home=home).value == run.value
    if not interrupted:
        check_events(steps, world)
    # What was cut off or failed ran again; what had ended and was recorded did not.
    ends = Counter(tag for what, tag in world.events if what == "end")
    attempts = {each.id: each.attempts for each in run.nodes if each.operator != "approve"}
    assert sum(ends.values()) <= sum(attempts.values())
    assert all(each.status == "done" for each in run.nodes)
