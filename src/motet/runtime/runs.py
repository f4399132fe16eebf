"""Running written plans: start, resume in any process, answer, fork."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from motet.core import blocking
from motet.core.clock import now, tick
from motet.core.errors import BudgetSpent, MotetError, PlanError, RunError, UsageError
from motet.core.folders import journal_place
from motet.core.ids import new_id, sha256
from motet.core.json import JSON, dumps
from motet.core.store.sessions import Place
from motet.core.values import ValueTypeError, decode, encode
from motet.planner.written import Call, Plan, Ref, check, resolved
from motet.runtime.budget import Budget
from motet.runtime.builtin import EVENT
from motet.runtime.decisions import Decision, Kind, cancelled, decide
from motet.runtime.execution import Execution
from motet.runtime.hands import Hands
from motet.runtime.journal import Durability, Journal
from motet.runtime.node import Kept, words
from motet.runtime.operators import Operators, wanted
from motet.runtime.records import Record, Span
from motet.runtime.run import Run

_NAME = re.compile(r"[A-Za-z0-9][\w.:@-]{0,199}", re.ASCII)
_journals: dict[tuple[Place, Durability, int], Journal] = {}
_opening = threading.Lock()


class _Keep:
    def __repr__(self) -> str:
        return "KEEP"


KEEP = _Keep()
"""Says that an approval leaves the value as it is."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A run to be carried out: the nodes in order, what is wanted, and what is done already.

    With `keep`, what is done elsewhere is recorded in this run too.
    """

    plan: Plan
    calls: Sequence[Call]
    want: object
    record: Record
    journal: Journal | None
    spans: Mapping[str, Span]
    wait: bool = False
    keep: bool = False
    hands: Hands | None = None


def journal_of(home: str | Path | None = None, durability: Durability = "process") -> Journal:
    """Return this process's journal of a state folder, or in a database; opened once."""
    key = _key(home, durability)
    if key not in _journals:
        with _opening:
            if key not in _journals:
                _journals[key] = Journal(journal_place(home), durability)
    return _journals[key]


def _key(home: str | Path | None, durability: Durability) -> tuple[Place, Durability, int]:
    place = journal_place(home)
    return (place.absolute() if isinstance(place, Path) else place, durability, os.getpid())


async def opened(home: str | Path | None, durability: Durability) -> Journal:
    """Return `journal_of` without blocking the loop while another process holds the file."""
    if _key(home, durability) in _journals:
        return journal_of(home, durability)
    return await asyncio.to_thread(journal_of, home, durability)


async def arun(
    plan: Plan,
    *,
    want: object = None,
    id: str | None = None,
    budget: Budget | None = None,
    durability: Durability = "process",
    home: str | Path | None = None,
    wait: bool = False,
) -> Run:
    """Run a plan and return the run, whatever became of it.

    `want` is a reference, or any value with references in it; without it every node runs and
    the value is the last node's. With an `id` that exists, the run resumes if the plan is
    the same. `durability` says what finished work survives: "process" the death of the
    process, "power" the loss of power too, "none" nothing. With `wait`, people's answers are
    waited for; otherwise a run that has nothing else to do pauses.

    Raises `PlanError` for a plan that cannot run and `BudgetSpent` for one that cannot be
    paid, before anything ran; `RunOwned`, `StoreError`.
    """
    _check_durability(durability)
    calls, record = planned(plan, want, id, budget, kept=durability != "none")
    if durability == "none":
        return await _carry_out(_Job(plan, calls, want, record, None, {}, wait))
    journal = await opened(home, durability)
    async with owning(journal, record.id):
        spans: dict[str, Span] = {}
        if id is not None and await asyncio.to_thread(journal.has, id):
            earlier = await asyncio.to_thread(journal.get, id)
            if earlier.status == "done" and earlier.shape == record.shape:
                return _recalled(earlier)
            record = follows(earlier, record, budget)
            spans = {each.node: each for each in earlier.nodes}
            calls = (*calls, *_added(plan, spans, Operators()))
        return await _carry_out(_Job(plan, calls, want, record, journal, spans, wait))


