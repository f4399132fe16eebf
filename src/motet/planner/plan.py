"""A plan is data: frozen nodes in an order in which inputs come first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

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

    `quality` 0 to 1, `seconds` the median with `low` to `high` holding 80%, `cost` in USD,
    `tokens` in and out together. `basis` says whether it was measured, on `samples` nodes.
    """

    quality: float
    seconds: float
    low: float
    high: float
    cost: float
    tokens: int
    basis: Basis
    samples: int = 0

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "quality": self.quality,
            "seconds": self.seconds,
            "seconds_low": self.low,
            "seconds_high": self.high,
            "cost_usd": self.cost,
            "tokens": self.tokens,
            "basis": self.basis,
            "samples": self.samples,
        }


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to carry out an operator. `unavailable` says why it cannot run now."""

    choice: str
    method: str
    estimate: Estimate
    arguments: Mapping[str, JSON] = field(default_factory=dict)
    unavailable: str | None = None


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
    """What will run. `warnings` are for a person (a constraint that priors say is missed)."""

    skill: str
    nodes: tuple[PhysicalNode, ...]
    output: str
    estimate: Estimate
    warnings: tuple[str, ...] = ()

    def node(self, node_id: str) -> PhysicalNode:
        """Return a node. Raises KeyError."""
        for each in self.nodes:
            if each.id == node_id:
                return each
        raise KeyError(node_id)
