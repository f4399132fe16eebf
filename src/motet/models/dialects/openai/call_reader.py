"""Tool calls as OpenAI-compatible servers write them, brought into one order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from motet.core.chat import Seal, ToolCallDelta
from motet.core.ids import sha256
from motet.core.json import JSON, dumps
from motet.models.dialects.openai.thoughts import read_seal


@dataclass(slots=True)
class _Call:
    index: int
    id: str = ""
    name: str = ""
    held: str = ""
    seal: Seal | None = None
    argued: bool = False


class ToolCallReader:
    """Turns entries of `tool_calls`, whole or in fragments, into canonical deltas.

    Servers differ: some leave out the index or the id, some number every parallel call 0,
    some repeat the name in each fragment, some send it in pieces. The first delta of an index
    carries id and name, or the name's begin; fragments that come before it are held back.
    """

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._current: dict[int, _Call] = {}

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def nameless(self) -> bool:
        """Whether a call was begun that never got a name."""
        return any(not call.name for call in self._calls)

    def feed(self, entry: Mapping[str, JSON], completion: str) -> ToolCallDelta | None:
        """Take one entry of the completion with that id; return what is new, if anything."""
        function = entry.get("function")
        if not isinstance(function, Mapping):
            function = {}
        id, name = _string(entry.get("id")), _string(function.get("name"))
        arguments = _arguments(function.get("arguments"))
        seal = read_seal(entry.get("extra_content"))
        call = self._find(entry.get("index"), id, name)
        if call.name:
            more = _rest_of_name(call, name)
            call.name += more
            call.argued = call.argued or bool(arguments)
            new = ToolCallDelta(call.index, None, more or None, arguments, seal)
            return new if more or arguments or seal else None
        call.id, call.name, call.held = call.id or id, name, call.held + arguments
        call.seal = seal or call.seal
        if not name:
            return None
        # A made id depends on the completion alone: streamed or not, it is the same.
        call.id = call.id or f"call_{sha256(f'{completion}/{call.index}'.encode())[:24]}"
        call.argued = bool(call.held)
        return ToolCallDelta(call.index, call.id, call.name, call.held, call.seal)

    def _find(self, index: JSON, id: str, name: str) -> _Call:
        slot = index if isinstance(index, int) else None
        if slot is None:
            current = self._calls[-1] if self._calls else None
            begins = bool(name)
        else:
            current = self._current.get(slot)
            begins = bool(name and id) and current is not None and current.id not in ("", id)
        if current is None or begins:
            current = self._begin(slot)
        return current

    def _begin(self, slot: int | None) -> _Call:
        taken = {call.index for call in self._calls}
        free = slot is not None and slot not in taken
        call = _Call(slot if free and slot is not None else max(taken, default=-1) + 1)
        self._calls.append(call)
        self._current[call.index if slot is None else slot] = call
        return call


def _rest_of_name(call: _Call, name: str) -> str:
    """Return what a name adds to that of a call: nothing where it repeats it."""
    if call.argued or call.name.startswith(name):
        return ""
    return name.removeprefix(call.name)


def _string(value: JSON) -> str:
    return value if isinstance(value, str) else ""


def _arguments(value: JSON) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return dumps(value)