async def aresume(
    run: str,
    *,
    operators: Iterable[Any] = (),
    budget: Budget | None = None,
    durability: Durability = "process",
    home: str | Path | None = None,
    wait: bool = False,
) -> Run:
    """Go on with a run that a crash, a pause, a failure or a cancellation ended.

    What is finished does not run again. A `budget` takes the place of the run's own; what is
    spent counts. A run that is done is returned as it is. Operators
    are found in this process or by importing their module; others are passed.
    Raises `UsageError` for an unknown run, `PlanError` where an operator is not found or
    has changed, `RunOwned`, `StoreError`.
    """
    journal = await opened(home, durability)
    async with owning(journal, run):
        return await carried_on(run, journal, operators, budget=budget, wait=wait)


async def carried_on(
    run: str,
    journal: Journal,
    operators: Iterable[Any],
    *,
    budget: Budget | None = None,
    wait: bool = False,
    hands: Hands | None = None,
) -> Run:
    """Go on with a run that this process owns; `hands` call its functions. See `aresume`."""
    earlier = await asyncio.to_thread(journal.get, run)
    if earlier.status == "done":
        return _recalled(earlier)
    if earlier.kind != "plan":
        hint = f"resume it with `motet runs resume {run}`"
        raise UsageError(f"this is a run of the system '{earlier.system}'", where=run, hint=hint)
    spans = {each.node: each for each in earlier.nodes}
    record = _again(earlier, budget)
    return await _resumed(record, spans, journal, operators, wait=wait, hands=hands)


async def resumed(
    record: Record, spans: Mapping[str, Span], journal: Journal, operators: Iterable[Any]
) -> Run:
    """Carry out a recorded plan as a new run, some of whose nodes are done."""
    async with owning(journal, record.id):
        if await asyncio.to_thread(journal.has, record.id):
            raise UsageError("a run of this id exists", where=record.id, hint="take another")
        limits = {name: each for name, each in record.extra.items() if name == "budget"}
        record = replace(record, extra=limits)
        return await _resumed(record, spans, journal, operators, keep=True)


async def _resumed(
    record: Record,
    spans: Mapping[str, Span],
    journal: Journal,
    operators: Iterable[Any],
    *,
    wait: bool = False,
    keep: bool = False,
    hands: Hands | None = None,
) -> Run:
    known = Operators(operators)
    plan, want = known.plan(record.plan)
    calls = [*check(plan, want), *_added(plan, spans, known)]
    return await _carry_out(_Job(plan, calls, want, record, journal, spans, wait, keep, hands))


def run(plan: Plan, **options: Any) -> Run:
    """Run a plan; see `arun`."""
    return blocking.run(lambda: arun(plan, **options))


def resume(run: str, **options: Any) -> Run:
    """Go on with a run; see `aresume`."""
    return blocking.run(lambda: aresume(run, **options))


def get(run: str, *, home: str | Path | None = None) -> Run:
    """Return a run as recorded. Raises `UsageError` for an unknown one."""
    return _recalled(journal_of(home).get(run))


def answer(
    run: str,
    node: str,
    value: object = KEEP,
    *,
    refuse: str | None = None,
    retry: bool = False,
    home: str | Path | None = None,
) -> None:
    """Say what a person decided about a node that waits; `resume` then goes on.

    An approval: with a `value`, that one instead. `refuse` says why not. For a call in
    doubt: `value` is what it gave, `retry` calls it again.
    Raises `UsageError` where the node does not wait, or the answer does not fit.
    """
    if (refuse is not None) + retry + (value is not KEEP) > 1:
        raise UsageError("a value, `refuse` and `retry` exclude each other", where=node)
    try:
        text = None if value is KEEP else encode(value)
    except ValueTypeError as error:
        raise UsageError(f"the answer cannot be recorded: {error}", where=node) from None
    journal = journal_of(home)
    kind: Kind = "refuse" if refuse is not None else "retry" if retry else "approve"
    decide(journal, journal.get(run), node, Decision(kind, text, refuse or ""))


