"""The tools offered to a model: their names on the wire, and which need a person's word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from motet.core.chat import ToolSpec
from motet.core.protocols import Tool
from motet.spec.problems import nearest

_WIRE = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST = 64
RESERVED = frozenset(("read_result",))
"""Names of the engine's own tools."""
REPEATABLE = frozenset(("pure", "read"))
"""Effects that nobody notices: such calls may start early, and equal ones share a run."""


class Offer:
    """Tools by the names that models may use, which are narrower than ours."""

    def __init__(self, tools: Mapping[str, Tool], approve: Sequence[str] = ()) -> None:
        self._approve = tuple(approve)
        self._tools: dict[str, Tool] = {}
        for tool in tools.values():
            self._tools[self._wire_name(tool.name)] = tool

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools as a request carries them."""
        return tuple(
            ToolSpec(name, tool.description, tool.parameters) for name, tool in self._tools.items()
        )

    @property
    def names(self) -> list[str]:
        """The names on the wire."""
        return list(self._tools)

    def get(self, name: str) -> Tool | None:
        """Return a tool by the name a model used, None where there is none."""
        return self._tools.get(name)

    def near(self, name: str) -> str | None:
        """Return the name that a model may have meant."""
        return nearest(name, self.names)

    def needs_approval(self, tool: Tool) -> bool:
        """Whether a person must allow each call of a tool."""
        return any(fnmatchcase(tool.name, pattern) for pattern in self._approve)

    def _wire_name(self, name: str) -> str:
        wire = _WIRE.sub("_", name)[:_LONGEST]
        number = 2
        while wire in self._tools or wire in RESERVED:
            suffix = f"_{number}"
            wire = _WIRE.sub("_", name)[: _LONGEST - len(suffix)] + suffix
            number += 1
        return wire
