"""From the tables of a store to the plan of a graph."""

from __future__ import annotations

from dataclasses import dataclass

from motet.knowledge.store import Store
from motet.knowledge.structure.plan import Plan
from motet.knowledge.structure.planning import planned
from motet.knowledge.structure.profiles import profiled
from motet.knowledge.structure.references import Discovered, discover
from motet.knowledge.structure.stored import tables_of


@dataclass(frozen=True, slots=True)
class Discovery:
    """A plan and what it was found from."""

    found: Discovered
    plan: Plan


def discovered(store: Store) -> Discovery:
    """Look through all tables of a store's scope. Raises `UsageError` for one too wide."""
    found = discover(profiled(tables_of(store)))
    return Discovery(found, planned(found))
