"""What may be done with sources: who sees what is derived, what is published, when it ends."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from motet.core.clock import now

if TYPE_CHECKING:
    from motet.core.store.sessions import Value
    from motet.knowledge.store import Given, Store

Audience = Literal["everyone", "owner", "nobody"]
_STRICT = {"everyone": 0, "owner": 1, "nobody": 2}


@dataclass(frozen=True, slots=True)
class Policy:
    """What is declared of a source. `expires` are seconds from when it was made.

    `derived` says who sees what was derived from it; `local` keeps it on this machine.
    """

    local: bool = False
    publish: bool = True
    derived: Audience = "everyone"
    expires: float | None = None

    def __and__(self, other: Policy) -> Policy:
        """Return the stricter of two that a source falls under."""
        ends = [each for each in (self.expires, other.expires) if each is not None]
        return Policy(
            self.local or other.local,
            self.publish and other.publish,
            max(self.derived, other.derived, key=_STRICT.__getitem__),
            min(ends, default=None),
        )

    def given(self, made: float, origin: str, by: str | None) -> Given:
        """Return where a file comes from and what may be done with it.

        `made` is when, in seconds since 1970; whoever brought it is its owner.
        """
        from motet.knowledge.store import Given

        return Given(
            owner=by if self.derived == "owner" else None,
            given_by=by,
            given_at=made,
            origin=origin,
            expires=None if self.expires is None else made + self.expires,
            publish=self.publish,
            derived=self.derived,
            local=self.local,
        )


UNBOUND = Policy()
"""The policy of a source of which none is declared."""


@lru_cache(maxsize=1)
def login() -> str | None:
    """Return the name of whoever runs this process, None where it has none."""
    import getpass

    try:
        return os.environ.get("MOTET_USER") or getpass.getuser()
    except (KeyError, OSError):
        return None


def differing(store: Store, wanted: Mapping[str, Given]) -> dict[str, Given]:
    """Return, of what is wanted by source, what the store has otherwise.

    Who brought a source stays whoever did so first.
    """
    query = """SELECT source, origin, expires, publish, derived, local FROM sources
               WHERE scope = ? AND kind = 'file'"""
    with store.read() as session:
        held = {row[0]: row[1:] for row in session.rows(query, (store.scope,))}
    return {
        source: each
        for source, each in wanted.items()
        if source in held and held[source] != _told(each)
    }


def _told(given: Given) -> tuple[Value, ...]:
    return given.origin, given.expires, int(given.publish), given.derived, int(given.local)


def set_policies(store: Store, wanted: Mapping[str, Given]) -> None:
    """Write policies; what viewers may see is found anew."""
    if not wanted:
        return
    with store.write() as session:
        for source, given in wanted.items():
            session.execute(
                """UPDATE sources SET origin = ?, expires = ?, publish = ?, derived = ?, local = ?,
                                      owner = ? WHERE scope = ? AND source = ?""",
                (*_told(given), given.owner, store.scope, source),
            )
        session.execute(
            "INSERT INTO changes (scope, source, change) VALUES (?, ?, 'put')",
            (store.scope, next(iter(wanted))),
        )


def expire(store: Store) -> list[str]:
    """Delete the sources whose time is over, and what was derived only from them."""
    query = "SELECT source FROM sources WHERE scope = ? AND expires <= ? ORDER BY source"
    with store.read() as session:
        over = [row[0] for row in session.rows(query, (store.scope, now()))]
    for source in over:
        store.remove(source)
    return over


@dataclass(frozen=True, slots=True)
class Publishable:
    """A version that may be handed on; `derived`: also what was derived from it."""

    source: str
    version_id: int
    derived: bool


def publishable(store: Store) -> list[Publishable]:
    """Return the versions that may be published, by source; memory never is."""
    query = """
        SELECT s.source, v.id, s.derived FROM sources s JOIN versions v ON v.source_id = s.id
        WHERE s.scope = ? AND s.kind <> 'memory' AND s.publish = 1
        AND (s.expires IS NULL OR s.expires > ?) ORDER BY s.source"""
    with store.read() as session:
        rows = session.rows(query, (store.scope, now()))
    return [Publishable(row[0], row[1], row[2] == "everyone") for row in rows]
