"""Waiting for people: approvals, and calls that may or may not have happened."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from motet.core.errors import MotetError, Refused, RunError
from motet.runtime.records import Usage

if TYPE_CHECKING:
    from motet.runtime.execution import Execution
    from motet.runtime.node import Node

SETTLE_SECONDS = 0.02
"""How long nothing may happen before a run counts as waiting for people only."""
LOOK_SECONDS = 0.25
"""How often a running process looks for what people said meanwhile."""
DOUBT = "it may have happened before the process died"
"""Why a person is asked about a call that happens once."""

Kind = Literal["approve", "refuse", "retry", "cancel"]


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said: `value` as JSON text where they gave one."""

    kind: Kind
    value: str | None
    reason: str


class People:
    """What one run asks of people, and how it notices that nothing else is left to do."""

    def __init__(self, execution: Execution, *, wait: bool) -> None:
        self._execution = execution
        self._wait = wait
        self._busy = 0
        self._moves = 0
        self._considering = False
        self._waiting: dict[str, set[asyncio.Future[Said]]] = {}
        self._known: dict[str, Said] = {}
        self._looking: asyncio.Task[None] | None = None

    def busy(self) -> None:
        """Count something that runs."""
        self._busy += 1
        self._moves += 1

    def idle(self) -> None:
        """Count it as ended, or as waiting for people."""
        self._busy -= 1
        self._moves += 1
        if self._busy == 0 and not self._considering:
            self._consider_later()

    def _consider_later(self) -> None:
        self._considering = True
        asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._consider, self._moves)

    def _consider(self, moves: int) -> None:
        """Pause a run that only people can help on; end one that nobody can."""
        self._considering = False
        if self._busy > 0:
            return
        if moves != self._moves:
            self._consider_later()
        elif not self._waiting:
            self._execution.give_up()
        elif not self._wait:
            self._execution.pause()

    def know(self, said: dict[str, tuple[str, str | None, str]]) -> None:
        """Take in what people said, by node; an empty node means the run."""
        for node, (kind, value, reason) in said.items():
            if kind == "cancel":
                self._execution.cancel(reason)
                continue
            found = self._known[node] = Said(kind, value, reason)  # type: ignore[arg-type]
            for turn in self._waiting.get(node, ()):
                if not turn.done():
                    turn.set_result(found)

    async def ask(
        self, node: Node, why: str, shown: str | None = None, key: str | None = None
    ) -> Said:
        """Return what a person says about a node and a value (JSON text). Raises `Refused`.

        `key` is what the answer goes by, where that is not the node's id.
        """
        said = self._known.get(key or node.id)
        if said is None:
            said = await self._answer(node, why, shown, key or node.id)
        if said.kind == "refuse":
            raise Refused(said.reason, where=node.id)
        return said

    def forget(self, key: str) -> None:
        """Forget what a person said: it was acted on."""
        self._known.pop(key, None)

    async def _answer(self, node: Node, why: str, shown: str | None, key: str) -> Said:
        execution = self._execution
        if execution.journal is None:
            raise RunError(
                "a person must be asked, and without a journal nobody can answer", where=node.id
            )
        node.status = "paused"
        node.usage += Usage(note=why)
        node.text = shown
        execution.note(node)
        turn: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, set()).add(turn)
        self.look()
        self.idle()
        try:
            return await turn
        finally:
            self._waiting[key].discard(turn)
            if not self._waiting[key]:
                del self._waiting[key]
            self.busy()
            if not execution.paused:
                node.status = "running"
                node.text = None

    def look(self) -> None:
        """Look for what people say, from now on and until the run ends."""
        if self._looking is None and self._execution.journal is not None:
            self._looking = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        journal = self._execution.journal
        assert journal is not None
        while True:
            try:
                said = await asyncio.to_thread(journal.answers, self._execution.id)
            except MotetError as error:
                self._execution.fail(error)
                return
            self.know(said)
            await asyncio.sleep(LOOK_SECONDS)

    def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
