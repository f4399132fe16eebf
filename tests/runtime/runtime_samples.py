"""What tests of the runtime share: passages and plans in a line."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.json import JSON
from motet.core.passages import Passage, Segment
from motet.planner.plan import Effect, Estimate, PhysicalNode, PhysicalPlan

GUESS = Estimate(1.0, 0.1, 0.05, 0.3, 0.0, 0, "prior")


def passage(text: str, start: int = 0, source: str = "a.md", context: str = "Doors") -> Passage:
    """Return a passage of prose."""
    return Passage(
        chunk=1,
        source=source,
        version="v",
        media_type="text/markdown",
        kind="text",
        page=None,
        start=start,
        end=start + len(text),
        text=text,
        body=text,
        context=context,
    )


def row(text: str, body: str, *segments: tuple[int, int, int, int]) -> Passage:
    """Return a passage that is a table's row, at the source's beginning."""
    found = passage(text, source="parts.csv", context="parts")
    cells = tuple(Segment(*each) for each in segments)
    return Passage(
        **{name: getattr(found, name) for name in found.__slots__}
        | {"body": body, "segments": cells, "kind": "row"}
    )


def node(
    node_id: str,
    *inputs: str,
    method: str | None = None,
    effect: Effect = "pure",
    **arguments: JSON,
) -> PhysicalNode:
    """Return a node whose method is its id unless said otherwise."""
    given: Mapping[str, JSON] = arguments
    name = method or node_id
    return PhysicalNode(node_id, "test", name, "choice", inputs, given, effect, GUESS)


def plan(*nodes: PhysicalNode, output: str | None = None) -> PhysicalPlan:
    """Return a plan whose output is the last node unless said otherwise."""
    return PhysicalPlan("answer", nodes, output or nodes[-1].id, GUESS)
