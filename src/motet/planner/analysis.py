"""What happened, weighed: who took the time and the money, what waited for what."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice

from motet.planner.critical import critical_path, slack
from motet.planner.plan import QUESTION, PhysicalPlan
from motet.planner.spans import Span, Spans, parents_of, place

NAMED = 3
"""Nodes named of those that ran at the same time; the others are counted."""


@dataclass(frozen=True, slots=True)
class Actual:
    """What happened at a node. `started` is seconds after the run's start.

    `needs` are the nodes it waited for, `parent` the node that added it while running (its
    `operator` and `choice` then stand in no plan). `failure` says why it failed.
    """

    status: str
    started: float
    seconds: float
    tokens: int
    cost: float
    rows: int | None
    note: str = ""
    needs: tuple[str, ...] = ()
    parent: str | None = None
    attempts: int = 1
    failure: str = ""
    operator: str = ""
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """What part a node played in a run.

    `own` are the seconds in which it ran and nothing inside it did. `time` is its share of the
    run's wall time, an instant shared equally by all that ran then; `money` and `tokens` are
    shares too. `path` are the seconds it accounts for on the critical path, None beside it.
    `slack` is by how much it could have ended later without delaying the run (None before it
    ended), `wait` how long it was ready before it started (None where nobody knows). `beside`
    names some of the `together` siblings that ran at the same time.
    """

    span: Span | None
    own: float
    time: float
    money: float
    tokens: float
    path: float | None
    slack: float | None
    wait: float | None
    beside: tuple[str, ...]
    together: int

    @property
    def critical(self) -> bool:
        """Whether it is on the critical path."""
        return self.path is not None


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nothing ran, `started` seconds after the run's start."""

    started: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """A run, weighed.

    `wall` is when the last node ended; `path` are the critical path's nodes in order, a parent
    before those inside it, `path_seconds` its length. `work` sums what nodes ran by
    themselves, `peak` counts how many did at once at most. `children` are nodes by the node
    that added them (None: the plan itself) in the order of start.
    """

    nodes: Mapping[str, Role]
    children: Mapping[str | None, Sequence[str]]
    wall: float
    path: tuple[str, ...]
    path_seconds: float
    work: float
    peak: int
    gaps: tuple[Gap, ...]
    cost: float
    tokens: int

    @property
    def parallelism(self) -> float:
        """How many nodes ran at once on average over the wall time."""
        return self.work / self.wall if self.wall > 0 else 0.0

    @property
    def idle(self) -> float:
        """Seconds in which nothing ran: what the engine took for itself."""
        return sum(each.seconds for each in self.gaps)


def analyse(actual: Mapping[str, Actual], foreseen: Container[str] | None = None) -> Analysis:
    """Weigh what happened at the nodes of a run, whether or not it has ended.

    `foreseen` are the nodes known when it started; None: those that no other node added.
    Takes O(n log n). Clocks may have jumped: negative times count as none, and a parent
    lasts at least as long as its children.
    """
    if foreseen is None:
        foreseen = {node for node, each in actual.items() if each.parent is None}
    spans = place(actual)
    path = critical_path(spans)
    use = _Use(spans)
    roles = _roles(actual, spans, path, use, foreseen)
    return Analysis(
        nodes=roles,
        children=_children(actual, spans),
        wall=spans.end,
        path=tuple(path),
        path_seconds=sum(path.values()),
        work=sum(each.own for each in roles.values()),
        peak=use.peak,
        gaps=tuple(use.gaps),
        cost=sum(_finite(each.cost) for each in actual.values()),
        tokens=sum(each.tokens for each in actual.values()),
    )


def _roles(
    actual: Mapping[str, Actual],
    spans: Spans,
    path: Mapping[str, float],
    use: _Use,
    foreseen: Container[str],
) -> dict[str, Role]:
    room, together = slack(spans, path), _together(spans)
    cost = sum(_finite(each.cost) for each in actual.values())
    tokens = sum(each.tokens for each in actual.values())
    found = {}
    for node, each in actual.items():
        own, seconds = use.of(node)
        beside, count = together.get(node, ((), 0))
        found[node] = Role(
            span=spans.of.get(node),
            own=own,
            time=_share(seconds, spans.end),
            money=_share(_finite(each.cost), cost),
            tokens=_share(each.tokens, tokens),
            path=path.get(node),
            slack=room.get(node),
            wait=_wait(each, spans.of.get(node), node in foreseen, actual, spans.of),
            beside=beside,
            together=count,
        )
    return found


