"""Runs and nodes as recorded, read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from motet.core.clock import iso
from motet.core.deltas import Delta, apply
from motet.core.errors import StoreError
from motet.core.json import JSON
from motet.planner.explain import Actual, from_json, to_json, to_text
from motet.planner.lowering import lowered
from motet.planner.plan import PhysicalPlan

FINAL = frozenset(("done", "failed", "cancelled"))


@dataclass(frozen=True, slots=True)
class Usage:
    """What a node used. `rows` is how many rows or passages it gave."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    rows: int | None = None
    note: str = ""

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost_usd + other.cost_usd,
            self.rows if other.rows is None else other.rows,
            other.note or self.note,
        )


@dataclass(frozen=True, slots=True)
class Span:
    """A node's row as its span; `started` in epoch seconds, `seconds` None while it runs.

    `needs` are the nodes it waited for, `parent` the one that added it, `call` its operator
    and arguments where the plan does not tell. `text` is the value as JSON text.
    """

    node: str
    span_id: str
    operator: str
    method: str
    choice: str
    status: str
    started: float
    seconds: float | None
    usage: Usage
    text: str | None
    error: str | None
    parent: str | None = None
    needs: tuple[str, ...] = ()
    task: str = ""
    effect: str = "read"
    attempts: int = 1
    call: Mapping[str, JSON] | None = None

    @property
    def value(self) -> JSON:
        """The value as recorded: plain JSON, tags and all."""
        found: JSON = None if self.text is None else json.loads(self.text)
        return found

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "node": self.node,
            "parent": self.parent,
            "needs": list(self.needs),
            "span_id": self.span_id,
            "operator": self.operator,
            "method": self.method,
            "choice": self.choice,
            "effect": self.effect,
            "status": self.status,
            "started": iso(self.started),
            "seconds": self.seconds,
            "attempts": self.attempts,
            "input_tokens": self.usage.input_tokens,
            "output_tokens": self.usage.output_tokens,
            "cost_usd": self.usage.cost_usd,
            "rows": self.usage.rows,
            "note": self.usage.note,
            "value": self.value,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class Record:
    """A run as recorded.

    `kind` is `system` (then `plan` is `planner.explain.to_json`'s object) or `plan` (then it
    is a written plan's). `shape` is a hash that equal plans share; `code` the kind of error;
    `origin` the run it was forked from. `plan_text` is the plan as
    JSON text, where it is at hand.
    """

    id: str
    trace_id: str
    span_id: str
    system: str
    skill: str
    question: str
    plan: Mapping[str, JSON]
    status: str
    started: float
    seconds: float | None
    value: JSON
    error: str | None
    kind: str = "system"
    shape: str = ""
    code: str = ""
    origin: str = ""
    extra: Mapping[str, JSON] = field(default_factory=dict)
    nodes: tuple[Span, ...] = ()
    plan_text: str | None = None

    def actual(self) -> dict[str, Actual]:
        """Return what happened, by node id, as `explain --analyze` shows it."""
        return {
            span.node: Actual(
                status=span.status,
                started=span.started - self.started,
                seconds=span.seconds or 0.0,
                tokens=span.usage.input_tokens + span.usage.output_tokens,
                cost=span.usage.cost_usd,
                rows=span.usage.rows,
                note=span.usage.note,
                needs=span.needs,
                parent=span.parent,
                attempts=span.attempts,
                failure=span.error or "",
                operator=span.operator,
                choice=span.choice,
            )
            for span in self.nodes
        }

    def physical(self) -> PhysicalPlan:
        """Return the plan as explained: of a system, or of what a person wrote."""
        return from_json(self.plan) if self.kind == "system" else lowered(self.plan)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the planner warned of."""
        return self.physical().warnings

    def explained(self) -> str:
        """Return the plan with what happened beside it."""
        return to_text(self.physical(), self.actual())

    def to_json(self) -> dict[str, JSON]:
        """Return the whole run as the documented JSON object."""
        plan = to_json(self.physical(), self.actual())
        spans: list[JSON] = [each.to_json() for each in self.nodes]
        return {
            **self.summary(),
            "trace_id": self.trace_id,
            "span_id": self.span_id,
            "skill": self.skill,
            "plan": plan,
            "spans": spans,
            "answer": self.value,
        }

    def summary(self) -> dict[str, JSON]:
        """Return the object that lists of runs show."""
        value = self.value if isinstance(self.value, Mapping) else {}
        return {
            "id": self.id,
            "system": self.system,
            "question": self.question,
            "status": self.status,
            "started": iso(self.started),
            "seconds": self.seconds,
            "model": value.get("model"),
            "abstained": value.get("abstained"),
            "error": self.error,
        }


def restored(node: str, found: Mapping[str, tuple[str | None, str]]) -> str | None:
    """Return a node's value from the text kept and what it was kept against.

    `found` maps node ids to (text, base); base is empty or JSON `[node, head, tail]`. Chains
    are followed without recursion. Raises `StoreError` where a base is missing.
    """
    chain: list[tuple[str, int, int]] = []
    current = node
    while True:
        entry = found.get(current)
        if entry is None:
            raise StoreError(f"the value of '{node}' builds on '{current}', which is missing")
        text, base = entry
        if not base or text is None:
            break
        below, head, tail = json.loads(base)
        chain.append((text, head, tail))
        current = below
    for middle, head, tail in reversed(chain):
        text = apply(text or "", Delta(head, tail, middle))
    return text
