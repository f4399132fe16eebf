"""What was asked of models and what it cost: one row per attempt, never lost, never twice."""

from motet.gateway.ledger.entry import Entry, Status
from motet.gateway.ledger.place import ledger_place

__all__ = ["Entry", "Status", "ledger_place"]
