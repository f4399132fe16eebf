"""Virtual keys, teams, budgets and rates."""

from motet.gateway.accounts.accounts import Accounts
from motet.gateway.accounts.asking import Ask, Hold, Refusal
from motet.gateway.accounts.limits import Limits
from motet.gateway.accounts.registry import PREFIX, Key, Registry, Team
from motet.gateway.accounts.tenant import ANYONE, OWNER, Tenant
from motet.gateway.ledger.entry import Entry

__all__ = [
    "ANYONE",
    "OWNER",
    "PREFIX",
    "Accounts",
    "Ask",
    "Entry",
    "Hold",
    "Key",
    "Limits",
    "Refusal",
    "Registry",
    "Team",
    "Tenant",
]
