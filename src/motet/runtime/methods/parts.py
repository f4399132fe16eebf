"""Running the parts of a composite node: each is a step with a row of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from motet.core.errors import ApprovalNeeded, BudgetSpent, MotetBug, StoreError
from motet.core.json import JSON
from motet.planner.plan import Part, parts_of
from motet.runtime.context import Context, same

ENDS_RUN = (ApprovalNeeded, BudgetSpent, MotetBug, StoreError)
"""Failures of a part that are the whole run's."""


def parts_by_id(arguments: Mapping[str, JSON]) -> dict[str, Part]:
    """Return the parts that a plan gave a composite node."""
    return {part.id: part for part in parts_of(arguments)}


def quiet(context: Context) -> Context:
    """Return a context in which nothing is shown before the whole is known."""
    return replace(context, emit=lambda text: None)


async def run_part(
    context: Context,
    part: Part,
    inputs: Sequence[object],
    arguments: Mapping[str, JSON],
    *,
    id: str | None = None,
) -> object:
    """Run a part and return its value; `arguments` add to those that the plan gave it.

    Raises what its method raises.
    """
    # Late, because the table names the composite methods, which run any other.
    from motet.runtime.methods import METHODS, RESTORE

    method = METHODS.get(part.method)
    if method is None:
        raise MotetBug(f"no code for method {part.method!r}", where=part.id)
    restore = RESTORE.get(part.method)
    limit = part.arguments.get("limit")
    return await context.steps.step(
        id or part.id,
        partial(method, context, inputs, {**part.arguments, **arguments}),
        operator=part.operator,
        method=part.method,
        choice=part.choice,
        restore=partial(restore, context) if restore else same,
        limit=(part.choice, limit) if isinstance(limit, int) else None,
    )