def send(run: str, event: str, value: object = None, *, home: str | Path | None = None) -> None:
    """Send an event to a run, which waits for it now or will; `resume` wakes a paused one.

    Raises `UsageError` for an unknown or finished run and a value that cannot be kept.
    """
    journal = journal_of(home)
    record = journal.get(run)
    if record.status in ("done", "failed", "cancelled"):
        raise UsageError(f"the run is {record.status}", where=run)
    try:
        text = encode(value)
    except ValueTypeError as error:
        raise UsageError(f"the value cannot be kept: {error}", where=event) from None
    journal.answer(run, EVENT + event, "approve", text, "")


def cancel(run: str, reason: str = "", *, home: str | Path | None = None) -> None:
    """Have a run cancelled, in whichever process it runs. Raises `UsageError`."""
    cancelled(journal_of(home), run, reason)


def _record(
    run: str | None, plan: Plan, content: Mapping[str, JSON], budget: Budget | None
) -> Record:
    try:
        text = dumps(content)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"an argument cannot be recorded: {error}", where=plan.name) from error
    return Record(
        id=run or new_id("run"),
        trace_id=os.urandom(16).hex(),
        span_id=os.urandom(8).hex(),
        system="",
        skill="",
        question=plan.name,
        plan=content,
        status="running",
        started=now(),
        seconds=None,
        value=None,
        error=None,
        kind="plan",
        shape=sha256(text.encode("utf-8", "surrogatepass"))[:24],
        plan_text=text,
        extra={"budget": budget.to_json()} if budget else {},
    )


@asynccontextmanager
async def owning(journal: Journal, run: str) -> AsyncIterator[None]:
    """Own a run for a while. Raises `RunOwned`."""
    await journal.own(run)
    try:
        yield
    finally:
        await journal.disown(run)


def _again(earlier: Record, budget: Budget | None) -> Record:
    limits = {"budget": budget.to_json()} if budget else {}
    extra = {**earlier.extra, **limits, "took": _took(earlier), "again": now()}
    return replace(
        earlier, status="running", seconds=None, error=None, code="", extra=extra, nodes=()
    )


def _took(earlier: Record) -> float:
    """Return the seconds that a run took in all processes; of a killed one its nodes tell."""
    before = cast(float, earlier.extra.get("took", 0.0))
    if earlier.seconds is not None:
        return before + earlier.seconds
    began = cast(float, earlier.extra.get("again", earlier.started))
    ends = [each.started + (each.seconds or 0.0) for each in earlier.nodes]
    return before + max(0.0, max(ends, default=began) - began)


def planned(
    plan: Plan, want: object, run: str | None, budget: Budget | None, *, kept: bool = True
) -> tuple[tuple[Call, ...], Record]:
    """Return what a plan comes to: its nodes in order, and the record of a run that begins.

    Raises `PlanError`, `BudgetSpent` and `UsageError` for what cannot run.
    """
    if not isinstance(plan, Plan):
        raise UsageError(f"expected a motet.Plan, got {type(plan).__name__}")
    if run is not None and not _NAME.fullmatch(run):
        raise UsageError("an id is up to 200 letters, digits and ._:@-", where=repr(run))
    calls = check(plan, want)
    _check_budget(calls, budget)
    return calls, _record(run, plan, plan.to_json(want) if kept else {}, budget)


def follows(earlier: Record, record: Record, budget: Budget | None) -> Record:
    """Return the record of a run that goes on. Raises `PlanError` where its plan is another."""
    if earlier.shape != record.shape:
        hint = "take another id"
        raise PlanError("a run with this id has another plan", where=record.id, hint=hint)
    return _again(earlier, budget)


def _check_durability(durability: Durability) -> None:
    if durability not in ("power", "process", "none"):
        raise UsageError(f"no such durability: {durability!r}", hint="power, process or none")


