"""When nodes ran, made consistent: whatever clocks and crashes left, a parent holds its children.

Times are seconds after the run's start. A node's scope is the node inside which it ran; what
outlived its parent ran inside the parent's own scope.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

TOLERANCE = 1e-4
"""Seconds by which two instants may differ and still be the same: clocks are not that exact."""
OPEN = frozenset(("running", "paused"))


class Ran(Protocol):
    """What must be known of a node to place it in time."""

    @property
    def status(self) -> str: ...
    @property
    def started(self) -> float: ...
    @property
    def seconds(self) -> float: ...
    @property
    def needs(self) -> tuple[str, ...]: ...
    @property
    def parent(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Span:
    """When a node ran; one that is `open` ran at least until `end`."""

    start: float
    end: float
    status: str = "done"

    @property
    def seconds(self) -> float:
        """How long it ran."""
        return self.end - self.start

    @property
    def surely(self) -> float:
        """Until when it ran even if clocks are a little off."""
        return self.end - min(TOLERANCE, self.seconds / 10)

    @property
    def open(self) -> bool:
        """Whether it had not ended when it was last heard of."""
        return self.status in OPEN


@dataclass(frozen=True, slots=True)
class Spans:
    """The spans of a run.

    `of` by node id, without nodes that never started; `scope` and its reverse `inside` (in
    the order of start; None holds what ran by itself); `before` what each node waited for, in
    terms of its own scope; `order` has scopes before what ran inside them; `end` is when the
    last node ended.
    """

    of: Mapping[str, Span]
    scope: Mapping[str, str | None]
    inside: Mapping[str | None, Sequence[str]]
    before: Mapping[str, Sequence[str]]
    order: Sequence[str]
    end: float


def place(actual: Mapping[str, Ran]) -> Spans:
    """Place what happened in time."""
    parents = parents_of(actual)
    recorded = _recorded(actual)
    scope = _scopes(actual, parents, recorded)
    order = _outside_in(scope)
    spans = _stretched(recorded, scope, order, actual)
    scope = {node: scope[node] for node in order if node in spans}
    inside: dict[str | None, list[str]] = {}
    for node in sorted(scope, key=lambda each: (spans[each].start, spans[each].end)):
        inside.setdefault(scope[node], []).append(node)
    end = max((each.end for each in spans.values()), default=0.0)
    return Spans(spans, scope, inside, _before(actual, parents, scope), tuple(scope), end)


def parents_of(actual: Mapping[str, Ran]) -> dict[str, str | None]:
    """Return each node's nearest recorded parent; loops are cut."""
    found: dict[str, str | None] = {}
    for node, each in actual.items():
        parent = each.parent
        while parent is not None and parent not in actual:
            parent = parent.rpartition("/")[0] or None
        found[node] = parent
    safe: set[str] = set()
    for node in found:
        trail: set[str] = set()
        at: str | None = node
        while at is not None and at not in safe and at not in trail:
            trail.add(at)
            at = found[at]
        if at is not None and at in trail:
            found[at] = None
        safe |= trail
    return found


def _recorded(actual: Mapping[str, Ran]) -> dict[str, Span]:
    found: dict[str, Span] = {}
    for node, each in actual.items():
        if each.status != "waiting":
            start = _positive(each.started)
            # To the nanosecond, so that sums of the same times are the same instant.
            end = round(start + _positive(each.seconds), 9)
            found[node] = Span(round(start, 9), end, each.status)
    horizon = max((each.end for each in found.values()), default=0.0)
    for node, span in found.items():
        if span.open:
            found[node] = Span(span.start, horizon, span.status)
    return found


def _positive(seconds: float) -> float:
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0


def _scopes(
    actual: Mapping[str, Ran], parents: Mapping[str, str | None], spans: Mapping[str, Span]
) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for node in _outside_in(parents):
        scope = parents[node]
        while scope is not None and _outlived(spans.get(node), spans.get(scope), actual[scope]):
            scope = found[scope]
        found[node] = scope
    return found


def _outlived(inner: Span | None, outer: Span | None, ran: Ran) -> bool:
    """Whether a node went on after its parent was done; by a little may be the clock."""
    if inner is None or outer is None or ran.status != "done":
        return False
    return inner.end > outer.end + max(1e-3, 0.01 * outer.seconds)


def _outside_in(parents: Mapping[str, str | None]) -> list[str]:
    children: dict[str | None, list[str]] = {}
    for node, parent in parents.items():
        children.setdefault(parent, []).append(node)
    found = list(children.get(None, ()))
    for node in found:  # grows while it is walked
        found.extend(children.get(node, ()))
    return found


def _stretched(
    recorded: Mapping[str, Span],
    scope: Mapping[str, str | None],
    order: Sequence[str],
    actual: Mapping[str, Ran],
) -> dict[str, Span]:
    """Return spans that hold what ran inside them.

    A parent killed and resumed started anew, after its finished children; one that was
    cancelled may have no end.
    """
    found = dict(recorded)
    for node in reversed(order):
        outer, span = scope[node], found.get(node)
        if outer is None or span is None:
            continue
        own = found.get(outer, Span(span.start, span.end, actual[outer].status))
        found[outer] = Span(min(own.start, span.start), max(own.end, span.end), own.status)
    return found


def _before(
    actual: Mapping[str, Ran], parents: Mapping[str, str | None], scope: Mapping[str, str | None]
) -> dict[str, list[str]]:
    depth: dict[str, int] = {}
    for node, outer in scope.items():  # outside in
        depth[node] = 0 if outer is None else depth[outer] + 1
    found: dict[str, list[str]] = {}
    for node in scope:
        needs: Iterable[str] = actual[node].needs
        parent = parents[node]
        if not needs and parent is not None and parent != scope[node]:
            needs = (parent,)  # it outlived its parent, so it came after it
        for need in needs:
            pair = _siblings(need, node, scope, depth) if need in scope else None
            if pair is not None:
                found.setdefault(pair[1], []).append(pair[0])
    return found


def _siblings(
    first: str, second: str, scope: Mapping[str, str | None], depth: Mapping[str, int]
) -> tuple[str, str] | None:
    """Return what holds them and shares a scope; None where one holds the other."""
    left: str | None = first
    right: str | None = second
    while left is not None and right is not None and left != right:
        if depth[left] > depth[right]:
            left = scope[left]
        elif depth[right] > depth[left]:
            right = scope[right]
        elif scope[left] == scope[right]:
            return left, right
        else:
            left, right = scope[left], scope[right]
    return None
