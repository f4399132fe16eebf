"""What a system is asked and answers, as it passes the guards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from motet.core.answers import Answer
from motet.core.chat import Message
from motet.core.errors import ContentPolicy
from motet.gateway.guards.rules import Rules
from motet.gateway.guards.screening import Screening, Side, shown
from motet.runtime.records import Record


class GuardedRun:
    """The guards of one run; without `rules` everything passes."""

    def __init__(self, rules: Rules | None) -> None:
        self._screening = Screening(rules or Rules())
        self._changing = self._screening.rules.changing
        self._told = self._screening.side()
        self._stream = self._screening.side()
        self._watched = self._stream.watched()

    def question(self, text: str) -> str:
        """Return the question with every find decided. Raises `ContentPolicy`."""
        return self._passed(text, self._screening.request, "the question")

    def history(self, turns: Sequence[Message]) -> list[Message]:
        """Return the turns before it, likewise."""
        side = self._screening.request
        return [
            replace(each, content=self._passed(each.text, side, "an earlier turn"))
            for each in turns
        ]

    def feed(self, piece: str) -> str:
        """Return what may be shown of the answer's text so far. Raises `ContentPolicy`."""
        said = self._watched.feed(piece)
        return said if self._changing else piece

    def finish(self) -> str:
        """Return what waited at the text's end."""
        said = self._watched.finish()
        return said if self._changing else ""

    def answer(self, answer: Answer) -> Answer:
        """Return the whole answer with every find decided. Raises `ContentPolicy`."""
        side = self._told
        return replace(
            answer,
            text=self._passed(answer.text, side, "the answer"),
            marked=self.kept(answer.marked),
            citations=tuple(replace(each, text=self.kept(each.text)) for each in answer.citations),
        )

    def noted(self, record: Record) -> Record:
        """Return a run's record with the kinds and counts that were found, never the values."""
        found = shown(self._screening.request, self._told)
        return replace(record, extra={**record.extra, "guard": found}) if found else record

    def kept(self, text: str) -> str:
        """Return a part of the answer with every find decided, counting none of them.

        Raises `ContentPolicy`.
        """
        return self._passed(text, self._screening.side(), "the answer")

    def _passed(self, text: str, side: Side, what: str) -> str:
        if not self._screening.rules.groups:
            return text
        said = side.screened(text)
        if side.stopped is not None:
            raise ContentPolicy(
                f"{what} holds {side.why()}, which is not let through",
                hint="the declaration's guard says so",
            )
        return said
