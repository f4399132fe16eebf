"""Plans by shape: what was planned once is not planned again until something changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields, replace

from motet.planner.history import Key
from motet.planner.plan import PhysicalPlan
from motet.planner.request import Request

SIZE = 256
"""Plans kept; the one used least recently goes first."""


def shape(request: Request) -> Hashable:
    """Return what a plan depends on beside statistics: everything the request says.

    That is the models with their prices and whether each can be reached now, retrieval modes,
    tools, objective, limits, pins, policy and the kind of request. The question's words are
    not among it.
    """
    return _still(request)


def _still(value: object) -> Hashable:
    """Return a value that equals another one's where both say the same, and has a hash."""
    if isinstance(value, Mapping):
        return tuple((key, _still(each)) for key, each in value.items())
    if isinstance(value, list | tuple):
        return tuple(_still(each) for each in value)
    try:
        hash(value)
    except TypeError:
        names = [each.name for each in fields(value)]  # type: ignore[arg-type]
        return tuple(_still(getattr(value, name)) for name in names)
    return value


@dataclass(frozen=True, slots=True)
class _Entry:
    plan: PhysicalPlan
    editions: Mapping[Key, int]


class PlanCache:
    """Keeps plans with the editions of the statistics that they were made from.

    Safe to use from several threads.
    """

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> tuple[PhysicalPlan, Mapping[Key, int]] | None:
        """Return the plan kept for a shape, and what it was made from."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return replace(entry.plan, cached=True), entry.editions

    def put(self, key: Hashable, plan: PhysicalPlan, editions: Mapping[Key, int]) -> None:
        """Keep a plan."""
        with self._lock:
            self._entries[key] = _Entry(plan, dict(editions))
            self._entries.move_to_end(key)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)
