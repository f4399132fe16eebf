"""The physical plan of a declared system as nodes to run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from motet.core.clock import now, tick
from motet.core.errors import ApprovalNeeded, MotetBug, MotetError
from motet.core.ids import new_id
from motet.core.json import JSON
from motet.core.values import decode
from motet.planner.explain import to_json
from motet.planner.operator import Operator, Options
from motet.planner.plan import QUESTION, PhysicalNode, PhysicalPlan
from motet.planner.written import Call, Plan, Ref
from motet.runtime.budget import Budget
from motet.runtime.context import Context, Method, Restore, Steps
from motet.runtime.execution import Execution
from motet.runtime.journal import Journal
from motet.runtime.node import Label, words
from motet.runtime.records import Record, Span, Usage
from motet.runtime.run import pending
from motet.runtime.steps import PAID, RunSteps, taken


@dataclass(frozen=True, slots=True)
class Code:
    """The code behind methods, and what turns their records back into values."""

    methods: Mapping[str, Method]
    restore: Mapping[str, Restore]


def calls(
    plan: PhysicalPlan,
    context: Context,
    execution: Execution,
    code: Code,
) -> list[Call]:
    """Return the plan's nodes with the code of their methods, and label them for the journal."""
    flow = Plan(plan.skill)
    found = []
    for node in plan.nodes:
        method = code.methods.get(node.method)
        if method is None:
            raise MotetBug(f"no code for method {node.method!r}", where=node.id)
        needs = tuple(each for each in node.inputs if each != QUESTION)
        operator = Operator(
            partial(_run, execution, context, method, node),
            effect=node.effect,
            name=node.operator,
            options=_options(node),
            composes=node.method not in PAID,
        )
        operator.returns = object  # ours: there is no annotation to look for
        arguments = tuple(Ref(each, flow) for each in needs)
        found.append(Call(node.id, operator, arguments, {}, tuple(dict.fromkeys(needs))))
        execution.labels[node.id] = Label(node.method, node.choice, plan.task or plan.skill)
        read = code.restore.get(node.method)
        if read is not None:
            execution.decoders[node.id] = partial(_restored, context, read)
    return found


def _options(node: PhysicalNode) -> Options:
    """Return how a node runs: within its model's limit, reserving what it is expected to take."""
    limit = node.arguments.get("limit")
    estimate = node.estimate
    return Options(
        concurrency=limit if isinstance(limit, int) else None,
        cost=estimate.cost if node.method in PAID else 0.0,
        tokens=estimate.tokens if node.method in PAID else 0,
    )


async def _run(
    execution: Execution, context: Context, method: Method, node: PhysicalNode, *inputs: object
) -> object:
    outcome = await method(context, inputs, node.arguments)
    return taken(execution.current(), outcome)


def _restored(context: Context, read: Restore, text: str) -> object:
    return read(context, cast(JSON, decode(text)))


def begun(
    system: str, question: str, plan: PhysicalPlan, extra: Mapping[str, JSON] | None = None
) -> Record:
    """Return the record of a run that starts now."""
    return Record(
        id=new_id("run"),
        trace_id=os.urandom(16).hex(),
        span_id=os.urandom(8).hex(),
        system=system,
        skill=plan.skill,
        question=question,
        plan=to_json(plan),
        status="running",
        started=now(),
        seconds=None,
        value=None,
        error=None,
        extra=extra or {},
    )


async def carried_out(
    record: Record,
    plan: PhysicalPlan,
    journal: Journal,
    code: Code,
    context: Callable[[Steps], Context],
    *,
    budget: Budget | None = None,
    spans: Mapping[str, Span] | None = None,
) -> tuple[object, Usage]:
    """Run a declared plan; return the output's value and what the whole run used.

    Finished `spans` are not run again. The end is recorded where it is not success, which
    the caller records with the answer. Raises the first failure, `ApprovalNeeded` where
    people must decide before it goes on; cancelling cancels every node.
    """
    execution = Execution(record.id, journal, recorded=spans, budget=budget)
    began = tick()
    journal.post_run(record)
    if spans:
        execution.people.know(await asyncio.to_thread(journal.answers, record.id))
    nodes = calls(plan, context(RunSteps(execution)), execution, code)
    try:
        await execution.run(nodes)
    except asyncio.CancelledError:
        await _record_end(journal, record, "cancelled", "cancelled", began)
        raise
    if execution.paused:
        await _record_end(journal, record, "paused", None, began)
        raise waiting(journal.get(record.id))
    if execution.error is not None:
        status = "cancelled" if execution.cancelled else "failed"
        error = execution.error
        kind = error.code if isinstance(error, MotetError) else "error"
        await _record_end(journal, replace(record, code=kind), status, words(error), began)
        raise error
    return execution.value_of(Ref(plan.output, Plan())), execution.used


def waiting(record: Record) -> ApprovalNeeded:
    """Return the error that says what a paused run waits for."""
    found = pending(record)
    asked = "; ".join(f"{each.node}: {each.message}" for each in found)
    hint = f"`motet runs answer {record.id} NODE --approve`"
    return ApprovalNeeded(f"waits for a person: {asked}", where=record.id, hint=hint)


async def _record_end(
    journal: Journal, record: Record, status: str, error: str | None, began: float
) -> None:
    await journal.end(replace(record, status=status, error=error, seconds=tick() - began))
