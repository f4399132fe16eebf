"""What a chat model says, on its way to the person: cited, silent where it must be, emitted."""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.answers import Draft
from motet.core.chat import Finished
from motet.core.chat import Usage as ChatUsage
from motet.core.errors import ProviderError
from motet.core.passages import Passage
from motet.planner.cost import Price
from motet.runtime.context import Context
from motet.runtime.methods.drafts import abstention
from motet.runtime.methods.markers import Marking, Unit
from motet.runtime.records import Usage

SILENCE = "NOT_IN_SOURCES"
"""What a model is told to reply when the sources do not hold the answer."""


class Speech:
    """Feeds on a model's text, emits what may be shown, and makes the draft of the whole."""

    def __init__(self, context: Context, found: Sequence[Unit], policy: str, model: str) -> None:
        self._emit = context.emit
        self._question = context.question
        self._model = model
        self._marking = Marking(found, context.question, policy=policy)
        self._silence = _Silence()

    def feed(self, text: str) -> None:
        """Take more of the text."""
        if shown := self._marking.feed(self._silence.feed(text)):
            self._emit(shown)

    def draft(self) -> Draft:
        """Take what was fed as the whole. Raises `ProviderError` where it is nothing."""
        if shown := self._marking.feed(self._silence.rest()) + self._marking.finish():
            self._emit(shown)
        if self._silence.kept:
            return abstention(self._question, self._model)
        marking = self._marking
        if not marking.text:
            raise ProviderError("the model answered nothing", where=self._model)
        return Draft(marking.text, marking.marked, tuple(marking.citations), self._model)


def listing(found: Sequence[Unit]) -> str:
    """Write the units line by line, each passage under a line that says where it stands."""
    lines: list[str] = []
    last: Passage | None = None
    for number, unit in enumerate(found, 1):
        if unit.passage is not last:
            page = f", page {unit.passage.page}" if unit.passage.page else ""
            lines.append(f"From {unit.passage.source}{page} ({unit.passage.context}):")
            last = unit.passage
        lines.append(f"[{number}] {unit.shown()}")
    return "\n".join(lines)


def question_with(found: Sequence[Unit], question: str) -> str:
    """Return the question as a model gets it, below the sources where there are any."""
    return f"Sources:\n{listing(found)}\n\nQuestion: {question}" if found else question


def check_withheld(event: Finished, model: str) -> None:
    """Raise `ProviderError` where the provider kept the answer to itself."""
    if event.reason == "content_filter":
        raise ProviderError("the provider's content filter withheld the answer", where=model)


def used(usage: ChatUsage | None, price: Price | None, rows: int | None = None) -> Usage:
    """Return what a node used that asked a model: as billed, else tokens times the price."""
    if usage is None:
        return Usage(rows=rows, note="the provider reported no usage")
    cost = usage.cost_usd
    if cost is None and price is not None:
        tokens = usage.input_tokens * price.input + usage.output_tokens * price.output
        cost = tokens / 1e6 + price.call
    note = "" if cost is not None else "no price is known for this model"
    return Usage(usage.input_tokens, usage.output_tokens, cost or 0.0, rows, note)


class _Silence:
    """Holds text back while it may still be the agreed word for no answer."""

    def __init__(self) -> None:
        self._held = ""
        self._passing = False
        self.kept = False

    def feed(self, piece: str) -> str:
        if self._passing:
            return piece
        self._held += piece
        start = self._held.lstrip()
        self.kept = start.startswith(SILENCE)
        if self.kept or SILENCE.startswith(start):
            return ""
        self._passing = True
        return self.rest()

    def rest(self) -> str:
        """Return what is held, but the agreed word itself."""
        held, self._held = self._held, ""
        return "" if self.kept else held
