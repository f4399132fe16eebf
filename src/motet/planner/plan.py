"""A plan is data: frozen nodes in an order in which inputs come first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from motet.core.json import JSON

Effect = Literal["pure", "read", "idempotent", "once"]
Basis = Literal["prior", "measured"]
QUESTION = "question"
"""The input every plan starts from; it is not a node."""


@dataclass(frozen=True, slots=True)
class Node:
    """An operator applied to the outputs of other nodes (or the question), no choice made."""

    id: str
    operator: str
    inputs: tuple[str, ...]
    arguments: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogicalPlan:
    """Nodes without choices; `output` names the node whose value is the result."""

    skill: str
    nodes: tuple[Node, ...]
    output: str

    def node(self, node_id: str) -> Node:
        """Return a node. Raises KeyError."""
        for each in self.nodes:
            if each.id == node_id:
                return each
        raise KeyError(node_id)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a node or plan is expected to give and take.

    `quality` 0 to 1, `seconds` the median with `low` to `high` holding 80%, `cost` in USD
    (nine in ten stay below `cost_high`), `tokens` in and out together, `calls` of models.
    `basis` says whether time and money were measured, on `samples` nodes; `scored` is how
    many evaluated ones stand behind `quality`, whose 80% interval ends at `quality_low` and
    `quality_high`.
    """

    quality: float
    seconds: float
    low: float
    high: float
    cost: float
    tokens: int
    basis: Basis
    samples: int = 0
    quality_low: float = 0.0
    quality_high: float = 1.0
    scored: int = 0
    cost_high: float = 0.0
    calls: int = 0

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {_NAMES.get(each, each): getattr(self, each) for each in _FIELDS}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Estimate:
        """Return what `to_json` wrote, also as earlier versions did, with fewer members."""
        named = {each: _NAMES.get(each, each) for each in _FIELDS}
        return cls(**{each: value[name] for each, name in named.items() if name in value})


_FIELDS = tuple(Estimate.__dataclass_fields__)
_NAMES = {
    "low": "seconds_low",
    "high": "seconds_high",
    "cost": "cost_usd",
    "cost_high": "cost_high_usd",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A step that a composite node takes: `needs` are parts, `when` says in which case.

    Its node in the journal is `<node>/<id>`; of a repeated one, `<node>/<id>.<number>`.
    """

    id: str
    operator: str
    method: str
    choice: str
    effect: Effect
    needs: tuple[str, ...] = ()
    arguments: Mapping[str, JSON] = field(default_factory=dict)
    times: int = 1
    when: str = ""
    estimate: Estimate | None = None

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "id": self.id,
            "operator": self.operator,
            "method": self.method,
            "choice": self.choice,
            "effect": self.effect,
            "needs": list(self.needs),
            "arguments": dict(self.arguments),
            "times": self.times,
            "when": self.when,
            "estimate": self.estimate.to_json() if self.estimate else None,
        }


def parts_of(arguments: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return the parts that a composite node's arguments hold; none for a simple node."""
    found = []
    for value in arguments.get("parts", ()):
        estimate = Estimate.from_json(value["estimate"]) if value["estimate"] else None
        found.append(Part(**{**value, "needs": tuple(value["needs"]), "estimate": estimate}))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to carry out an operator. `unavailable` says why it cannot run now.

    A composite one takes several `parts`.
    """

    choice: str
    method: str
    estimate: Estimate
    arguments: Mapping[str, JSON] = field(default_factory=dict)
    unavailable: str | None = None
    parts: Sequence[Part] = ()

    def recorded(self) -> Mapping[str, JSON]:
        """Return the arguments with the parts among them, as a plan carries them."""
        if not self.parts:
            return self.arguments
        return {**self.arguments, "parts": [each.to_json() for each in self.parts]}


@dataclass(frozen=True, slots=True)
class Rejection:
    """An alternative that was not chosen, and why."""

    choice: str
    reason: str
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class PhysicalNode:
    """A node with every choice made: `method` names the code that runs it."""

    id: str
    operator: str
    method: str
    choice: str
    inputs: tuple[str, ...]
    arguments: Mapping[str, JSON]
    effect: Effect
    estimate: Estimate
    reason: str = ""
    rejected: tuple[Rejection, ...] = ()
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class PhysicalPlan:
    """What will run. `warnings` are for a person (a constraint that priors say is missed).

    `task` is the kind of request that statistics tell apart; `cached` says that it was planned
    for an earlier question of the same shape.
    """

    skill: str
    nodes: tuple[PhysicalNode, ...]
    output: str
    estimate: Estimate
    warnings: tuple[str, ...] = ()
    task: str = ""
    cached: bool = field(default=False, compare=False)

    def node(self, node_id: str) -> PhysicalNode:
        """Return a node. Raises KeyError."""
        for each in self.nodes:
            if each.id == node_id:
                return each
        raise KeyError(node_id)
