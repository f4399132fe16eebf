"""Tool calls of a streamed answer, each given out as soon as it can no longer change.

A call is complete when its arguments are a whole JSON object *and* something proves that no
more of them can come: a delta of a higher index, or the end of the answer. Texts that merely
look whole never count, and what is not an object never runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from motet.core.chat import ChatEvent, Finished, FinishReason, ToolCall, ToolCallDelta
from motet.core.json import JSON, dumps


@dataclass(frozen=True, slots=True)
class StreamedCall:
    """A call as the model made it; `arguments` is None where it cannot run and `problem` says why.

    `index` is its place among the calls of the answer; ids differ within an answer.
    """

    index: int
    id: str
    name: str
    text: str
    arguments: Mapping[str, JSON] | None
    problem: str = ""

    def to_json(self) -> dict[str, JSON]:
        """Return the fields by name, as `StreamedCall(**…)` takes them."""
        return {
            "index": self.index,
            "id": self.id,
            "name": self.name,
            "text": self.text if self.arguments is None else "",
            "arguments": self.arguments,
            "problem": self.problem,
        }

    def as_message(self) -> ToolCall:
        """Return the call as a later request repeats it: its arguments always parse."""
        text = "{}" if self.arguments is None else dumps(self.arguments)
        return ToolCall(self.id, self.name, text)


@dataclass(slots=True)
class _Slot:
    index: int
    id: str = ""
    name: str = ""
    text: str = ""
    looked_at: int = -1
    given: bool = False


class ToolCallStream:
    """Feeds on the events of one answer and returns its calls as they become complete.

    Fragments may interleave, come twice as a whole call, carry the name in pieces, or come
    out of order; what comes for a call that was given out already is not looked at.
    """

    def __init__(self) -> None:
        self._slots: dict[int, _Slot] = {}
        self._ids: set[str] = set()

    def feed(self, event: ChatEvent) -> list[StreamedCall]:
        """Take an event; return the calls that it completes, lowest index first."""
        if isinstance(event, Finished):
            return self._finish(event.reason)
        if not isinstance(event, ToolCallDelta):
            return []
        self._add(event)
        below = (slot for index, slot in self._slots.items() if index < event.index)
        return [
            call for slot in sorted(below, key=_index) if (call := self._complete(slot)) is not None
        ]

    def _add(self, delta: ToolCallDelta) -> None:
        slot = self._slots.setdefault(delta.index, _Slot(delta.index))
        slot.id = slot.id or delta.id or ""
        if delta.name and not slot.text and delta.name != slot.name:
            slot.name += delta.name
        resent = bool(delta.arguments) and delta.arguments == slot.text and _parsed(slot.text)
        if not slot.given and not resent:
            slot.text += delta.arguments

    def _complete(self, slot: _Slot) -> StreamedCall | None:
        """Return the call of a slot that a higher index has overtaken, if it is whole."""
        if slot.given or not slot.name or slot.looked_at == len(slot.text):
            return None
        slot.looked_at = len(slot.text)
        # Nothing at all means no arguments, but only at the end: fragments may interleave.
        if not slot.text.rstrip().endswith("}"):
            return None
        arguments = _parsed(slot.text)
        return None if arguments is None else self._give(slot, arguments, "")

    def _finish(self, reason: FinishReason) -> list[StreamedCall]:
        left = [slot for slot in self._slots.values() if not slot.given]
        last = max(self._slots, default=-1)
        found = []
        for slot in sorted(left, key=_index):
            cut = reason in ("length", "content_filter") and slot.index == last
            arguments = None if cut and not slot.text.strip() else _parsed(slot.text)
            problem = "" if arguments is not None else _problem(slot.text, cut)
            if not slot.name:
                arguments, problem = None, "the call names no tool"
            found.append(self._give(slot, arguments, problem))
        return found

    def _give(
        self, slot: _Slot, arguments: Mapping[str, JSON] | None, problem: str
    ) -> StreamedCall:
        slot.given = True
        id = slot.id or f"call_{slot.index}"
        while id in self._ids:
            id += "_"
        self._ids.add(id)
        return StreamedCall(slot.index, id, slot.name, slot.text, arguments, problem)


def _index(slot: _Slot) -> int:
    return slot.index


def _parsed(text: str) -> Mapping[str, JSON] | None:
    """Return a whole JSON object, None for anything else; no text at all is an empty one."""
    if not text.strip():
        return {}
    try:
        value = json.loads(text, parse_constant=_refuse)
        # Half characters pass as escapes and would break every later request.
        dumps(value).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _problem(text: str, cut: bool) -> str:
    if cut:
        return "the answer was cut off before the arguments were whole"
    try:
        value = json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        return f"the arguments are not valid JSON: {error}"
    except RecursionError:
        return "the arguments are nested too deeply"
    if isinstance(value, dict):
        return "the arguments hold half a character"
    return f"the arguments are {type(value).__name__}, not an object"
