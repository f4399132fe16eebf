"""Who calls the functions of a run's nodes, where that is not the process that owns the run."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from motet.runtime.attempts import Attempt
    from motet.runtime.node import Node


class Away:
    """An operator's function whose calls something else carries out; known as the function is."""

    def __init__(
        self, function: Callable[..., Any], call: Callable[..., Awaitable[object]]
    ) -> None:
        self._call = call
        functools.update_wrapper(self, function)

    async def __call__(self, *args: object, **kwargs: object) -> object:
        """Have one call carried out."""
        return await self._call(*args, **kwargs)


class Hands(Protocol):
    """Calls functions on behalf of one run."""

    def attempt(
        self, node: Node, args: tuple[Any, ...], kwargs: dict[str, Any], here: Attempt
    ) -> Attempt:
        """Return what calls the node's function once; `here` does so in this process."""
        ...

    async def lasting(self, node: Node, run: Attempt) -> Any:
        """Run an attempt; ask a person what a call gave whose end nobody lived to see."""
        ...

    def knows(self, node: str) -> bool:
        """Whether a call that an earlier owner of the run handed out can still be followed."""
        ...
