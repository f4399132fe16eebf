"""The critical path of a run and how far every node is from it.

Recorded needs say what waited for what. Where none are recorded (steps of a workflow, nodes
held back by a limit) a node is taken to have waited for the one that ended last before it
started, as trace analysis does. The path goes through a parent by way of its children.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence

from motet.planner.spans import TOLERANCE, Span, Spans

NEAR = 8
"""Nodes looked at that ended within the tolerance of an instant, before it is taken exactly."""

Segment = tuple[str, float, float]


def critical_path(spans: Spans) -> dict[str, float]:
    """Return the path in order: node id to the seconds it alone accounts for.

    The seconds sum to the path's length. A parent comes before its children and accounts for
    what they leave; overlapping nodes (one started while the other was still streaming)
    count only once.
    """
    found: dict[str, float] = {}
    stack = _walk(spans, None, spans.end)[::-1]
    while stack:
        node, start, end = stack.pop()
        inner = _walk(spans, node, end) if spans.inside.get(node) else []
        found[node] = end - start - sum(to - since for _, since, to in inner)
        stack.extend(reversed(inner))
    return found


def _walk(spans: Spans, scope: str | None, until: float) -> list[Segment]:
    """Return the path within a scope in order, following it back from its end."""
    nodes = spans.inside.get(scope, ())
    if not nodes:
        return []
    earlier = _earlier(spans.of, nodes)
    found: list[Segment] = []
    seen: set[str] = set()
    at: str | None = _last(spans, nodes)
    while at is not None and at not in seen:
        seen.add(at)
        span = spans.of[at]
        if span.start <= until:
            found.append((at, span.start, min(span.end, until)))
            until = span.start
        needs = spans.before.get(at)
        at = max(needs, key=lambda each: _ended(spans.of[each])) if needs else earlier(at)
    return found[::-1]


def _ended(span: Span) -> tuple[float, float]:
    return span.end, span.start


def _last(spans: Spans, nodes: Sequence[str]) -> str:
    """Return the node that the scope's end waited for.

    Siblings of a failed node are cancelled, so they end after it but are not the cause.
    """
    last = max(nodes, key=lambda each: _ended(spans.of[each]))
    if spans.of[last].status != "cancelled":
        return last
    failed = [each for each in nodes if spans.of[each].status == "failed"]
    if not failed:
        return last
    cause = max(failed, key=lambda each: _ended(spans.of[each]))
    late = spans.of[last].end - spans.of[cause].end
    return cause if late <= max(0.01, 0.01 * spans.end) else last


def _earlier(of: Mapping[str, Span], nodes: Sequence[str]) -> Callable[[str], str | None]:
    """Return a function from a node to the one that ended last before it started."""
    by_end = sorted((of[each].end, of[each].start, each) for each in nodes if of[each].seconds > 0)
    ends = [each[0] for each in by_end]

    def find(node: str) -> str | None:
        start = of[node].start
        near = bisect_right(ends, start + TOLERANCE)
        for place in range(near - 1, max(-1, near - 1 - NEAR), -1):
            if by_end[place][1] < start and by_end[place][2] != node:
                return by_end[place][2]
        exact = bisect_right(ends, start)
        return by_end[exact - 1][2] if exact else None

    return find


def slack(spans: Spans, critical: Mapping[str, float]) -> dict[str, float]:
    """Return by how many seconds each node could have ended later without delaying the run.

    Nodes of the path have none; nodes that have not ended are left out.
    """
    before, after = _edges(spans)
    latest = _latest_ends(spans, before, after)
    found: dict[str, float] = {}
    for node in spans.order:
        outer = spans.scope[node]
        room = found[outer] if outer is not None else 0.0
        own = max(0.0, latest[node] - spans.of[node].end)
        found[node] = 0.0 if node in critical else own + room
    return {node: room for node, room in found.items() if not spans.of[node].open}


def _edges(spans: Spans) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return what each node waited for and what waited for it, recorded or taken from time."""
    before = {node: list(needs) for node, needs in spans.before.items()}
    after: dict[str, list[str]] = {}
    for node, needs in spans.before.items():
        for need in needs:
            after.setdefault(need, []).append(node)
    for nodes in spans.inside.values():
        free = [each for each in nodes if each not in spans.before]
        starts = [spans.of[each].start for each in free]
        for node in nodes:
            if node in after:
                continue
            span = spans.of[node]
            place = bisect_left(starts, span.end - min(TOLERANCE, span.seconds / 2))
            if place < len(free) and starts[place] > span.start:
                after[node] = [free[place]]
                before.setdefault(free[place], []).append(node)
    return before, after


def _latest_ends(
    spans: Spans, before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    ends = {
        scope: max(spans.of[each].end for each in nodes) for scope, nodes in spans.inside.items()
    }
    pending = {node: len(after.get(node, ())) for node in spans.order}
    ready = [node for node, count in pending.items() if count == 0]
    found: dict[str, float] = {}
    for node in ready:  # grows while it is walked
        starts = (found[each] - spans.of[each].seconds for each in after.get(node, ()))
        found[node] = min(starts, default=ends[spans.scope[node]])
        for need in before.get(node, ()):
            pending[need] -= 1
            if pending[need] == 0:
                ready.append(need)
    # What is left waits for itself, which only a damaged record says.
    return {node: found.get(node, spans.of[node].end) for node in spans.order}
