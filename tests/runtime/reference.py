"""Random plans, and a simple interpreter that says what they give: one node after the other."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import strategies as st

import motet

Kind = Literal["now", "later", "flow", "flow_now", "map", "grow", "approve"]
KINDS: tuple[Kind, ...] = ("now", "later", "later", "flow", "flow_now", "map", "grow", "approve")


@dataclass(frozen=True)
class Box:
    """A value that may hold references."""

    content: object


@dataclass(frozen=True)
class Step:
    """A node of a random plan.

    `needs` are positions of earlier steps; `shape` says how their values stand in the
    arguments. It fails `fails` times before it works; `edit` is what a person makes of it.
    """

    kind: Kind
    needs: tuple[int, ...]
    shape: int
    delay: float
    fails: int
    size: int
    edit: int | None


@dataclass
class World:
    """What operators meet outside: what happened, in order, and how often each still fails."""

    events: list[tuple[str, str]] = field(default_factory=list)
    failing: Counter[str] = field(default_factory=Counter)

    def enter(self, tag: str) -> None:
        """Note a call's start; fail if it is still to."""
        self.events.append(("start", tag))
        if self.failing[tag] > 0:
            self.failing[tag] -= 1
            raise OSError(f"{tag} fails")

    def leave(self, tag: str) -> None:
        """Note a call's end."""
        self.events.append(("end", tag))


WORLD = World()


def digest(value: Any) -> int:
    """Return a number that tells values apart, also by where they stand."""
    if isinstance(value, Box):
        return 7 * digest(value.content) % 10_007
    if isinstance(value, Mapping):
        return sum(digest(each) * (3 + len(key)) for key, each in value.items()) % 10_007
    if isinstance(value, (list, tuple)):
        return sum(digest(each) * (at + 2) for at, each in enumerate(value)) % 10_007
    return (int(value) + 1) * 31 % 10_007


@motet.operator(effect="read")
def now(tag: str, value: Any, *, delay: float = 0.0) -> int:
    """Digest a value in a thread."""
    WORLD.enter(tag)
    time.sleep(delay)
    WORLD.leave(tag)
    return digest(value)


@motet.operator
async def later(tag: str, value: Any, *, delay: float = 0.0) -> int:
    """Digest a value on the loop."""
    WORLD.enter(tag)
    await asyncio.sleep(delay)
    WORLD.leave(tag)
    return digest(value)


@motet.workflow
async def flow(tag: str, value: Any, *, delay: float, size: int) -> list[int]:
    """Call children beside each other, then one after the other."""
    calls = (later(f"{tag}/{at}", [value, at], delay=delay) for at in range(size))
    found = list(await asyncio.gather(*calls))
    for at in range(size):
        last: Any = now(f"{tag}/last{at}", found)
        found.append(await last)
    return found


@motet.workflow
def flow_now(tag: str, value: Any, *, delay: float, size: int) -> list[int]:
    """Call children one after the other, from a thread."""
    found: list[int] = []
    for at in range(size):
        made: Any = later(f"{tag}/{at}", [value, found], delay=delay)
        found.append(made)
    return found


@motet.operator
async def item(pair: Any) -> int:
    """Digest what stands beside a tag."""
    WORLD.enter(pair[0])
    await asyncio.sleep(0)
    WORLD.leave(pair[0])
    return digest(pair[1])


@motet.operator
async def grow(tag: str, value: Any, *, size: int) -> Any:
    """Add nodes to the running plan, one of which nobody waits for."""
    WORLD.enter(tag)
    plan = motet.Plan.running()
    refs = [plan.add(later, f"{tag}/{at}", [value, at]) for at in range(size)]
    plan.add(now, f"{tag}/forgotten", refs)
    WORLD.leave(tag)
    return {"refs": refs, "sum": [plan.add(now, f"{tag}/sum", refs)]}


def arguments(step: Step, found: list[Any]) -> object:
    """Return what a step's operator takes, with values or references."""
    given = [found[at] for at in step.needs]
    shapes: list[Callable[[], object]] = [
        lambda: given,
        lambda: {"a": given[:1], "bc": tuple(given[1:])},
        lambda: Box([Box(each) for each in given]),
        lambda: (step.size, {"deep": [Box(tuple(given))]}),
    ]
    return shapes[step.shape]()


def build(steps: list[Step]) -> tuple[motet.Plan, list[motet.Ref]]:
    """Return the steps as a plan, and all its references."""
    plan, refs = motet.Plan("random"), list[motet.Ref]()
    for at, step in enumerate(steps):
        refs.append(_added(plan, f"n{at}", step, arguments(step, refs)))
    return plan, refs


def _added(plan: motet.Plan, tag: str, step: Step, value: Any) -> motet.Ref:
    named: dict[str, Callable[[], motet.Ref]] = {
        "now": lambda: plan.add(now, tag, value, delay=step.delay),
        "later": lambda: plan.add(later, tag, value, delay=step.delay),
        "flow": lambda: plan.add(flow, tag, value, delay=step.delay, size=step.size),
        "flow_now": lambda: plan.add(flow_now, tag, value, delay=step.delay, size=step.size),
        "map": lambda: plan.add(
            motet.map, item, [[f"{tag}/{at}", [value, at]] for at in range(step.size)], width=2
        ),
        "grow": lambda: plan.add(grow, tag, value, size=step.size),
        "approve": lambda: plan.add(motet.approve, value, tag),
    }
    return named[step.kind]()


def interpreted(steps: list[Step]) -> list[Any]:
    """Return what every step gives, the slow and simple way."""
    found: list[Any] = []
    for step in steps:
        found.append(_given(step, arguments(step, found)))
    return found


def _given(step: Step, value: Any) -> Any:
    counted = range(step.size)
    if step.kind in ("now", "later"):
        return digest(value)
    if step.kind == "map":
        return [digest([value, at]) for at in counted]
    if step.kind == "approve":
        return value if step.edit is None else step.edit
    first = [digest([value, at]) for at in counted]
    if step.kind == "grow":
        return {"refs": first, "sum": [digest(first)]}
    if step.kind == "flow":
        for _ in counted:
            first.append(digest(first))
        return first
    found: list[int] = []
    for _ in counted:
        found.append(digest([value, found]))
    return found


@st.composite
def plans(draw: st.DrawFn, kinds: Sequence[Kind] = KINDS) -> list[Step]:
    """Draw the steps of a plan."""
    steps: list[Step] = []
    for at in range(draw(st.integers(1, 9))):
        before = st.integers(0, at - 1) if at else st.nothing()
        needs = draw(st.lists(before, max_size=3)) if at else []
        step = Step(
            kind=draw(st.sampled_from(kinds)),
            needs=tuple(needs),
            shape=draw(st.integers(0, 3)),
            delay=draw(st.sampled_from([0.0, 0.0, 0.001, 0.004])),
            fails=draw(st.sampled_from([0, 0, 0, 1, 2])),
            size=draw(st.integers(0, 3)),
            edit=draw(st.none() | st.integers(0, 99)),
        )
        steps.append(step)
    return steps
