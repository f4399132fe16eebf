"""A model that calls tools turn by turn, until it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from motet.core.answers import Draft
from motet.core.chat import ChatRequest, Message, ToolCall, ToolSpec
from motet.core.errors import ProviderError
from motet.core.json import dumps
from motet.models.tool_stream import StreamedCall
from motet.runtime.context import Context
from motet.runtime.methods.calls import Caller, Request, Result, Shared, failure, given_up
from motet.runtime.methods.excerpts import READ, Excerpts, as_text
from motet.runtime.methods.offers import REPEATABLE
from motet.runtime.methods.references import BadReference, resolved
from motet.runtime.methods.replies import Reply, asked
from motet.runtime.methods.speech import Speech

PATIENCE = 400
"""Characters of a turn that are held back, because they are no answer if calls follow."""


@dataclass(slots=True)
class Conversation:
    """Turns of a model and the calls between them.

    Each turn is a step, each call is one. A call starts as soon as its arguments are
    complete, while the model goes on; only calls that a person must allow wait for the end
    of the turn, so that what is asked is on record. The last of `turns` may not call.
    """

    context: Context
    model: str
    caller: Caller
    speech: Speech
    messages: list[Message]
    turns: int
    temperature: float | None = None
    excerpts: Excerpts = field(default_factory=Excerpts)

    async def answer(self) -> Draft:
        """Converse until the model answers without a call. Raises `ProviderError`."""
        for number in range(1, self.turns + 1):
            turn = _Turn(self, number)
            try:
                reply = await self._ask(number, turn)
                results = await turn.results(reply)
            finally:
                await turn.close()
            if not reply.calls:
                return self.speech.draft()
            self.messages += turn.messages(reply, results)
        raise ProviderError(
            f"the model went on calling tools after {self.turns} turns", where=self.model
        )

    async def _ask(self, number: int, turn: _Turn) -> Reply:
        tools = self._tools()
        last = number == self.turns
        request = ChatRequest(
            tuple(self.messages),
            tools=tools,
            tool_choice="none" if tools and last else None,
            temperature=self.temperature,
        )
        operator = "answer"
        return await asked(self.context, self.model, request, f"turn-{number}", operator, turn)

    def _tools(self) -> tuple[ToolSpec, ...]:
        return (*self.caller.offer.specs, *([READ] if self.excerpts.any else []))


class _Turn:
    """One turn's text and calls, as they are heard; a `Listener`."""

    def __init__(self, conversation: Conversation, number: int) -> None:
        self._conversation = conversation
        self._number = number
        self._shared = Shared(conversation.caller)
        self._started: dict[tuple[int, str], asyncio.Task[Result]] = {}
        self._once: dict[int, asyncio.Task[Result]] = {}
        self._asked: dict[int, Request] = {}
        self._position = 0
        self._held = ""
        self._shown = False
        self._heard = False

    # Hearing

    def begin(self) -> None:
        """Forget the text of an attempt that failed. Raises where a person has read it."""
        if self._shown:
            raise ProviderError(
                "the answer broke off after part of it was shown", where=self._conversation.model
            )
        self._held = ""
        self._position = 0
        self._heard = True

    def text(self, piece: str) -> None:
        """Hold text back while calls may follow it, but not for ever."""
        self._held += piece
        if self._shown or len(self._held) > PATIENCE:
            self._say()

    def call(self, call: StreamedCall) -> None:
        """Start a call at once, if nobody has to be asked."""
        request = self._request(call)
        if isinstance(request, Request) and not self._needs_approval(request):
            self._task(call, request)

    def _say(self) -> None:
        self._conversation.speech.feed(self._held)
        self._held = ""
        self._shown = True

    # Results

    async def results(self, reply: Reply) -> list[Result]:
        """Return the results of a reply's calls in order, and say its text where it answers."""
        if not self._heard:
            self._held = reply.text
            if len(reply.text) > PATIENCE:
                self._say()
        if not reply.calls:
            self._say()
            return []
        if self._shown:
            self._held += "\n\n"
            self._say()
        found: list[Result | asyncio.Task[Result]] = []
        for call in reply.calls:
            request = self._request(call)
            if isinstance(request, Result):
                found.append(request)
            else:
                found.append(self._task(call, request))
        return [each if isinstance(each, Result) else await each for each in found]

    def messages(self, reply: Reply, results: Sequence[Result]) -> list[Message]:
        """Return the turn as later requests repeat it, and a result for each call.

        Thoughts and seals stay where they are: providers refuse to go on without them.
        """
        excerpts = self._conversation.excerpts
        calls: list[ToolCall] = []
        answers: list[Message] = []
        for call, result in zip(reply.calls, results, strict=True):
            calls.append(self._as_called(call, result))
            text = as_text(excerpts.shown(result.shown()))
            answers.append(Message("tool", text, tool_call_id=call.id))
        left = iter(calls)
        said = tuple(
            replace(next(left), seal=part.seal) if isinstance(part, ToolCall) else part
            for part in reply.parts
        )
        return [Message("assistant", said), *answers]

    async def close(self) -> None:
        """Give up calls of which nobody wants to know any more."""
        await given_up([*self._started.values(), *self._once.values()])

    def _as_called(self, call: StreamedCall, result: Result) -> ToolCall:
        """Return a call as it was made, which counts where the model asked otherwise later."""
        requested = self._asked.get(call.index)
        if requested is None or result.request.key == requested.key:
            made = call.as_message()
            return made if made.name else ToolCall(made.id, "unknown", made.arguments)
        return ToolCall(call.id, result.request.tool, dumps(result.request.arguments))

    # Calls

    def _request(self, call: StreamedCall) -> Request | Result:
        """Return what a call asks for with its references resolved, or why it cannot be made."""
        if call.arguments is None:
            kind = "cut_off" if "cut off" in call.problem else "invalid_arguments"
            return failure(Request(call.name, {}), kind, call.problem)
        request = Request(call.name, call.arguments)
        excerpts = self._conversation.excerpts
        if not excerpts.any:
            return request
        try:
            if call.name == READ.name:
                return Result(request, excerpts.read(call.arguments))
            value = resolved(call.arguments, excerpts.value)
        except BadReference as error:
            return failure(request, "invalid_arguments", str(error))
        return Request(call.name, value)  # type: ignore[arg-type]

    def _needs_approval(self, request: Request) -> bool:
        offer = self._conversation.caller.offer
        tool = offer.get(request.tool)
        return tool is not None and offer.needs_approval(tool)

    def _task(self, call: StreamedCall, request: Request) -> asyncio.Task[Result]:
        key = (call.index, request.key)
        if key not in self._started:
            self._asked[call.index] = request
            self._started[key] = self._start(call, request)
        return self._started[key]

    def _start(self, call: StreamedCall, request: Request) -> asyncio.Task[Result]:
        caller = self._conversation.caller
        prefix = f"turn-{self._number}/"
        if self._needs_approval(request):
            return caller.start(request, f"{prefix}asked-{call.index}")
        tool = caller.offer.get(request.tool)
        if tool is not None and tool.effect == "once":
            return self._start_once(request, prefix)
        if tool is not None and tool.effect in REPEATABLE:
            return self._shared.start(request, prefix)
        return caller.start(request, f"{prefix}{request.key}-{call.index}")

    def _start_once(self, request: Request, prefix: str) -> asyncio.Task[Result]:
        """Start what happens once, known by its place alone.

        Should the turn be asked again after a failure or a crash, whatever stands in this
        place has happened already: its result is taken, whatever the model says this time.
        """
        position = self._position
        self._position += 1
        if position not in self._once:
            caller = self._conversation.caller
            self._once[position] = caller.start(request, f"{prefix}once-{position + 1}")
        return self._once[position]
