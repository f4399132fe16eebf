"""A plan in words: the tree, what was chosen, what was rejected and why, and what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from motet.core.json import JSON
from motet.planner.analysis import Actual as Actual
from motet.planner.plan import QUESTION, Estimate, PhysicalNode, PhysicalPlan, Rejection


def to_json(plan: PhysicalPlan, actual: Mapping[str, Actual] | None = None) -> dict[str, JSON]:
    """Return the plan as the documented JSON object; `actual` by node id adds what happened."""
    return {
        "skill": plan.skill,
        "output": plan.output,
        "estimate": plan.estimate.to_json(),
        "warnings": list(plan.warnings),
        "nodes": [_node_json(node, (actual or {}).get(node.id)) for node in plan.nodes],
    }


def _node_json(node: PhysicalNode, actual: Actual | None) -> dict[str, JSON]:
    found: dict[str, JSON] = {
        "id": node.id,
        "operator": node.operator,
        "method": node.method,
        "choice": node.choice,
        "inputs": list(node.inputs),
        "arguments": dict(node.arguments),
        "effect": node.effect,
        "estimate": node.estimate.to_json(),
        "reason": node.reason,
        "pinned": node.pinned,
        "rejected": [
            {
                "choice": each.choice,
                "reason": each.reason,
                "estimate": each.estimate.to_json() if each.estimate else None,
            }
            for each in node.rejected
        ],
    }
    if actual is not None:
        found["actual"] = _actual_json(node.estimate, actual)
    return found


def _actual_json(estimate: Estimate, actual: Actual) -> dict[str, JSON]:
    return {
        "status": actual.status,
        "started": round(actual.started, 6),
        "seconds": round(actual.seconds, 6),
        "tokens": actual.tokens,
        "cost_usd": round(actual.cost, 8),
        "rows": actual.rows,
        "note": actual.note,
        "error": {
            "seconds": round(actual.seconds - estimate.seconds, 6),
            "tokens": actual.tokens - estimate.tokens,
            "cost_usd": round(actual.cost - estimate.cost, 8),
        },
    }


def from_json(value: Mapping[str, Any]) -> PhysicalPlan:
    """Return the plan that `to_json` wrote."""
    return PhysicalPlan(
        skill=value["skill"],
        nodes=tuple(_read_node(node) for node in value["nodes"]),
        output=value["output"],
        estimate=Estimate.from_json(value["estimate"]),
        warnings=tuple(value["warnings"]),
    )


def _read_node(value: Mapping[str, Any]) -> PhysicalNode:
    rejected = tuple(
        Rejection(
            each["choice"],
            each["reason"],
            Estimate.from_json(each["estimate"]) if each["estimate"] else None,
        )
        for each in value["rejected"]
    )
    plain = {k: value[k] for k in ("id", "operator", "method", "choice", "effect", "reason")}
    return PhysicalNode(
        **plain,
        inputs=tuple(value["inputs"]),
        arguments=value["arguments"],
        estimate=Estimate.from_json(value["estimate"]),
        rejected=rejected,
        pinned=value["pinned"],
    )


def to_text(plan: PhysicalPlan, actual: Mapping[str, Actual] | None = None) -> str:
    """Return the plan as a tree, output first, inputs below."""
    total = plan.estimate
    lines = [
        f"plan for {plan.skill}: quality {total.quality:.2f}, {_seconds(total.seconds)}, "
        f"{_money(total.cost)} ({_basis(total)})"
    ]
    if actual:
        took = max((a.started + a.seconds for a in actual.values()), default=0.0)
        spent = sum(a.cost for a in actual.values())
        lines[0] += f"; actual {_seconds(took)}, {_money(spent)}"
    lines += [f"warning: {text}" for text in plan.warnings]
    lines += _tree(plan, plan.output, actual or {}, "", "")
    return "\n".join(lines)


def _tree(
    plan: PhysicalPlan, node_id: str, actual: Mapping[str, Actual], lead: str, below: str
) -> Iterator[str]:
    node = plan.node(node_id)
    inputs = [each for each in node.inputs if each != QUESTION]
    bar = "│  " if inputs else "   "
    yield f"{lead}{node.operator}: {node.choice}  {_detail(node)}"
    yield f"{below}{bar}estimate  {_estimate(node.estimate)}"
    if node.id in actual:
        yield f"{below}{bar}actual    {_actual(node.estimate, actual[node.id])}"
    if node.reason and node.rejected:
        yield f"{below}{bar}chosen    {node.reason}"
    for rejected in node.rejected:
        yield f"{below}{bar}rejected  {rejected.choice}: {rejected.reason}"
    for position, each in enumerate(inputs):
        last = position == len(inputs) - 1
        mark, rest = ("└─ ", "   ") if last else ("├─ ", "│  ")
        yield from _tree(plan, each, actual, f"{below}{mark}", f"{below}{rest}")


def _detail(node: PhysicalNode) -> str:
    shown = {k: v for k, v in node.arguments.items() if k not in ("mode", "model")}
    words = [f"{key}={value}" for key, value in shown.items()]
    return " ".join([*words, node.effect, *(["pinned"] if node.pinned else [])])


def _estimate(estimate: Estimate) -> str:
    span = f"{_seconds(estimate.seconds)} ({_seconds(estimate.low)} to {_seconds(estimate.high)})"
    tokens = f", {estimate.tokens} tokens" if estimate.tokens else ""
    money = _money(estimate.cost)
    return f"quality {estimate.quality:.2f}, {span}, {money}{tokens}, {_basis(estimate)}"


def _actual(estimate: Estimate, actual: Actual) -> str:
    parts = [_seconds(actual.seconds)]
    if estimate.seconds > 0:
        parts[0] += f" ({actual.seconds / estimate.seconds:.1f}x the estimate)"
    parts.append(_money(actual.cost))
    if actual.tokens:
        parts.append(f"{actual.tokens} tokens")
    if actual.rows is not None:
        parts.append(f"{actual.rows} rows")
    if actual.note:
        parts.append(actual.note)
    if actual.status != "done":
        parts.append(actual.status)
    return ", ".join(parts)


def _basis(estimate: Estimate) -> str:
    return f"measured on {estimate.samples}" if estimate.basis == "measured" else "prior"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"


def _money(value: float) -> str:
    return f"${value:.4f}" if value else "$0"
