"""Calls of custom tools, whose input is free text: only OpenAI has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from motet.core.chat import Native, Whole
from motet.core.json import JSON


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    input: str = ""


class CustomCalls:
    """Gathers entries of `tool_calls`, whole or in fragments, until the answer ends.

    `met` says whether there were any.
    """

    def __init__(self) -> None:
        self.met = False
        self._calls: dict[int, _Call] = {}

    def takes(self, entry: Mapping[str, JSON], place: int) -> bool:
        """Take an entry if it belongs to a custom call; `place` counts where it has no index."""
        index = entry.get("index")
        index = index if isinstance(index, int) else place
        custom = entry.get("custom")
        if entry.get("type") != "custom" and not isinstance(custom, Mapping):
            return False
        self.met = True
        call = self._calls.setdefault(index, _Call())
        fields = custom if isinstance(custom, Mapping) else {}
        call.id = call.id or _string(entry.get("id"))
        call.name += _string(fields.get("name"))
        call.input += _string(fields.get("input"))
        return True

    def given_out(self) -> list[Whole]:
        """Return the calls, and forget them."""
        found = [
            Whole(Native("openai", custom_call(c.id, c.name, c.input)))
            for c in self._calls.values()
        ]
        self._calls = {}
        return found


def custom_call(id: str, name: str, input: str) -> dict[str, JSON]:
    """Return a call as it stands in `tool_calls`."""
    return {"id": id, "type": "custom", "custom": {"name": name, "input": input}}


def _string(value: JSON) -> str:
    return value if isinstance(value, str) else ""
