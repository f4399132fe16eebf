"""A plan as a tree of lines: the output first, what it needs below, what happened beside it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from motet.planner import words
from motet.planner.analysis import Actual, Analysis, Role
from motet.planner.plan import QUESTION, Estimate, PhysicalNode, PhysicalPlan
from motet.planner.siblings import Cast, Rest

DEEPEST = 16
"""Levels drawn below each other; what is deeper starts a tree of its own."""
MOST = 400
"""Nodes shown; JSON and the waterfall have all."""
ENDS = 4
"""Nodes named at either end of a long critical path."""
MATTERS = 0.01
"""Share of the wall time from which on a wait or slack is worth a word."""


def to_text(plan: PhysicalPlan, actual: Mapping[str, Actual] | None = None) -> str:
    """Return the plan as a tree, output first, inputs below; `actual` adds what happened."""
    cast = Cast.of(plan, actual)
    lines = [*_head(plan, cast), *(f"warning: {text}" for text in plan.warnings)]
    return "\n".join([*lines, *_Tree(plan, cast).lines()])


def _head(plan: PhysicalPlan, cast: Cast) -> Iterator[str]:
    total, run = plan.estimate, cast.analysis
    first = f"plan for {words.one_line(plan.skill)}: " + (
        f"quality {total.quality:.2f}, {words.seconds(total.seconds)}, "
        f"{words.money(total.cost)} ({words.basis(total)})"
        if words.is_known(total)
        else "not estimated"
    )
    if plan.cached:
        first += ", planned before"
    if run is None or not cast.actual:
        yield first
        return
    yield f"{first}; actual {words.seconds(run.wall)}, {words.money(run.cost)}"
    facts = [
        words.counted(each.status for each in cast.actual.values()),
        f"critical path {words.seconds(run.path_seconds)}",
        f"parallelism {run.parallelism:.1f} (at most {run.peak} at once)",
        f"idle {words.seconds(run.idle)}",
    ]
    yield "; ".join([*facts, *([f"{run.tokens} tokens"] if run.tokens else [])])
    if run.path:
        yield f"* critical path: {_path(run)}"


def _path(run: Analysis) -> str:
    names = [words.one_line(each, 60) for each in run.path]
    if len(names) > 2 * ENDS + 1:
        names[ENDS:-ENDS] = [f"… {len(names) - 2 * ENDS} more …"]
    return " → ".join(names)


class _Tree:
    def __init__(self, plan: PhysicalPlan, cast: Cast) -> None:
        self._plan = plan
        self._cast = cast
        self._printed: set[str] = set()
        self._summed: set[str] = set()
        self._deeper: deque[str] = deque()

    def lines(self) -> Iterator[str]:
        """Return the trees of what nothing else needs, then what no plan foresaw."""
        for root in self._roots():
            yield from self._below(root)
            while self._deeper:
                yield from self._below(self._deeper.popleft())
        added = list(self._steps(None, ""))
        if added:
            yield "added while running:"
            yield from added
        yield from self._not_shown()

    def _roots(self) -> list[str]:
        planned = self._cast.planned
        consumed = {each for node in planned.values() for each in node.inputs}
        first = [self._plan.output] if self._plan.output in planned else []
        return [*first, *(each for each in planned if each not in consumed and each not in first)]

    def _below(self, root: str) -> Iterator[str]:
        stack: list[tuple[str | Rest, str, str]] = [(root, "", "")]
        while stack:
            item, lead, below = stack.pop()
            if isinstance(item, Rest):
                self._summed.update(item.nodes)
                yield f"{lead}{self._rest(item)}"
                continue
            if item in self._printed:
                yield f"{lead}{self._name(item)}  (see above)"
                continue
            if len(self._printed) >= MOST:
                continue
            inputs = self._inputs(item)
            if inputs and len(below) >= 3 * DEEPEST:
                self._deeper.append(item)
                yield f"{lead}{self._name(item)}  (goes on below)"
                continue
            self._printed.add(item)
            yield from self._node(item, lead, below + ("│  " if inputs else "   "))
            for each in reversed(inputs):
                mark, rest = ("└─ ", "   ") if each is inputs[-1] else ("├─ ", "│  ")
                stack.append((each, f"{below}{mark}", f"{below}{rest}"))

    def _inputs(self, node: str) -> list[str | Rest]:
        inputs = dict.fromkeys(self._cast.planned[node].inputs)
        known = [each for each in inputs if each != QUESTION and each in self._cast.planned]
        return self._cast.collapsed(known)

    def _name(self, node: str) -> str:
        return ("* " if self._cast.critical(node) else "") + self._cast.title(node)

    def _rest(self, rest: Rest) -> str:
        kind = words.one_line(rest.operator, 40)
        return f"… {len(rest.nodes):,} more `{kind}`: {self._cast.describe(rest)}"

    def _node(self, node_id: str, lead: str, below: str) -> Iterator[str]:
        node = self._cast.planned[node_id]
        yield f"{lead}{self._name(node_id)}  {_detail(node)}"
        yield f"{below}estimate  {_estimate(node.estimate)}"
        run = self._cast.analysis
        if run is not None:
            yield f"{below}actual    {self._actual(node_id)}"
            role = run.nodes.get(node_id)
            if role is not None and role.together:
                yield f"{below}∥ with    {words.listed(role.beside, role.together)}"
        if node.reason and node.rejected:
            yield f"{below}chosen    {words.one_line(node.reason)}"
        for rejected in node.rejected:
            reason = words.one_line(rejected.reason)
            yield f"{below}rejected  {words.one_line(rejected.choice, 60)}: {reason}"
        yield from (self._part(each, below) for each in self._cast.idle_parts(node_id))
        yield from self._steps(node_id, below)

    def _part(self, node: str, below: str) -> str:
        """Return what is said of a part that did not run."""
        part = self._cast.parts[node]
        facts = [] if self._cast.analysis is None else ["did not run"]
        if part.estimate is not None:
            facts.append(f"estimate {words.expected(part.estimate)}")
        if part.times > 1:
            facts.append(f"up to {part.times} times")
        if part.when:
            facts.append(f"when {words.one_line(part.when)}")
        return f"{below}┊ {self._cast.title(node)}  {', '.join(facts)}"

    def _steps(self, parent: str | None, below: str) -> Iterator[str]:
        """Return what a node added while running, a line each, those inside them further in."""
        nodes = self._cast.collapsed(self._cast.steps(parent))
        stack = [(each, 1) for each in reversed(nodes)]
        while stack:
            item, level = stack.pop()
            lead = below + "┊ " * level
            if isinstance(item, Rest):
                self._summed.update(item.nodes)
                yield f"{lead}{self._rest(item)}"
            elif len(self._printed) < MOST:
                self._printed.add(item)
                yield f"{lead}{self._name(item)}  {self._actual(item)}{self._beside(item)}"
                inner = self._cast.collapsed(self._cast.steps(item)) if level < DEEPEST else []
                stack.extend((each, level + 1) for each in reversed(inner))

    def _beside(self, node: str) -> str:
        assert self._cast.analysis is not None
        role = self._cast.analysis.nodes[node]
        return f", ∥ {words.listed(role.beside, role.together)}" if role.together else ""

    def _actual(self, node: str) -> str:
        run, actual = self._cast.analysis, self._cast.actual.get(node)
        if run is None or actual is None:
            return "did not run"
        return ", ".join(_facts(actual, run.nodes[node], run, self._cast.estimate(node)))

    def _not_shown(self) -> Iterator[str]:
        seen = self._printed | self._summed
        every = dict.fromkeys([*self._cast.planned, *self._cast.actual])
        hidden = [each for each in every if each not in seen]
        if hidden:
            kinds = words.counted(self._cast.operator(each) for each in hidden)
            yield f"not shown: {kinds} (--json has every node, and so has --html)"


def _facts(actual: Actual, role: Role, run: Analysis, estimate: Estimate | None) -> Iterator[str]:
    if role.span is None:
        yield actual.status
        return
    took = words.seconds(role.span.seconds)
    if role.span.open:
        yield f"{actual.status} for at least {took}"
    elif estimate is not None and estimate.seconds > 0:
        yield f"{took} ({words.times(role.span.seconds, estimate.seconds)} the estimate)"
    else:
        yield took
    if role.own < role.span.seconds:
        yield f"{words.seconds(role.own)} by itself"
    yield f"{words.percent(role.time)} of time"
    share = f" ({words.percent(role.money)})" if role.money else ""
    if actual.cost or estimate is not None:
        yield f"{words.money(actual.cost)}{share}"
    if actual.tokens:
        yield f"{actual.tokens} tokens ({words.percent(role.tokens)})"
    if actual.rows is not None:
        yield f"{actual.rows} {'row' if actual.rows == 1 else 'rows'}"
    if actual.attempts > 1:
        yield f"{actual.attempts} attempts"
    if role.wait is not None and role.wait >= MATTERS * run.wall > 0:
        yield f"waited {words.seconds(role.wait)}"
    if role.slack is not None and role.slack >= MATTERS * run.wall > 0:
        yield f"slack {words.seconds(role.slack)}"
    if actual.note:
        yield words.one_line(actual.note)
    if actual.status != "done" and not role.span.open:
        yield actual.status
    if actual.failure:
        yield words.one_line(actual.failure)


def _detail(node: PhysicalNode) -> str:
    shown = {
        name: value
        for name, value in node.arguments.items()
        if name not in ("mode", "model") and not isinstance(value, list | tuple)
    }
    parts = [words.one_line(f"{name}={value}", 60) for name, value in shown.items()]
    return " ".join([*parts, node.effect, *(["pinned"] if node.pinned else [])])


def _estimate(estimate: Estimate) -> str:
    if not words.is_known(estimate):
        return "not estimated"
    expected = words.expected(estimate)
    return f"quality {estimate.quality:.2f}, {expected}, {words.basis(estimate)}"
