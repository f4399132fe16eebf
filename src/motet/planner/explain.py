"""A plan explained: what was chosen, what was rejected and why, and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import nlargest
from typing import Any

from motet.core.json import JSON
from motet.planner.analysis import Actual, Analysis, Role, analyse_plan
from motet.planner.plan import Estimate, PhysicalNode, PhysicalPlan, Rejection
from motet.planner.tree import to_text
from motet.planner.words import operator_in

__all__ = ["Actual", "from_json", "to_json", "to_text"]

GAPS = 10
"""Idle gaps that JSON lists, the longest ones."""


def to_json(plan: PhysicalPlan, actual: Mapping[str, Actual] | None = None) -> dict[str, JSON]:
    """Return the plan as the documented JSON object; `actual` by node id adds what happened."""
    found: dict[str, JSON] = {
        "skill": plan.skill,
        "task": plan.task,
        "cached": plan.cached,
        "output": plan.output,
        "estimate": plan.estimate.to_json(),
        "warnings": list(plan.warnings),
    }
    nodes = {node.id: _node_json(node) for node in plan.nodes}
    if actual is not None:
        run = analyse_plan(plan, actual)
        for node in plan.nodes:
            if node.id in actual:
                happened = _actual_json(actual[node.id], run.nodes[node.id])
                missed = _missed(node.estimate, actual[node.id])
                nodes[node.id]["actual"] = {**happened, "error": missed}
        added = [_added_json(node, actual[node], run) for node in actual if node not in nodes]
        found["analysis"] = {**_analysis_json(run), "added": added}
    return {**found, "nodes": list(nodes.values())}


def _node_json(node: PhysicalNode) -> dict[str, JSON]:
    return {
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


def _added_json(node: str, actual: Actual, run: Analysis) -> dict[str, JSON]:
    happened = _actual_json(actual, run.nodes[node])
    return {
        "id": node,
        "operator": actual.operator or operator_in(node),
        "choice": actual.choice,
        "actual": happened,
    }


def _actual_json(actual: Actual, role: Role) -> dict[str, JSON]:
    return {
        "status": actual.status,
        "started": round(actual.started, 6),
        "seconds": round(actual.seconds, 6),
        "tokens": actual.tokens,
        "cost_usd": round(actual.cost, 8),
        "rows": actual.rows,
        "note": actual.note,
        "failure": actual.failure,
        "attempts": actual.attempts,
        "parent": actual.parent,
        "needs": list(actual.needs),
        "own_seconds": round(role.own, 6),
        "shares": {
            "time": round(role.time, 6),
            "cost": round(role.money, 6),
            "tokens": round(role.tokens, 6),
        },
        "critical": role.critical,
        "critical_seconds": round(role.path or 0.0, 6),
        "slack_seconds": None if role.slack is None else round(role.slack, 6),
        "wait_seconds": None if role.wait is None else round(role.wait, 6),
        "together": {"count": role.together, "nodes": list(role.beside)},
    }


def _missed(estimate: Estimate, actual: Actual) -> dict[str, JSON]:
    return {
        "seconds": round(actual.seconds - estimate.seconds, 6),
        "tokens": actual.tokens - estimate.tokens,
        "cost_usd": round(actual.cost - estimate.cost, 8),
    }


def _analysis_json(run: Analysis) -> dict[str, JSON]:
    longest = set(nlargest(GAPS, run.gaps, key=lambda each: each.seconds))
    gaps = [each for each in run.gaps if each in longest]
    return {
        "wall_seconds": round(run.wall, 6),
        "work_seconds": round(run.work, 6),
        "parallelism": round(run.parallelism, 4),
        "peak": run.peak,
        "critical_path": list(run.path),
        "critical_seconds": round(run.path_seconds, 6),
        "idle_seconds": round(run.idle, 6),
        "gaps": [
            {"started": round(each.started, 6), "seconds": round(each.seconds, 6)} for each in gaps
        ],
        "cost_usd": round(run.cost, 8),
        "tokens": run.tokens,
    }


def from_json(value: Mapping[str, Any]) -> PhysicalPlan:
    """Return the plan that `to_json` wrote, in this version or an earlier one."""
    return PhysicalPlan(
        skill=value["skill"],
        nodes=tuple(_read_node(node) for node in value["nodes"]),
        output=value["output"],
        estimate=Estimate.from_json(value["estimate"]),
        warnings=tuple(value.get("warnings", ())),
        task=value.get("task", ""),
        cached=value.get("cached", False),
    )


def _read_node(value: Mapping[str, Any]) -> PhysicalNode:
    rejected = tuple(
        Rejection(
            each["choice"],
            each["reason"],
            Estimate.from_json(each["estimate"]) if each.get("estimate") else None,
        )
        for each in value.get("rejected", ())
    )
    return PhysicalNode(
        **{k: value[k] for k in ("id", "operator", "method", "choice", "effect")},
        inputs=tuple(value["inputs"]),
        arguments=value["arguments"],
        estimate=Estimate.from_json(value["estimate"]),
        reason=value.get("reason", ""),
        rejected=rejected,
        pinned=value.get("pinned", False),
    )
