"""Answering with a chat model that plans all calls at once: two turns, whatever depends on what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from motet.core.answers import Draft
from motet.core.chat import ChatRequest, Message
from motet.core.errors import ProviderError
from motet.core.json import JSON
from motet.core.passages import Passage
from motet.models.tool_stream import StreamedCall
from motet.runtime.context import Context, Outcome
from motet.runtime.methods.call_graph import CallGraph
from motet.runtime.methods.call_plans import CallPlan, InvalidPlan, PlanCheck
from motet.runtime.methods.calls import Caller, Result, Shared
from motet.runtime.methods.conversation import Conversation
from motet.runtime.methods.drafts import record
from motet.runtime.methods.excerpts import Excerpts
from motet.runtime.methods.markers import units
from motet.runtime.methods.offers import Offer
from motet.runtime.methods.plan_prompts import (
    FORMAT,
    correction,
    planning,
    replanning,
    with_results,
    writing,
)
from motet.runtime.methods.plan_stream import PlanStream
from motet.runtime.methods.references import BadReference, followed
from motet.runtime.methods.replies import Reply, asked
from motet.runtime.methods.speech import Speech, question_with
from motet.runtime.methods.turns import CALLS, bound, converse
from motet.runtime.records import Usage

REPAIRS = 1
REPLANS = 2
READS = 8
"""Most turns in which the answer is written, should the model read long results in parts."""
_NO_FORMAT = (400, 404, 422)
"""What servers answer that do not know `response_format`."""


async def dag(context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]) -> Outcome:
    """Return the answer of a model that plans its calls as a graph.

    A plan that cannot run is corrected once, then the model calls turn by turn instead. Where
    calls fail, it may plan again what is missing, `REPLANS` times.
    Raises `ProviderError` as the model does.
    """
    draft = await _Planned(context, inputs, arguments).answer()
    return Outcome(draft, Usage(rows=len(draft.citations)), record(draft))


class _Planned:
    """One answer by plans of calls."""

    def __init__(
        self, context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
    ) -> None:
        self._context = context
        self._arguments = arguments
        self._model = cast(str, arguments["model"])
        self._found = units(cast(tuple[Passage, ...], inputs[0]))
        self._most = bound(arguments, "calls", CALLS)
        self._offer = Offer(context.means.tools, context.means.approve)
        self._caller = Caller(context, self._offer, self._most)
        self._shared = Shared(self._caller)
        self._excerpts = Excerpts()
        self._results: dict[str, Result] = {}
        self._question = question_with(self._found, context.question)
        self._messages = [
            Message("system", planning(self._offer)),
            *context.history,
            Message("user", self._question),
        ]
        self._formatted = True

    async def answer(self) -> Draft:
        """Plan, call and answer."""
        try:
            return await self._answer()
        finally:
            await self._shared.close()

    async def _answer(self) -> Draft:
        repairs, replans = REPAIRS, REPLANS
        for number in range(1, REPAIRS + REPLANS + 2):
            try:
                reply, plan = await self._plan(number)
            except _Unusable as unusable:
                if repairs == 0:
                    break
                repairs -= 1
                self._go_on(unusable.reply, correction(unusable.problems))
                continue
            failed = any(self._results[call.id].error is not None for call in plan.calls)
            if not failed or replans == 0:
                return await self._finish(plan)
            replans -= 1
            self._go_on(reply, replanning(self._shown()))
        return await converse(self._context, self._found, self._arguments).answer()

    # Planning

    async def _plan(self, number: int) -> tuple[Reply, CallPlan]:
        """Ask for a plan and run it; its results are among ours then. Raises `_Unusable`."""
        known = {id: each for id, each in self._results.items() if each.error is None}
        draft = _PlanDraft(
            lambda: PlanCheck(self._offer, list(known), self._most),
            CallGraph(self._caller, self._shared, known, f"plan-{number}"),
        )
        try:
            reply = await self._ask(number, draft)
            plan = draft.whole(reply)
            self._results |= await draft.graph.results()
        finally:
            await draft.graph.close()
        return reply, plan

    async def _ask(self, number: int, draft: _PlanDraft) -> Reply:
        temperature = cast("float | None", self._arguments.get("temperature"))
        request = ChatRequest(tuple(self._messages), temperature=temperature)
        if self._formatted:
            formatted = replace(request, response_format=FORMAT)
            try:
                return await self._asked(formatted, f"plan-{number}", draft)
            except ProviderError as error:
                if error.status not in _NO_FORMAT:
                    raise
                self._formatted = False
        return await self._asked(request, f"plan-{number}-unformatted", draft)

    async def _asked(self, request: ChatRequest, id: str, draft: _PlanDraft) -> Reply:
        return await asked(self._context, self._model, request, id, "plan_calls", draft)

    def _go_on(self, reply: Reply, words: str) -> None:
        self._messages += [Message("assistant", reply.text or "{}"), Message("user", words)]

    def _shown(self) -> JSON:
        """Return what the model gets to see of all results."""
        found: dict[str, JSON] = {}
        for id, each in self._results.items():
            if each.error is not None:
                found[id] = {"error": each.error}
            else:
                found[id] = {"result": self._excerpts.shown(each.value)}
        return found

    # Answering

    async def _finish(self, plan: CallPlan) -> Draft:
        speech = Speech(self._context, self._found, self._policy(), self._model)
        if plan.text is not None:
            speech.feed(plan.text)
            return speech.draft()
        text = self._referred(plan)
        if text is not None:
            self._context.emit(text)
            return Draft(text, text, (), self._model)
        conversation = Conversation(
            context=self._context,
            model=self._model,
            caller=Caller(self._context, Offer({}), 0),
            speech=speech,
            messages=[
                Message("system", writing(bool(self._found))),
                *self._context.history,
                Message("user", with_results(self._question, self._shown())),
            ],
            turns=READS,
            excerpts=self._excerpts,
        )
        return await conversation.answer()

    def _referred(self, plan: CallPlan) -> str | None:
        """Return the text that the plan says is the answer, where there is one."""
        if plan.answer is None or plan.answer.call is None:
            return None
        result = self._results.get(plan.answer.call)
        if result is None or result.error is not None:
            return None
        try:
            value = followed(plan.answer, result.value)
        except BadReference:
            return None  # the model sees what there is, and writes the answer
        return value if isinstance(value, str) and value.strip() else None

    def _policy(self) -> str:
        return cast(str, self._arguments.get("policy", "optional"))


class _Unusable(Exception):
    """A reply that is no plan that can run."""

    def __init__(self, reply: Reply, problems: Sequence[str]) -> None:
        super().__init__(*problems)
        self.reply = reply
        self.problems = problems


class _PlanDraft:
    """A plan as it is heard: calls that nobody would notice start before its end. A `Listener`."""

    def __init__(self, checking: Callable[[], PlanCheck], graph: CallGraph) -> None:
        self.graph = graph
        self._checking = checking
        self._check = checking()
        self._stream = PlanStream()

    def begin(self) -> None:
        """Start over: what an attempt said that failed does not count."""
        self.graph.drop()
        self._check = self._checking()
        self._stream = PlanStream()

    def text(self, piece: str) -> None:
        """Start the calls that the text completes."""
        for element in self._stream.feed(piece):
            call = self._check.admit(element)
            if call is not None and self.graph.may_start_early(call):
                self.graph.start([call])

    def call(self, call: StreamedCall) -> None:
        """Hear of a call in the protocol's own way, which nobody offered."""

    def whole(self, reply: Reply) -> CallPlan:
        """Start what has not started of a plan that can run. Raises `_Unusable`."""
        stream = PlanStream()
        stream.feed(reply.text)
        try:
            plan = self._check.plan(stream.document())
        except ValueError as error:
            raise _Unusable(reply, [f"it is not valid JSON: {error}"]) from error
        except InvalidPlan as error:
            raise _Unusable(reply, error.problems) from error
        self.graph.start(plan.calls)
        return plan
