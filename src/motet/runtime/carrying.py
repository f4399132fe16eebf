"""Carrying out one node: its limits, budget and intents, its attempts, and what is kept of it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import partial
from typing import Any

from motet.core.clock import tick
from motet.core.errors import RunError
from motet.core.running import CALLER
from motet.core.values import ValueTypeError, decode, encode
from motet.planner.typing import fits, shown
from motet.planner.written import Ref, resolved
from motet.runtime.attempts import Attempt, attempt, insisted
from motet.runtime.budget import Amount, Budget, Purse, amount
from motet.runtime.growth import Growth
from motet.runtime.hands import Hands
from motet.runtime.journal import Journal
from motet.runtime.limits import limits
from motet.runtime.node import NOTHING, Node
from motet.runtime.people import DOUBT, People
from motet.runtime.records import Span, Usage


class Carrier(ABC):
    """Carries out the nodes of one run, one at a time; who runs when is decided elsewhere.

    `recorded` are the spans of an earlier process. Without a journal nothing is recorded.
    `hands` call functions elsewhere.
    """

    def __init__(
        self,
        run: str,
        journal: Journal | None,
        recorded: Mapping[str, Span],
        budget: Budget | None,
        hands: Hands | None,
    ) -> None:
        self.id = run
        self.journal = journal
        self.hands = hands
        self.nodes: dict[str, Node] = {}
        self.paused = False
        self.people: People
        self.used = sum((each.usage for each in recorded.values()), Usage())
        self.purse: Purse | None = None
        if budget is not None:
            calls = sum(span.attempts for span in recorded.values())
            self.purse = Purse(budget, amount(self.used, calls))
        self._closed = False
        self._growth = Growth()
        self._booked: dict[str, Usage] = {}

    @property
    @abstractmethod
    def _over(self) -> bool:
        """Whether nothing starts any more."""

    @abstractmethod
    async def _promised(self, value: Any) -> Any:
        """Wait for the nodes that a value refers to, and return it with theirs."""

    async def _execute(self, node: Node) -> Any:
        operator = node.call_.operator
        CALLER.set(node)
        node.begin()
        try:
            args, kwargs = self._arguments(node)
            if node.recorded is not None and (known := await self._doubted(node)) is not None:
                return self._finish(node, known[0], ())
            value = await self._within_limits(node, args, kwargs)
            if node.children:
                await asyncio.gather(*node.children)
            if node.adds:
                value = await self._promised(value)
        except asyncio.CancelledError:
            keeps = self.paused and (operator.effect != "once" or node.status == "paused")
            self._ended(node, "paused" if keeps else "cancelled", "")
            raise
        except Exception as error:
            node.error = error
            self._ended(node, "failed", "")
            raise
        finally:
            if node.children:
                for child in node.children:
                    child.cancel()
        return self._finish(node, value, args)

    def _arguments(self, node: Node) -> tuple[tuple[Any, ...], dict[str, Any]]:
        call = node.call_
        if not call.needs:
            return call.args, dict(call.kwargs)
        args = tuple([resolved(each, self.value_of) for each in call.args])
        if not call.kwargs:
            return args, {}
        return args, {name: resolved(each, self.value_of) for name, each in call.kwargs.items()}

    def value_of(self, ref: Ref) -> Any:
        """Return what a finished node gave."""
        node = self.nodes[ref.node]
        if type(node.value) is Recorded:
            node.value = self._decoded(node, node.value.text)
        return ref.of(node.value) if ref.path else node.value

    def _decoded(self, node: Node, text: str | None) -> object:
        try:
            return (node.decode or decode)(text if text is not None else "null")
        except ValueError as error:
            raise RunError(f"the recorded value cannot be read: {error}", where=node.id) from error

    async def _doubted(self, node: Node) -> tuple[object] | None:
        """Ask a person about a call that may have happened; None: call it."""
        recorded = node.recorded
        if node.call_.operator.effect != "once" or recorded is None or recorded.attempts == 0:
            return None
        if self.hands is not None and self.hands.knows(node.id):
            return None
        return await self.doubt(node)

    async def doubt(self, node: Node) -> tuple[object] | None:
        """Ask a person what a call gave that may have happened; None: call it again."""
        assert self.journal is not None
        try:
            said = await self.people.ask(node, DOUBT)
        finally:
            if not self._over:
                # What they said is about this doubt, not about one that comes later.
                self.people.forget(node.id)
                self.journal.post_forgotten(self.id, node.id)
        if said.kind == "retry":
            return None
        return (self._decoded(node, said.value),)

    async def _within_limits(
        self, node: Node, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        settings = node.call_.operator.settings
        if settings.concurrency is None:
            return await self._called(node, args, kwargs)
        key = _limit(node)
        above = node.parent
        while above is not None:
            if above.call_.operator.settings.concurrency is not None and _limit(above) == key:
                return await self._called(node, args, kwargs)  # within the place that it has
            above = above.parent
        async with limits().hold(key, settings.concurrency, self.id):
            node.begin()  # what it waited for its turn is not its own time
            return await self._called(node, args, kwargs)

    async def _called(self, node: Node, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        operator = node.call_.operator
        settings = operator.settings
        if operator.effect == "once" and self.journal is not None:
            # The intent is committed before the call, and with it all that led to it.
            node.attempts += 1
            self.journal.post_node(node)
            await self.journal.flush(self.id)
            node.attempts -= 1
        else:
            self.note(node)
            if self.journal is not None and self.journal.crowded:
                await self.journal.flush(self.id)
        run = attempt(operator, args, kwargs)
        if self.hands is not None:
            run = self.hands.attempt(node, args, kwargs, run)
        if self.purse is not None and not operator.composes:
            run = partial(self._paid, self.purse, node, run)
        else:
            run = partial(self._counted, node, run)
        if self.hands is not None:
            run = partial(self.hands.lasting, node, run)
        if settings.retries or settings.hedge is not None:
            return await insisted(operator, run)
        return await run()

    async def _paid(self, purse: Purse, node: Node, run: Attempt) -> Any:
        """Run an attempt that the budget holds; book what it used, however it ends."""
        settings = node.call_.operator.settings
        most = Amount(settings.cost, settings.tokens, 1)
        await purse.reserve(most, node.id)
        try:
            return await self._counted(node, run)
        finally:
            booked = self._booked.get(node.id, node.recorded.usage if node.recorded else NOTHING)
            used = self._booked[node.id] = node.usage
            purse.settle(most, node.id, amount(used, 1) - amount(booked, 0))

    async def _counted(self, node: Node, run: Attempt) -> Any:
        """Run an attempt; it costs its price where it succeeds and reports nothing."""
        operator = node.call_.operator
        spent = node.usage.cost_usd
        if not operator.composes:
            node.attempts += 1
        value = await run()
        if operator.settings.cost and node.usage.cost_usd == spent:
            node.usage += Usage(cost_usd=operator.settings.cost)
        return value

    def _finish(self, node: Node, value: Any, args: tuple[Any, ...]) -> Any:
        operator = node.call_.operator
        returns = operator.returns
        if not fits(value, returns):
            error = RunError(
                f"gave {type(value).__name__}, its annotation says {shown(returns)}", where=node.id
            )
            node.error = error
            self._ended(node, "failed", "")
            raise error
        node.value = value
        self._count(node)
        if self.journal is None:
            node.seconds = tick() - node.began
            node.status = "done"
            return value
        if node.text is None:
            try:
                node.text = text = encode(value)
            except ValueTypeError as error:
                failure = RunError(f"its value cannot be recorded: {error}", where=node.id)
                node.error = failure
                self._ended(node, "failed", "")
                raise failure from None
            if len(text) >= self._growth.LEAST:
                node.text, node.base = self._growth.kept(
                    node.id, value, text, node.call_.needs, args
                )
        node.seconds = tick() - node.began
        node.status = "done"
        self.note(node)
        return value

    def _ended(self, node: Node, status: Any, note: str) -> None:
        self._count(node)
        if note:
            node.usage += Usage(note=note)
        if status != "paused":
            node.seconds = tick() - node.began
        node.status = status
        self.note(node)

    def _count(self, node: Node) -> None:
        """Add what a node used in this process to what the run used."""
        if node.usage is not NOTHING:
            before = node.recorded.usage if node.recorded else NOTHING
            used = node.usage
            self.used += Usage(
                used.input_tokens - before.input_tokens,
                used.output_tokens - before.output_tokens,
                used.cost_usd - before.cost_usd,
            )

    def note(self, node: Node) -> None:
        """Record a node as it is now; nothing once the run is over, which may be another's."""
        if self.journal is not None and not self._closed:
            self.journal.post_node(node)


class Recorded:
    """A value that is still text."""

    __slots__ = ("text",)

    def __init__(self, text: str | None) -> None:
        self.text = text


def _limit(node: Node) -> str:
    """Return the name under which the node is limited."""
    return node.call_.operator.choice if node.label is None else node.label.limit
