"""Who holds which key, kept in memory."""

from __future__ import annotations

from hashlib import sha256

from motet.core.clock import now
from motet.gateway.accounts.limits import Limits
from motet.gateway.accounts.registry import Registry
from motet.gateway.accounts.tenant import Tenant

Known = tuple[Tenant, float | None]
"""A tenant, and when its key expires."""


class Directory:
    """Keys by the digests of their secrets, and the limits of keys and teams.

    `refresh` brings it up to date with the store; everything else is without I/O.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._number = -1
        self._known: dict[str, Known] = {}
        self.ever_used = False
        """Whether any key was ever made: revoking the last one opens nothing."""
        self.limits: dict[str, Limits] = {}
        """By account."""
        self.refresh()

    def find(self, secret: str) -> Tenant | None:
        """Return whoever a secret was given to, None where it is not valid."""
        found = self._known.get(sha256(secret.encode("utf-8", "surrogatepass")).hexdigest())
        if found is None:
            return None
        tenant, expires = found
        return tenant if expires is None or now() < expires else None

    def refresh(self) -> bool:
        """Take over what was changed; return whether anything was. Raises `StoreError`."""
        number = self._registry.number()
        if number == self._number:
            return False
        teams = {each.name: each for each in self._registry.teams()}
        digests = self._registry.digests()
        self.ever_used = bool(digests) or bool(self._registry.keys())
        known: dict[str, Known] = {}
        limits = {each.account: each.limits for each in teams.values()}
        for digest, key in digests.items():
            team = teams.get(key.team)
            if team is not None and team.disabled:
                continue
            limits[key.id] = key.limits
            limited = bool(key.limits) or (team is not None and bool(team.limits))
            tenant = Tenant(key.id, key.name, key.team, key.models, key.local, key.admin, limited)
            known[digest] = (tenant, key.expires)
        self._known, self.limits, self._number = known, limits, number
        return True
