"""What past runs measured, as the planner asks for it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Finished:
    """One node that finished, with what its own parts used counted in.

    `started` is in epoch seconds, `task` the kind of request it served.
    """

    started: float
    seconds: float
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    task: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """What an evaluation gave one node, 0 to 1."""

    score: float
    task: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """The recent nodes of one method and choice, newest first."""

    finished: Sequence[Finished] = ()
    scored: Sequence[Scored] = ()


class Statistics(Protocol):
    """Reads what past runs measured."""

    def version(self) -> Hashable:
        """Return a token, cheaply, that differs once another node finished or was scored."""
        ...

    def past(self, method: str, choice: str) -> Past:
        """Return the recent finished and scored nodes of a method and choice."""
        ...
