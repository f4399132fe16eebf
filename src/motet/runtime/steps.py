"""Child nodes of declared methods, and people's decisions inside them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from motet.core.errors import MotetBug, Refused
from motet.core.json import JSON
from motet.core.values import decode, encode
from motet.planner.operator import Operator, Options
from motet.planner.plan import Effect
from motet.planner.written import Call
from motet.runtime.context import Decision, Outcome, same
from motet.runtime.execution import Execution
from motet.runtime.node import Label, Node

PAID = frozenset(("answer.generate", "extract.ask", "verify.ask", "aggregate.judge", "call"))
"""Methods that call a model or a tool: what budgets count. Others are made of these."""


class RunSteps:
    """The `Steps` of one run."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution

    async def step(
        self,
        id: str,
        call: Callable[[], Awaitable[Outcome]],
        *,
        operator: str,
        method: str,
        choice: str,
        effect: Effect = "read",
        task: str = "",
        restore: Callable[[JSON], object] = same,
        limit: tuple[str, int] | None = None,
        timeout: float | None = None,
        retries: int = 0,
    ) -> object:
        """Run a journalled child; see `Steps.step`."""
        parent = self._parent()

        async def once() -> object:
            return taken(self._execution.current(), await call())

        options = Options(
            timeout=timeout,
            retries=0 if effect == "once" else retries,
            concurrency=limit[1] if limit else None,
        )
        node_id = f"{parent.id}/{id}"
        paid = method in PAID
        child = Operator(once, effect=effect, name=operator, options=options, composes=not paid)
        child.returns = object  # ours: there is no annotation to look for
        inherited = parent.label.task if parent.label else ""
        label = Label(method, choice, task or inherited, limit[0] if limit else "")
        return await self._execution.spawn(
            parent,
            Call(node_id, child, (), {}, (), parent.id),
            label,
            lambda text: restore(cast(JSON, decode(text))),
        )

    async def approve(self, id: str, message: str, value: JSON) -> Decision:
        """Wait for a person's decision; see `Steps.approve`."""
        parent = self._parent()

        async def ask() -> object:
            node = self._execution.current()
            assert node is not None
            try:
                said = await self._execution.people.ask(node, message, encode(value))
            except Refused as refused:
                return {"approved": False, "value": value, "reason": refused.reason}
            decided = value if said.value is None else decode(said.value)
            return {"approved": True, "value": decided, "reason": said.reason}

        node_id = f"{parent.id}/{id}"
        child = Operator(ask, effect="read", name="approve", composes=True)
        found = await self._execution.spawn(
            parent, Call(node_id, child, (), {}, (), parent.id), Label("approve.person", "person")
        )
        return Decision(**found)

    def _parent(self) -> Node:
        parent = self._execution.current()
        if parent is None:
            raise MotetBug("a step outside of its run")
        return parent


def taken(node: Node | None, outcome: Outcome) -> object:
    """Book what a method used and keep its record; return its value."""
    if node is None:
        raise MotetBug("an outcome outside of its run")
    journal = node.execution.journal
    if journal is not None:
        for source, version in outcome.sources:
            journal.post_use(node.run, source, version)
    node.usage += outcome.usage
    node.text = encode(outcome.record)
    return outcome.value
