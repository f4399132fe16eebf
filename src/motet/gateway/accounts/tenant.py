"""Who asks: the holder of a key."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Tenant:
    """Whoever a key was given to.

    `models` are patterns of the names it may ask for, none meaning any; `local` keeps all it
    asks on this machine; `admin` may look after keys; `limited` says whether a budget or a
    rate counts.
    """

    id: str
    name: str
    team: str = ""
    models: tuple[str, ...] = ()
    local: bool = False
    admin: bool = False
    limited: bool = False

    def may_ask(self, model: str) -> bool:
        """Whether it may ask for a model by that name."""
        return not self.models or any(fnmatchcase(model, each) for each in self.models)


OWNER = Tenant("owner", "owner", admin=True)
"""Whoever holds the server's own key."""
ANYONE = Tenant("local", "local", admin=True)
"""Whoever reaches a server that has no keys, which serves this machine only."""