def analyse_plan(plan: PhysicalPlan, actual: Mapping[str, Actual]) -> Analysis:
    """Weigh a run of a plan; what a node waited for is its inputs where no needs were recorded."""
    found = dict(actual)
    for node in plan.nodes:
        each = found.get(node.id)
        if each is not None and not each.needs:
            needs = tuple(need for need in node.inputs if need != QUESTION)
            found[node.id] = replace(each, needs=needs)
    return analyse(found, {node.id for node in plan.nodes})


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _wait(
    each: Actual,
    span: Span | None,
    early: bool,
    actual: Mapping[str, Actual],
    spans: Mapping[str, Span],
) -> float | None:
    """Return how long after its needs had ended a node started.

    What was added while running without needs may have been added at any time.
    """
    if span is None or not (each.needs or early):
        return None
    known = [need for need in each.needs if need in actual]
    if any(need not in spans or spans[need].open for need in known):
        return None
    return max(0.0, span.start - max((spans[need].end for need in known), default=0.0))


def _children(actual: Mapping[str, Actual], spans: Spans) -> dict[str | None, list[str]]:
    last = (math.inf, math.inf)

    def when(node: str) -> tuple[float, float]:
        span = spans.of.get(node)
        return (span.start, span.end) if span is not None else last

    found: dict[str | None, list[str]] = {}
    parents = parents_of(actual)
    for node in sorted(parents, key=when):
        found.setdefault(parents[node], []).append(node)
    return found


class _Use:
    """How wall time was used: who ran by itself when, how many at once, when nobody.

    `total` at an instant is the time since the start as one of all that ran shared it, so a
    node's share is a difference of two totals.
    """

    def __init__(self, spans: Spans) -> None:
        self._pieces = {node: _own_pieces(spans, node) for node in spans.order}
        pieces = [piece for found in self._pieces.values() for piece in found]
        self.gaps: list[Gap] = []
        self.peak = max(_peak(pieces), 1 if spans.of else 0)
        self._total: dict[float, float] = {}
        change = _changes(pieces)
        total, running, since = 0.0, 0, 0.0
        for instant in sorted(change):
            if running:
                total += (instant - since) / running
            elif instant > since:
                self.gaps.append(Gap(since, instant - since))
            self._total[instant] = total
            running += change[instant]
            since = instant
        if spans.end > since:
            self.gaps.append(Gap(since, spans.end - since))

    def of(self, node: str) -> tuple[float, float]:
        """Return the seconds a node ran by itself, and its share of them."""
        pieces = self._pieces.get(node, ())
        own = sum(each.seconds for each in pieces)
        return own, sum(self._total[each.end] - self._total[each.start] for each in pieces)


def _changes(pieces: Sequence[Span]) -> dict[float, int]:
    """Return by how many more run from each instant on."""
    change: dict[float, int] = {}
    for each in pieces:
        change[each.start] = change.get(each.start, 0) + 1
        change[each.end] = change.get(each.end, 0) - 1
    return change


def _peak(pieces: Sequence[Span]) -> int:
    change = _changes([Span(each.start, each.surely) for each in pieces])
    return max(accumulate(change[instant] for instant in sorted(change)), default=0)


def _own_pieces(spans: Spans, node: str) -> list[Span]:
    """Return when a node ran and nothing inside it did."""
    span = spans.of[node]
    found = []
    at = span.start
    for child in spans.inside.get(node, ()):
        inner = spans.of[child]
        if inner.start > at:
            found.append(Span(at, inner.start))
        at = max(at, inner.end)
    if span.end > at:
        found.append(Span(at, span.end))
    return found


def _together(spans: Spans) -> dict[str, tuple[tuple[str, ...], int]]:
    """Return per node the siblings that ran at the same time: some names and how many."""
    found: dict[str, tuple[tuple[str, ...], int]] = {}
    for siblings in spans.inside.values():
        nodes = [each for each in siblings if spans.of[each].seconds > 0]
        starts = [spans.of[each].start for each in nodes]
        running: dict[str, None] = {}
        ends: list[tuple[float, str]] = []
        for at, node in enumerate(nodes):
            while ends and ends[0][0] <= starts[at]:
                del running[heapq.heappop(ends)[1]]
            end = spans.of[node].surely
            later = bisect_left(starts, end, lo=at + 1)
            names = [*islice(running, NAMED), *nodes[at + 1 : min(later, at + 1 + NAMED)]]
            found[node] = tuple(names[:NAMED]), len(running) + later - at - 1
            running[node] = None
            heapq.heappush(ends, (end, node))
    return found
