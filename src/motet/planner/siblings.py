"""Many siblings of one operator, shown as the few that matter and a line on the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from motet.planner import words
from motet.planner.analysis import Actual, Analysis, analyse_plan
from motet.planner.plan import Estimate, Part, PhysicalNode, PhysicalPlan, parts_of

SHOWN = 8
"""Siblings of one operator that are shown one by one."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Siblings of one operator that are shown together."""

    operator: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """The nodes of a plan and of its run; `analysis` is None before it ran.

    `parts` are what composite nodes are made of, by the ids their nodes have when they run.
    """

    planned: Mapping[str, PhysicalNode]
    parts: Mapping[str, Part]
    actual: Mapping[str, Actual]
    analysis: Analysis | None

    @classmethod
    def of(cls, plan: PhysicalPlan, actual: Mapping[str, Actual] | None) -> Cast:
        """Gather the nodes of a plan and, where it ran, weigh what happened."""
        parts = {f"{node.id}/{part.id}": part for node in plan.nodes for part in _parts(node)}
        analysis = analyse_plan(plan, actual) if actual is not None else None
        return cls({node.id: node for node in plan.nodes}, parts, actual or {}, analysis)

    def part(self, node: str) -> Part | None:
        """Return the part of a composite node that a node carried out."""
        return self.parts.get(node) or self.parts.get(words.unnumbered(node))

    def operator(self, node: str) -> str:
        """Return the name of a node's operator: as planned, as recorded, or as its id says."""
        known = self.planned.get(node) or self.part(node)
        if known is not None:
            return known.operator
        actual = self.actual.get(node)
        return actual.operator if actual and actual.operator else words.operator_in(node)

    def choice(self, node: str) -> str:
        """Return what was chosen to carry out a node, empty where nobody said."""
        actual = self.actual.get(node)
        if actual is not None and actual.choice:
            return actual.choice
        known = self.planned.get(node) or self.part(node)
        return known.choice if known is not None else ""

    def title(self, node: str) -> str:
        """Return a node's id, operator and choice as one name."""
        return words.title(node, self.operator(node), self.choice(node))

    def estimate(self, node: str) -> Estimate | None:
        """Return what was expected of a node, None where nothing was."""
        known = self.planned.get(node) or self.part(node)
        found = known.estimate if known is not None else None
        return found if found is not None and words.is_known(found) else None

    def idle_parts(self, node: str) -> list[str]:
        """Return the parts of a composite node that did not run, or not yet."""
        ran = {words.unnumbered(each) for each in self.steps(node)} | set(self.steps(node))
        names = (f"{node}/{each.id}" for each in _parts(self.planned[node]))
        return [each for each in names if each not in ran]

    def critical(self, node: str) -> bool:
        """Whether a node is on the critical path."""
        return (
            self.analysis is not None
            and node in self.analysis.nodes
            and (self.analysis.nodes[node].critical)
        )

    def steps(self, node: str | None) -> list[str]:
        """Return the nodes that a node added while it ran."""
        children = self.analysis.children.get(node, ()) if self.analysis else ()
        return [each for each in children if each not in self.planned]

    def seconds(self, nodes: Sequence[str]) -> list[float]:
        """Return how long the nodes that ran took; before a run, how long they are to take."""
        if self.analysis is None:
            estimates = (self.estimate(each) for each in nodes)
            return [each.seconds for each in estimates if each is not None]
        roles = (self.analysis.nodes.get(each) for each in nodes)
        return [each.span.seconds for each in roles if each is not None and each.span is not None]

    def describe(self, rest: Rest) -> str:
        """Return what can be said of siblings together: durations, and what is not done."""
        durations = self.seconds(rest.nodes)
        if self.analysis is None:
            return f"estimated {words.spread(durations)}" if durations else "not estimated"
        text = words.spread(durations) if durations else "none ran"
        states = (self.actual[each].status for each in rest.nodes if each in self.actual)
        odd = words.counted(each for each in states if each != "done")
        return f"{text}, {odd}" if odd else text

    def collapsed(self, nodes: Sequence[str], shown: int = SHOWN) -> list[str | Rest]:
        """Return the nodes in order; of many of one operator the few that matter, then the rest.

        What is on the critical path matters most, then what failed or is not done, then
        what took longest.
        """
        found: list[str | Rest] = []
        for operator, group in _by(self.operator, nodes).items():
            if len(group) <= shown:
                continue
            kept = set(sorted(group, key=self._matter, reverse=True)[:shown])
            found.append(Rest(operator, tuple(each for each in group if each not in kept)))
        hidden = {each for rest in found if isinstance(rest, Rest) for each in rest.nodes}
        return [*(each for each in nodes if each not in hidden), *found]

    def _matter(self, node: str) -> tuple[bool, bool, float]:
        actual = self.actual.get(node)
        odd = actual is not None and actual.status != "done"
        return self.critical(node), odd, sum(self.seconds((node,)))


def _parts(node: PhysicalNode) -> tuple[Part, ...]:
    """Return what a composite node is made of; a function's argument may be named `parts` too."""
    return () if isinstance(node.arguments.get("parts"), str) else parts_of(node.arguments)


def _by(key: Callable[[str], str], nodes: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in nodes:
        found.setdefault(key(node), []).append(node)
    return found
