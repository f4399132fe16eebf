"""The composition root: puts a declared system together and answers through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, cast

from motet import terms
from motet.authored import Authored
from motet.core import blocking
from motet.core.answers import Answer, Draft
from motet.core.chat import Message, TextDelta
from motet.core.clock import tick
from motet.core.errors import DeclarationError, MotetError, RunError, UsageError
from motet.core.folders import journal_place
from motet.core.running import SYSTEM
from motet.core.text import language
from motet.gateway.guards.rules import rules_of
from motet.gateway.guards.runs import GuardedRun
from motet.knowledge.provenance.viewer import Viewer
from motet.library import Library
from motet.planner.cost import CostModel
from motet.planner.objective import Limits
from motet.planner.plan import PhysicalPlan
from motet.planner.planner import Planner
from motet.planner.request import CHAT, Request
from motet.roster import Roster
from motet.runtime.context import Context, Means, Steps
from motet.runtime.declared import Code, begun, carried_out
from motet.runtime.journal import Journal
from motet.runtime.methods import METHODS, RESTORE
from motet.runtime.records import Record, Span
from motet.runtime.statistics import PastRuns
from motet.spec.load import declare, find
from motet.spec.load import load as read_declaration
from motet.spec.types import Declaration
from motet.terms import SKILL
from motet.tools.toolbox import Toolbox

if TYPE_CHECKING:
    from motet.gateway.accounts import Accounts
    from motet.knowledge.memory import RunMemory

DEFAULT = "default"
"""The name of the system where nothing is declared."""
CODE = Code(METHODS, RESTORE)
PATIENCE = 5.0
"""Seconds for which ample statistics of past runs are good."""


@dataclass(frozen=True, slots=True)
class Started:
    """A run began; `model` is the one that will answer."""

    run: str
    model: str


Event = Started | TextDelta | Answer


class System(Library):
    """One declared system: ask it, search its knowledge, explain its plans.

    Made of a `Declaration`, or of a name and parts as in YAML:
    `System("contracts", models=["expert/reader"], knowledge=["./contracts"])`; relative
    paths then start from the working folder. Opening it opens the state folder; models load
    on first use. Safe to use from several threads.
    Raises `DeclarationError` and `StoreError`.
    """

    def __init__(self, declaration: Declaration | str, **parts: object) -> None:
        if isinstance(declaration, str):
            declaration = declare(declaration, environ=None, **parts)
        elif parts:
            raise UsageError("parts go with a name, a declaration has its own")
        super().__init__(declaration)
        self._roster = Roster(declaration, lambda: self._accounts)
        self._rules = rules_of(declaration.guard)
        self._toolbox = Toolbox(declaration)
        self._authored = Authored(declaration)
        self.journal = Journal(journal_place(None, declaration.file))
        self._planner = Planner(CostModel(PastRuns(self.journal, PATIENCE), patience=PATIENCE))

    @cached_property
    def _accounts(self) -> Accounts:
        from motet.gateway.accounts import Accounts

        return Accounts.beside(self.journal.place, self.declaration.file)

    def close(self) -> None:
        """Close the state folder."""
        if "_accounts" in self.__dict__:
            self._accounts.close()
        super().close()
        self.journal.close()

    @classmethod
    def running(cls) -> System:
        """Return the system whose run calls this operator. Raises `UsageError` outside one."""
        found: System | None = SYSTEM.get()
        if found is None:
            raise UsageError("no system is running here", hint="call it in an operator of one")
        return found

    def __enter__(self) -> System:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def availability(self) -> dict[str, str | None]:
        """Return each declared model with None, or why it cannot answer now."""
        return {each.name: each.unavailable for each in self._roster.answerers(None)}

    # Planning and running

    def plan(
        self,
        question: str,
        *,
        pins: Mapping[str, str] | None = None,
        skill: str = SKILL,
        viewer: Viewer = terms.NOBODY,
    ) -> PhysicalPlan:
        """Return the plan that `ask` would run, or the one for another declared skill.

        Raises `UsageError` for a skill that is not declared, and as `Planner.plan` does.
        """
        terms.check_question(question)
        declared = self.declaration
        typed = terms.typed(declared, skill)
        has_knowledge = self.retriever.count() > 0
        # Without documents nothing is read, so the encoder need not load.
        modes = self.retriever.modes(question) if has_knowledge else {}
        answerers = self._roster.answerers(modes.get("dense"))
        written = [skill] if skill in self._authored.operators else []
        forgets = terms.forgets(declared, viewer)
        reads = has_knowledge or written or (declared.memory != "none" and not forgets)
        if not reads and all(each.method != CHAT for each in answerers):
            raise UsageError(
                "there are no documents to answer from",
                where=self.name,
                hint="add some with `motet ingest PATH`, or declare `knowledge`",
            )
        plan = self._planner.plan(
            Request(
                skill=skill,
                retrieval=modes,
                answerers=answerers,
                has_knowledge=has_knowledge,
                cite=declared.guard.cite,
                objective=terms.objective(declared),
                pins={**{pin.operator: pin.choice for pin in declared.pin}, **(pins or {})},
                limits=terms.budget(declared) or Limits(),
                task=f"{skill}:{language(question)}",
                tools=terms.offered(declared, self._toolbox.tools()),
                thinking=terms.thinking(declared),
                memory=declared.memory,
                forgets=forgets,
                typed=typed,
                operators=written,
            )
        )
        idle = terms.idle_parts(declared)
        if not idle:
            return plan
        warning = f"declared, but this version does not use them yet: {', '.join(idle)}"
        return replace(plan, warnings=(*plan.warnings, warning))

    async def astream(
        self,
        question: str,
        *,
        pins: Mapping[str, str] | None = None,
        history: Sequence[Message] = (),
        ingest: bool = True,
        plan: PhysicalPlan | None = None,
        skill: str = SKILL,
        **whose: Unpack[terms.Whose],
    ) -> AsyncGenerator[Event, None]:
        """Yield `Started`, the answer's text as it comes, then the whole `Answer`.

        Text carries markers `[1]`. Leaving early cancels the run. `plan` is one that `plan`
        made for this question; `user` and `session` say whose memory is meant.
        Raises `UsageError`, `ProviderError`, `RunError`, `StoreError`.
        """
        terms.check_question(question)
        viewer = terms.viewer(self.declaration, **whose)
        guarded = GuardedRun(self._rules)
        question, history = guarded.question(question), guarded.history(history)
        if ingest and not self.is_fresh():
            await asyncio.to_thread(self.refresh)
        if plan is None:
            plan = await asyncio.to_thread(
                self.plan, question, pins=pins, skill=skill, viewer=viewer
            )
        record = begun(self.name, question, plan, terms.told(history, viewer))
        async with aclosing(self._events(record, plan, history, None, guarded)) as events:
            async for event in events:
                yield event

    async def _events(
        self,
        record: Record,
        plan: PhysicalPlan,
        history: Sequence[Message],
        spans: Mapping[str, Span] | None,
        guarded: GuardedRun,
    ) -> AsyncGenerator[Event, None]:
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        means, turns = self._means(), tuple(history)

        def emit(text: str) -> None:
            loop.call_soon_threadsafe(pieces.put_nowait, text)

        viewer = terms.whose(self.declaration, record)
        known = not terms.forgets(self.declaration, viewer)
        memory = self._remembering(record, viewer, guarded) if known else None

        def context(steps: Steps) -> Context:
            return Context(means, record.question, turns, emit, steps, memory)

        task = asyncio.create_task(self._run(record, plan, context, tick(), guarded, spans))
        task.add_done_callback(lambda _: pieces.put_nowait(None))
        shown = False
        try:
            yield Started(record.id, terms.answering(plan))
            while (piece := await pieces.get()) is not None:
                shown = True
                if said := guarded.feed(piece):
                    yield TextDelta(said)
            answer = await task
            if said := guarded.finish():
                yield TextDelta(said)
            if not shown:
                yield TextDelta(answer.marked)
            yield answer
        finally:
            task.cancel()
            await asyncio.wait([task])

    def _remembering(self, record: Record, viewer: Viewer, guarded: GuardedRun) -> RunMemory:
        from motet.knowledge.memory import RunMemory

        return RunMemory(self.memory, viewer, record.id, record.started, guarded.kept)

    async def aresume(self, run: str) -> Answer:
        """Go on with a run of this system that a crash, a person's turn or a failure ended.

        Finished nodes do not run again. A run that is done gives its answer again.
        Raises `UsageError` for a run that is not of this system, and as `astream`.
        """
        record = await asyncio.to_thread(self.journal.get, run)
        if record.kind != "system" or record.system != self.name:
            raise UsageError(f"this is no run of '{self.name}'", where=run)
        if record.status == "done":
            return GuardedRun(self._rules).answer(terms.answered(record))
        spans = {span.node: span for span in record.nodes}
        again = replace(record, status="running", seconds=None, error=None, nodes=())
        history = terms.recalled(record)
        guarded = GuardedRun(self._rules)
        running = self._events(again, record.physical(), history, spans, guarded)
        async with aclosing(running) as events:
            async for event in events:
                if isinstance(event, Answer):
                    return event
        raise RunError("the run gave no answer", where=run)

    def resume(self, run: str) -> Answer:
        """Go on with a run; see `aresume`."""
        return blocking.run(lambda: self.aresume(run))

    def _means(self) -> Means:
        return Means(
            system=self.name,
            retriever=self.retriever,
            reader=self.experts.reader,
            chat=self._roster.chat,
            price=self._roster.price,
            tools=self._toolbox.tools(),
            approve=self.declaration.guard.approve,
            operators=self._authored.operators,
        )

    async def _run(
        self,
        record: Record,
        plan: PhysicalPlan,
        context: Callable[[Steps], Context],
        began: float,
        guarded: GuardedRun,
        spans: Mapping[str, Span] | None = None,
    ) -> Answer:
        SYSTEM.set(self)
        budget = terms.budget(self.declaration)
        await self.journal.own(record.id)
        try:
            if spans is not None:
                # It is ours only now: another process may have gone on since it was read.
                found = await asyncio.to_thread(self.journal.get, record.id)
                if found.status == "done":
                    return guarded.answer(terms.answered(found))
                spans = {span.node: span for span in found.nodes}
            draft, used = await carried_out(
                record, plan, self.journal, CODE, context, budget=budget, spans=spans
            )
            seconds = tick() - began
            ended = replace(record, status="done", seconds=seconds)
            answer = terms.answer(record, cast(Draft, draft), used, seconds)
            try:
                answer = guarded.answer(answer)
            except MotetError as error:
                await self.journal.end(replace(ended, status="failed", error=str(error)))
                raise
            await self.journal.end(guarded.noted(replace(ended, value=answer.to_json())))
            return answer
        except MotetError:
            raise
        except Exception as error:
            raise RunError(f"{type(error).__name__}: {error}", where=record.id) from error
        finally:
            await self.journal.disown(record.id)

    async def aask(
        self,
        question: str,
        *,
        model: str | None = None,
        pins: Mapping[str, str] | None = None,
        history: Sequence[Message] = (),
        ingest: bool = True,
        plan: PhysicalPlan | None = None,
        skill: str = SKILL,
        **whose: Unpack[terms.Whose],
    ) -> Answer:
        """Answer a question, or produce what another declared skill does, as JSON text.

        `model` pins the model that does it; for the rest, and what it raises, see `astream`.
        """
        operator = "answer" if skill == SKILL else "extract"
        pinned = {**(pins or {}), **({operator: model} if model else {})}
        events = self.astream(
            question, pins=pinned, history=history, ingest=ingest, plan=plan, skill=skill, **whose
        )
        async with aclosing(events) as stream:
            async for event in stream:
                if isinstance(event, Answer):
                    return event
        raise RunError("the run gave no answer")

    def ask(
        self,
        question: str,
        *,
        model: str | None = None,
        ingest: bool = True,
        skill: str = SKILL,
        **whose: Unpack[terms.Whose],
    ) -> Answer:
        """Answer a question; see `aask`."""
        return blocking.run(
            lambda: self.aask(question, model=model, ingest=ingest, skill=skill, **whose)
        )

    def analyze(self, question: str, plan: PhysicalPlan, **whose: Unpack[terms.Whose]) -> Answer:
        """Run a plan that `plan` made for the question, as `explain --analyze` does."""
        return blocking.run(lambda: self.aask(question, ingest=False, plan=plan, **whose))

    def stream(
        self,
        question: str,
        *,
        model: str | None = None,
        ingest: bool = True,
        **whose: Unpack[terms.Whose],
    ) -> Generator[Event, None, None]:
        """Yield the events of `astream`; closing it early cancels the run."""
        pins = {"answer": model} if model else {}
        return blocking.iterate(lambda: self.astream(question, pins=pins, ingest=ingest, **whose))


def load(path: str | Path) -> System:
    """Open the system that a `motet.yaml` declares, named itself or by its folder."""
    return System(read_declaration(path))


def open_system(path: str | Path | None = None) -> System:
    """Open the system of a `motet.yaml`, of the folder that holds one, or the nearest upwards.

    Where nothing is declared, a default system reads what was ingested in this folder.
    """
    if path is not None:
        return load(path)
    try:
        nearest = find()
    except DeclarationError:
        return System(declare(DEFAULT))
    return load(nearest)
