"""The operators a plan is made of: their types and effects."""

from __future__ import annotations

from dataclasses import dataclass

from motet.planner.plan import Effect


@dataclass(frozen=True, slots=True)
class Operator:
    """What the planner knows of an operator: input types in order, output type, effect."""

    name: str
    inputs: tuple[str, ...]
    output: str
    effect: Effect


OPERATORS = {
    operator.name: operator
    for operator in (
        Operator("retrieve", ("question",), "passages", "read"),
        Operator("nothing", (), "passages", "pure"),
        Operator("answer", ("question", "passages"), "draft", "read"),
        Operator("cite", ("draft",), "answer", "pure"),
    )
}
