"""What happened, weighed: random runs against a simulation, and what clocks and crashes leave."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.planner.analysis import Actual, analyse


def ran(started: float, seconds: float, *needs: str, **more: object) -> Actual:
    """Return what happened at a node that needed others."""
    parts = {"status": "done", "tokens": 0, "cost": 0.0, "rows": None, **more}
    return Actual(started=started, seconds=seconds, needs=needs, **parts)  # type: ignore[arg-type]


# A simulation: every node starts the moment its needs have ended; a parent works, runs its
# steps, and works again.


@dataclass(frozen=True)
class Work:
    """A node to simulate; `needs` are positions of earlier nodes beside it."""

    seconds: float
    needs: tuple[int, ...] = ()
    inner: tuple[Work, ...] = ()
    after: float = 0.0


@dataclass
class Simulated:
    """What a simulation gave: what happened, and how long the longest path is."""

    actual: dict[str, Actual] = field(default_factory=dict)
    end: float = 0.0


def simulate(nodes: tuple[Work, ...], start: float = 0.0, parent: str | None = None) -> Simulated:
    done = Simulated(end=start)
    ends: list[float] = []
    for place, node in enumerate(nodes):
        name = f"{parent}/n{place}" if parent else f"n{place}"
        began = max((ends[each] for each in node.needs), default=start)
        inside = simulate(node.inner, began + node.seconds, name)
        ended = inside.end + node.after
        needs = [f"{parent}/n{each}" if parent else f"n{each}" for each in node.needs]
        done.actual[name] = ran(began, ended - began, *needs, parent=parent, tokens=place)
        done.actual |= inside.actual
        ends.append(ended)
        done.end = max(done.end, ended)
    return done


TIMES = st.integers(0, 20).map(lambda tenths: tenths / 8)


@st.composite
def works(draw: st.DrawFn, depth: int = 2, most: int = 8) -> tuple[Work, ...]:
    found: list[Work] = []
    for place in range(draw(st.integers(1, most))):
        needs = draw(st.sets(st.integers(0, place - 1), max_size=3)) if place else set()
        nested = depth > 0 and draw(st.integers(0, 3)) == 0
        inner = draw(works(depth=depth - 1, most=4)) if nested else ()
        after = draw(TIMES) if inner else 0.0
        found.append(Work(draw(TIMES), tuple(sorted(needs)), inner, after))
    return tuple(found)


@given(works())
def test_the_critical_path_is_the_longest_path(nodes: tuple[Work, ...]) -> None:
    run = simulate(nodes)
    found = analyse(run.actual)
    assert found.wall == pytest.approx(run.end)
    assert found.path_seconds == pytest.approx(run.end)
    assert [node for node in run.actual if found.nodes[node].critical] == sorted(
        found.path, key=list(run.actual).index
    )
    assert len(set(found.path)) == len(found.path)


@given(works())
def test_the_critical_path_leads_from_need_to_need(nodes: tuple[Work, ...]) -> None:
    run = simulate(nodes)
    path = analyse(run.actual).path
    for parent in {run.actual[node].parent for node in path}:
        level = [node for node in path if run.actual[node].parent == parent]
        for earlier, later in pairwise(level):
            assert earlier in run.actual[later].needs
        assert run.actual[level[-1]].parent is None or parent in path


@given(works())
def test_shares_sum_to_one(nodes: tuple[Work, ...]) -> None:
    actual = {
        node: replace(each, cost=each.tokens / 7) for node, each in simulate(nodes).actual.items()
    }
    found = analyse(actual)
    roles = found.nodes.values()
    if found.wall:
        assert sum(each.time for each in roles) + found.idle / found.wall == pytest.approx(1)
    if found.tokens:
        assert sum(each.tokens for each in roles) == pytest.approx(1)
        assert sum(each.money for each in roles) == pytest.approx(1)
    assert all(0 <= each.time <= 1 + 1e-9 for each in roles)


@given(works(depth=1))
def test_parallelism_is_bounded(nodes: tuple[Work, ...]) -> None:
    found = analyse(simulate(nodes).actual)
    if not found.wall:
        assert found.parallelism == 0
        return
    assert found.work == pytest.approx(found.parallelism * found.wall)
    assert 1 - 1e-9 <= found.parallelism <= found.peak + 1e-9
    assert found.peak <= len(found.nodes)
    assert not found.gaps


@given(works(depth=0), st.data())
def test_slack_is_how_much_later_a_node_could_end(
    nodes: tuple[Work, ...], data: st.DataObject
) -> None:
    found = analyse(simulate(nodes).actual)
    place = data.draw(st.integers(0, len(nodes) - 1))
    room = found.nodes[f"n{place}"].slack
    assert room is not None

    def end(more: float) -> float:
        slower = replace(nodes[place], seconds=nodes[place].seconds + more)
        return simulate((*nodes[:place], slower, *nodes[place + 1 :])).end

    assert end(room) == pytest.approx(found.wall)
    assert end(room + 1) == pytest.approx(found.wall + 1)
    assert room == 0 or not found.nodes[f"n{place}"].critical


@given(works(depth=1))
def test_what_ran_at_the_same_time_is_what_overlaps(nodes: tuple[Work, ...]) -> None:
    actual = simulate(nodes).actual
    found = analyse(actual)
    for node, each in actual.items():
        beside = {
            name
            for name, other in actual.items()
            if name != node and other.parent == each.parent and overlap(each, other) > 1e-3
        }
        role = found.nodes[node]
        assert role.together == len(beside)
        assert set(role.beside) <= beside
        assert len(role.beside) == min(3, len(beside))


def overlap(one: Actual, other: Actual) -> float:
    start = max(one.started, other.started)
    return min(one.started + one.seconds, other.started + other.seconds) - start


STATUSES = st.sampled_from(["waiting", "running", "paused", "done", "failed", "cancelled"])
ODD = st.one_of(TIMES, st.floats(-5, 5), st.sampled_from([math.nan, math.inf, -1e9]))
NAMES = st.sampled_from(["a", "b", "c", "a/b", "a/b/c", "gone", "d"])


@given(
    st.dictionaries(
        NAMES,
        st.builds(
            Actual,
            status=STATUSES,
            started=ODD,
            seconds=ODD,
            tokens=st.integers(0, 5),
            cost=TIMES,
            rows=st.none(),
            needs=st.lists(NAMES, max_size=3).map(tuple),
            parent=st.none() | NAMES,
        ),
    )
)
def test_any_record_can_be_weighed(actual: dict[str, Actual]) -> None:
    found = analyse(actual)
    assert set(found.nodes) == set(actual)
    assert math.isfinite(found.wall)
    assert -1e-9 <= found.path_seconds <= found.wall + 1e-9
    assert found.parallelism <= found.peak / 0.9  # the tolerance for clocks
    for role in found.nodes.values():
        assert role.own >= 0
        assert role.slack is None or role.slack >= 0
        assert role.wait is None or role.wait >= 0
        assert 0 <= role.time <= 1 + 1e-9
    if found.wall:
        used = sum(each.time for each in found.nodes.values())
        assert used + found.idle / found.wall == pytest.approx(1)
    listed = [node for nodes in found.children.values() for node in nodes]
    assert sorted(listed) == sorted(actual)


def test_a_diamond() -> None:
    found = analyse(
        {
            "ask": ran(0.0, 1.0, cost=0.3),
            "slow": ran(1.0, 3.0, "ask", cost=0.1),
            "fast": ran(1.5, 1.0, "ask"),
            "join": ran(4.5, 0.5, "slow", "fast"),
        }
    )
    assert (found.path, found.path_seconds, found.wall) == (("ask", "slow", "join"), 4.5, 5.0)
    assert [(gap.started, gap.seconds) for gap in found.gaps] == [(4.0, 0.5)]
    assert (found.work, found.peak, found.parallelism) == (5.5, 2, 1.1)
    fast = found.nodes["fast"]
    assert (fast.slack, fast.wait, fast.beside, fast.together) == (2.0, 0.5, ("slow",), 1)
    assert fast.time == pytest.approx(0.5 / 5)
    assert found.nodes["ask"].money == pytest.approx(0.75)
    assert found.nodes["join"].wait == 0.5


def test_a_workflow_is_followed_through_its_steps() -> None:
    """Steps that await each other record no needs; the path is taken from time."""
    found = analyse(
        {
            "flow": ran(0.0, 6.0),
            "flow/first": ran(0.5, 1.0, parent="flow"),
            "flow/left": ran(1.5, 1.0, parent="flow"),
            "flow/right": ran(1.5, 3.0, parent="flow"),
            "flow/last": ran(4.75, 1.0, parent="flow"),
        }
    )
    assert found.path == ("flow", "flow/first", "flow/right", "flow/last")
    assert found.nodes["flow"].path == pytest.approx(1.0)
    assert found.nodes["flow"].own == pytest.approx(1.0)
    assert found.nodes["flow/left"].slack == pytest.approx(2.25)
    assert found.nodes["flow/left"].wait is None
    assert found.path_seconds == found.wall == 6.0


def test_a_call_that_starts_while_the_model_streams_counts_once() -> None:
    found = analyse({"model": ran(0.0, 2.0), "call": ran(1.5, 2.0, "model")})
    assert found.path == ("model", "call")
    assert (found.path_seconds, found.nodes["model"].path) == (3.5, 1.5)


def test_a_limit_makes_nodes_wait_for_each_other() -> None:
    found = analyse({"a": ran(0.0, 1.0), "b": ran(0.0, 2.0), "c": ran(1.0, 3.0)})
    assert found.path == ("a", "c")
    assert found.nodes["c"].wait == 1.0
    assert found.nodes["b"].slack == 2.0


def test_siblings_cancelled_by_a_failure_are_not_its_cause() -> None:
    found = analyse(
        {
            "a": ran(0.0, 1.0),
            "fails": ran(1.0, 1.0, "a", status="failed"),
            "other": ran(0.0, 2.001, status="cancelled"),
        }
    )
    assert found.path == ("a", "fails")


def test_what_has_not_ended_ran_at_least_until_the_last_news() -> None:
    found = analyse(
        {
            "a": ran(0.0, 1.0),
            "asks": ran(1.0, 0.0, "a", status="paused"),
            "busy": ran(0.5, 0.0, status="running"),
            "busy/step": ran(0.5, 4.0, parent="busy"),
            "later": ran(0.0, 0.0, "asks", status="waiting"),
        }
    )
    asks = found.nodes["asks"]
    assert asks.span is not None
    assert (asks.span.end, asks.span.open, asks.slack) == (4.5, True, None)
    assert found.nodes["busy"].span is not None
    assert found.nodes["busy"].span.end == 4.5
    assert found.nodes["later"].span is None
    assert found.wall == 4.5


def test_a_resumed_parent_holds_the_steps_of_before() -> None:
    found = analyse(
        {
            "flow": ran(10.0, 1.0),
            "flow/old": ran(0.0, 2.0, parent="flow"),
            "flow/new": ran(10.0, 1.0, parent="flow"),
        }
    )
    span = found.nodes["flow"].span
    assert span is not None
    assert (span.start, span.end) == (0.0, 11.0)
    assert found.path == ("flow", "flow/old", "flow/new")


def test_a_node_that_outlived_its_parent_came_after_it() -> None:
    found = analyse(
        {"flow": ran(0.0, 1.0), "flow/added": ran(1.0, 4.0, parent="flow"), "b": ran(0.0, 2.0)}
    )
    assert found.path == ("flow", "flow/added")
    assert found.nodes["flow"].own == 1.0
    assert found.children == {None: ["flow", "b"], "flow": ["flow/added"]}


def test_needs_across_parents_order_the_parents() -> None:
    found = analyse(
        {
            "one": ran(0.0, 2.0),
            "one/x": ran(0.5, 1.0, parent="one"),
            "two": ran(2.0, 2.0),
            "two/y": ran(2.5, 1.0, "one/x", parent="two"),
        }
    )
    assert found.path == ("one", "one/x", "two", "two/y")


def test_nothing_ran() -> None:
    found = analyse({})
    assert (found.wall, found.path, found.peak, found.parallelism, found.idle) == (0, (), 0, 0, 0)
    found = analyse({"a": ran(0.0, 0.0)})
    assert (found.wall, found.path, found.peak, found.idle) == (0, ("a",), 1, 0)


@pytest.mark.parametrize("kind", ["independent", "fan", "chain", "nested", "instant", "queue"])
def test_ten_thousand_nodes_take_no_time(kind: str) -> None:
    count = 10_000

    def node(number: int) -> Actual:
        previous = f"n{number - 1}"
        if kind == "fan" and number == count - 1:
            return ran(1.0, 0.1, *(f"n{each}" for each in range(count - 1)))
        if kind == "chain" and number:
            return ran(number * 0.001, 0.001, previous)
        if kind == "nested":
            return ran(number * 1e-3, (count - number) * 2e-3, parent=previous if number else None)
        if kind == "instant":
            return ran(0.0, 0.0)
        if kind == "queue":
            return ran(number // 10 * 0.001, 0.001)
        return ran(0.0, number * 1e-4)

    actual = {f"n{number}": node(number) for number in range(count)}
    began = time.process_time()
    found = analyse(actual)
    assert time.process_time() - began < 2
    assert len(found.nodes) == count
    if kind == "queue":
        assert (len(found.path), found.peak) == (1000, 10)
