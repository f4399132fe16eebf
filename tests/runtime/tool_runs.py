"""Runs of a model with tools, as the engine runs them: journalled, resumable, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from runtime_samples import GUESS

from motet.core.answers import Draft
from motet.core.chat import ChatModel
from motet.core.json import JSON
from motet.core.passages import Passage, Retriever
from motet.core.protocols import Tool
from motet.models.remote import RemoteChat
from motet.models.target import target
from motet.planner.cost import Price
from motet.planner.plan import PhysicalNode, PhysicalPlan
from motet.runtime.context import Context, Means, Outcome, Steps
from motet.runtime.declared import Code, begun, carried_out
from motet.runtime.journal import Journal
from motet.runtime.methods import METHODS, RESTORE
from motet.runtime.records import Record, Span, Usage
from motet.tools.functions import FunctionTool


class NoPassages:
    """A retriever of a system without documents."""

    def count(self) -> int:
        return 0


@dataclass
class Ran:
    """How a run ended: its answer, what was emitted, and its record."""

    draft: Draft
    shown: str
    record: Record

    @property
    def spans(self) -> dict[str, Span]:
        """The nodes below the answer, by their id there."""
        return {span.node.removeprefix("answer/"): span for span in self.record.nodes}

    @property
    def calls(self) -> list[str]:
        """The tools that were called."""
        return [span.choice for span in self.record.nodes if span.method == "call"]


@dataclass
class ToolRuns:
    """Asks a model of the server; tools are plain functions or operators."""

    home: Path
    base_url: str
    method: str = "answer.turns"
    functions: Sequence[Callable[..., Any]] = ()
    approve: Sequence[str] = ()
    passages: Sequence[Passage] = ()
    arguments: Mapping[str, JSON] = field(default_factory=dict)
    timeouts: Mapping[str, float] = field(default_factory=dict)
    emitted: list[str] = field(default_factory=list)

    def ask(self, model: str, question: str = "How much?") -> Ran:
        """Ask and return how it ended. Raises as the run does."""
        return asyncio.run(self.ask_here(model, question))

    async def ask_here(self, model: str, question: str = "How much?") -> Ran:
        """Ask in the running event loop."""
        plan = self._plan(model)
        return await self._run(begun("test", question, plan), plan, None)

    def resume(self, run: str, model: str) -> Ran:
        """Go on with a run, as another process would."""
        journal = Journal(self.home / "runs.db")
        record = journal.get(run)
        journal.close()
        spans = {span.node: span for span in record.nodes}
        again = replace(record, status="running", nodes=())
        return asyncio.run(self._run(again, self._plan(model), spans))

    async def _run(
        self, record: Record, plan: PhysicalPlan, spans: Mapping[str, Span] | None
    ) -> Ran:
        self.emitted.clear()
        journal = Journal(self.home / "runs.db")
        try:
            code = Code({**METHODS, "given": self._given}, {**RESTORE, "given": self._again})
            draft, _ = await carried_out(
                record, plan, journal, code, lambda steps: self._context(record, steps), spans=spans
            )
            await journal.flush()
            return Ran(cast(Draft, draft), "".join(self.emitted), journal.get(record.id))
        finally:
            journal.close()

    async def _given(
        self, context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
    ) -> Outcome:
        return Outcome(tuple(self.passages), Usage(), [])

    def _again(self, context: Context, record: JSON) -> object:
        return tuple(self.passages)

    def _context(self, record: Record, steps: Steps) -> Context:
        means = Means(
            system="test",
            retriever=cast(Retriever, NoPassages()),
            reader=cast(Any, None),
            chat=self.chat,
            price=lambda name: Price(1.0, 2.0),
            tools=self._tools(),
            approve=self.approve,
        )
        return Context(means, record.question, (), self.emitted.append, steps)

    def chat(self, name: str) -> ChatModel:
        return RemoteChat(target(f"test/{name}", base_url=self.base_url))

    def _tools(self) -> Mapping[str, Tool]:
        made = [FunctionTool(each) for each in self.functions]
        for tool in made:
            tool.timeout = self.timeouts.get(tool.name, tool.timeout)
        return {tool.name: tool for tool in made}

    def _plan(self, model: str) -> PhysicalPlan:
        def node(id: str, operator: str, method: str, *inputs: str, **given: JSON) -> PhysicalNode:
            return PhysicalNode(id, operator, method, model, inputs, given, "read", GUESS)

        answer = node(
            "answer",
            "answer",
            self.method,
            "given",
            model=model,
            policy="optional",
            **self.arguments,
        )
        return PhysicalPlan("answer", (node("given", "retrieve", "given"), answer), "answer", GUESS)
