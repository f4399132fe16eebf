"""What happened, weighed: who took the time and the money, what waited for what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actual:
    """What happened at a node. `started` is seconds after the run's start.

    `needs` are the nodes it waited for, `parent` the node that added it while running (its
    `operator` and `choice` then stand in no plan). `failure` says why it failed.
    """

    status: str
    started: float
    seconds: float
    tokens: int
    cost: float
    rows: int | None
    note: str = ""
    needs: tuple[str, ...] = ()
    parent: str | None = None
    attempts: int = 1
    failure: str = ""
    operator: str = ""
    choice: str = ""
