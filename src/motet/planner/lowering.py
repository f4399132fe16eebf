"""A written plan as the planner and `explain` see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from motet.core.json import JSON, dumps
from motet.planner.plan import Effect, Estimate, PhysicalNode, PhysicalPlan

METHOD = "python"
"""The method of operators that people write; the choice is the function."""
UNKNOWN = Estimate(quality=1.0, seconds=0.0, low=0.0, high=0.0, cost=0.0, tokens=0, basis="prior")
SHOWN = 60


def lowered(
    plan: Mapping[str, JSON], estimates: Mapping[str, Estimate] | None = None
) -> PhysicalPlan:
    """Return a recorded plan (`written.Plan.to_json`) as a physical plan.

    `estimates` by node id; a node without one is taken to cost nothing, as a prior. What is
    wanted of several nodes hangs under one node `want`.
    """
    known = estimates or {}
    table = cast("Sequence[Mapping[str, str]]", plan["operators"])
    nodes = [
        _node(each, table[each["operator"]], known)
        for each in cast("Sequence[Mapping[str, Any]]", plan["nodes"])
    ]
    wanted = list(dict.fromkeys(_references(plan["want"])))
    if len(wanted) == 1:
        output = wanted[0]
    else:
        inputs = tuple(wanted) or tuple(each.id for each in nodes)
        output = "want"
        nodes.append(_plain_node("want", "want", "", inputs, {}, "pure", UNKNOWN))
    total = _total(nodes)
    return PhysicalPlan(cast(str, plan["plan"]), tuple(nodes), output, total)


def choice(operator: Mapping[str, str]) -> str:
    """Return how statistics and people know a function: module and qualified name."""
    return f"{operator['module']}.{operator['qualname']}".replace(".<locals>", "")


def _node(
    found: Mapping[str, Any], operator: Mapping[str, str], known: Mapping[str, Estimate]
) -> PhysicalNode:
    args, kwargs = found["args"], found.get("kwargs", {})
    needs = tuple(dict.fromkeys(_references([args, kwargs])))
    shown: dict[str, JSON] = {str(at): _short(each) for at, each in enumerate(args)}
    shown |= {name: _short(each) for name, each in kwargs.items()}
    estimate = known.get(found["id"], UNKNOWN)
    return _plain_node(
        found["id"], operator["name"], choice(operator), needs, shown, operator["effect"], estimate
    )


def _plain_node(
    node: str,
    operator: str,
    choice: str,
    inputs: tuple[str, ...],
    arguments: Mapping[str, JSON],
    effect: str,
    estimate: Estimate,
) -> PhysicalNode:
    return PhysicalNode(
        id=node,
        operator=operator,
        method=METHOD,
        choice=choice,
        inputs=inputs,
        arguments=arguments,
        effect=cast(Effect, effect),
        estimate=estimate,
    )


def _references(value: object) -> list[str]:
    if isinstance(value, Mapping):
        if len(value) == 1 and "$ref" in value:
            return [cast("list[str]", value["$ref"])[0]]
        return [each for part in value.values() for each in _references(part)]
    if isinstance(value, list):
        return [each for part in value for each in _references(part)]
    return []


def _short(value: JSON) -> JSON:
    """Return an argument as a person reads it in a tree."""
    if isinstance(value, Mapping) and "$ref" in value:
        node, *path = cast("list[str | int]", value["$ref"])
        return f"${node}" + "".join(f"[{each!r}]" for each in path)
    text = dumps(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _total(nodes: Sequence[PhysicalNode]) -> Estimate:
    """Return the plan's estimate: the longest path for time, the sum for money and tokens."""
    ends: dict[str, tuple[float, float, float]] = {}
    quality = 1.0
    for node in nodes:
        before = [ends[each] for each in node.inputs if each in ends]
        start = tuple(max((each[i] for each in before), default=0.0) for i in range(3))
        estimate = node.estimate
        ends[node.id] = (
            start[0] + estimate.seconds,
            start[1] + estimate.low,
            start[2] + estimate.high,
        )
        quality *= estimate.quality
    measured = bool(nodes) and all(each.estimate.basis == "measured" for each in nodes)
    return Estimate(
        quality=quality,
        seconds=max((each[0] for each in ends.values()), default=0.0),
        low=max((each[1] for each in ends.values()), default=0.0),
        high=max((each[2] for each in ends.values()), default=0.0),
        cost=sum(each.estimate.cost for each in nodes),
        tokens=sum(each.estimate.tokens for each in nodes),
        basis="measured" if measured else "prior",
        samples=min((each.estimate.samples for each in nodes), default=0) if measured else 0,
    )
