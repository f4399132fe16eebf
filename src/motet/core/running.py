"""Which node is running: what operators find when they are called inside a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Protocol


class Caller(Protocol):
    """The running node, as an operator's call sees it."""

    @property
    def plan(self) -> Any:
        """The written plan that the node's run carries out, None where there is none."""
        ...

    def call(self, operator: Any, args: Sequence[object], kwargs: Mapping[str, object]) -> object:
        """Run an operator as a child: an awaitable on the event loop, its value in a thread."""
        ...


CALLER: ContextVar[Caller | None] = ContextVar("motet_caller", default=None)
SYSTEM: ContextVar[Any] = ContextVar("motet_system", default=None)
"""The system whose run is going on: what `System.running()` gives its operators."""