def _check_budget(calls: Sequence[Call], budget: Budget | None) -> None:
    """Raise `BudgetSpent` where the operators' own upper bounds exceed the budget."""
    if budget is None:
        return
    cost = sum(call.operator.settings.cost for call in calls)
    tokens = sum(call.operator.settings.tokens for call in calls)
    needed = sum(not call.operator.composes for call in calls)
    hint = "raise the budget, or do less"
    if budget.cost is not None and cost > budget.cost + 1e-12:
        raise BudgetSpent(f"it may cost ${cost:.4f}, the budget is ${budget.cost:.4f}", hint=hint)
    if budget.tokens is not None and tokens > budget.tokens:
        raise BudgetSpent(f"it may take {tokens} tokens of {budget.tokens}", hint=hint)
    if budget.calls is not None and needed > budget.calls:
        raise BudgetSpent(f"it takes {needed} calls of {budget.calls}", hint=hint)


def _added(plan: Plan, spans: Mapping[str, Span], known: Operators) -> list[Call]:
    """Return the nodes that finished nodes had added: those will not add them again."""
    return [
        known.added(cast("Mapping[str, Any]", span.call), plan)
        for span in spans.values()
        if span.call is not None and (span.parent is None or spans[span.parent].status == "done")
    ]


async def _carry_out(job: _Job) -> Run:
    record, journal = job.record, job.journal
    limits = cast("Mapping[str, float]", record.extra.get("budget", {}))
    budget = Budget.from_json(limits) if limits else None
    execution = Execution(
        record.id,
        journal,
        recorded=job.spans,
        budget=budget,
        wait_for_people=job.wait,
        hands=job.hands,
    )
    execution.took = cast(float, record.extra.get("took", 0.0))
    if journal is not None:
        journal.post_run(record)
        if job.keep:
            for span in job.spans.values():
                journal.post_node(Kept(record.id, span))
        if job.spans:
            execution.people.know(await asyncio.to_thread(journal.answers, record.id))
    began = tick()
    execution.plan = job.plan
    job.plan.live.append(execution)
    try:
        await execution.run(job.calls)
    except asyncio.CancelledError:
        await _close(execution, replace(record, status="cancelled", error="cancelled"), began)
        raise
    finally:
        job.plan.live.remove(execution)
    value, error = _value(execution, job.plan.wanted(job.want))
    status = "paused" if execution.paused else "failed" if error else "done"
    if execution.cancelled:
        status = "cancelled"
    ended = replace(
        record,
        status=status,
        error=words(error) if error else None,
        code=error.code if isinstance(error, MotetError) else "error" if error else "",
    )
    load = await _close(execution, ended, began)
    return Run(record.id, status, value, error, load)


def _value(execution: Execution, want: object) -> tuple[object, BaseException | None]:
    if execution.error is not None or execution.paused:
        return None, execution.error
    try:
        return resolved(want, execution.value_of), None
    except MotetError as error:
        return None, error


async def _close(execution: Execution, record: Record, began: float) -> Any:
    """Record how the run ended; return what loads it whole."""
    ended = replace(record, seconds=tick() - began)
    journal = execution.journal
    if journal is None:
        return lambda: replace(ended, nodes=tuple(execution.spans()))
    await journal.end(ended)
    return lambda: journal.get(record.id)


def _recalled(record: Record) -> Run:
    """Return a run from its rows alone."""
    value: object = None
    error = RunError(record.error) if record.error is not None else None
    if record.status == "done" and record.kind == "plan":
        texts = {span.node: span.text for span in record.nodes}

        def read(ref: Ref) -> object:
            try:
                return ref.of(decode(texts[ref.node] or "null"))
            except ValueError as unread:
                message = f"the recorded value cannot be read: {unread}"
                raise RunError(message, where=ref.node) from unread

        plan = Plan()
        value = resolved(wanted(record.plan, plan), read)
    elif record.status == "done":
        value = record.value
    return Run(record.id, record.status, value, error, lambda: record)
