"""The scheduler: a node starts the moment its inputs exist; every node is journalled."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from motet.core.clock import now, tick
from motet.core.errors import MotetBug, MotetError
from motet.core.json import JSON
from motet.planner.plan import QUESTION, PhysicalNode, PhysicalPlan
from motet.runtime.context import Context, Method, Outcome
from motet.runtime.journal import Journal, Usage


class Executor:
    """Runs physical plans. `methods` maps a node's `method` to the code that runs it."""

    def __init__(self, journal: Journal, methods: Mapping[str, Method]) -> None:
        self._journal = journal
        self._methods = methods

    async def run(self, run: str, plan: PhysicalPlan, context: Context) -> object:
        """Run every node of the plan and return the output's value.

        The first failure cancels what still runs and is raised; cancelling this call
        cancels every node. Both are recorded; the caller records the end of the run.
        """
        tasks: dict[str, asyncio.Task[object]] = {}
        try:
            async with asyncio.TaskGroup() as group:
                for node in plan.nodes:
                    inputs = [tasks[each] for each in node.inputs if each != QUESTION]
                    tasks[node.id] = group.create_task(self._node(run, node, inputs, context))
        except BaseExceptionGroup as failures:
            raise _first(failures) from None
        return tasks[plan.output].result()

    async def _node(
        self,
        run: str,
        node: PhysicalNode,
        inputs: list[asyncio.Task[object]],
        context: Context,
    ) -> object:
        values = [await each for each in inputs]
        method = self._methods.get(node.method)
        if method is None:
            raise MotetBug(f"no code for method {node.method!r}", where=node.id)
        began = tick()
        self._journal.begin_node(run, node, now())
        try:
            outcome = await method(context, values, node.arguments)
        except asyncio.CancelledError:
            self._end(run, node, began, "cancelled", error="cancelled")
            raise
        except Exception as error:
            self._end(run, node, began, "failed", error=_words(error))
            raise
        self._end(run, node, began, "done", outcome)
        return outcome.value

    def _end(
        self,
        run: str,
        node: PhysicalNode,
        began: float,
        status: str,
        outcome: Outcome | None = None,
        error: str | None = None,
    ) -> None:
        usage = outcome.usage if outcome else Usage()
        record: JSON = outcome.record if outcome else None
        self._journal.end_node(
            run,
            node.id,
            status=status,
            seconds=tick() - began,
            usage=usage,
            value=record,
            error=error,
        )


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, MotetError) else f"{type(error).__name__}: {error}"


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first failure that is not itself a group."""
    failure: BaseException = failures
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
