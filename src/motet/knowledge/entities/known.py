"""The gazetteer of a store's scope, kept in memory and in step with what is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from motet.core.graph import Entity
from motet.knowledge.entities.forms import Declared, NameKind
from motet.knowledge.entities.gazetteer import Gazetteer
from motet.knowledge.entities.naming import UNDECLARED

if TYPE_CHECKING:
    from motet.core.store.sessions import Row, Session

_NAMES = f"""
    SELECT n.version_id, e.label, e.key, n.form, n.kind FROM names n
    JOIN entities e ON e.id = n.entity_id JOIN versions v ON v.id = n.version_id
    JOIN sources s ON s.id = v.source_id
    WHERE s.scope = ? AND n.kind NOT IN {UNDECLARED}"""
_CHANGES = "SELECT sequence, source, change, version_id FROM changes WHERE scope = ?"


class KnownNames:
    """Follows the outbox, so that a document costs the same whatever the number of names.

    `edition` grows with every change that it saw.

    Used inside write transactions only, one at a time. What a transaction that rolled back
    had added is noticed by the last change it saw, and everything is read anew.
    """

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._gazetteer = Gazetteer()
        self._of: dict[int, list[Declared]] = {}
        self._last: Row | None = None
        self._pending: int | None = None
        self.edition = 0

    def current(self, session: Session) -> Gazetteer:
        """Return the names that the versions in the store declare, as the session sees them."""
        if self._pending is not None:
            self._forget(self._pending)
            self._pending = None
        changes = self._changes(session)
        self.edition += changes != []
        if changes is None:
            self._gazetteer, self._of = Gazetteer(), {}
            self._load(session.rows(_NAMES, (self._scope,)))
            last = f"{_CHANGES} ORDER BY sequence DESC LIMIT 1"
            found = session.rows(last, (self._scope,))
            self._last = found[0] if found else None
            return self._gazetteer
        for change in changes:
            _, _, kind, version_id = self._last = change
            if version_id is not None:
                self._forget(version_id)
                if kind == "put":
                    self._load(
                        session.rows(f"{_NAMES} AND n.version_id = ?", (self._scope, version_id))
                    )
        return self._gazetteer

    def expect(self, version_id: int, declared: list[Declared]) -> None:
        """Add the names of a version that is being written; what was committed is read later."""
        self._add(version_id, declared)
        self._pending = version_id

    def _changes(self, session: Session) -> list[Row] | None:
        """Return the changes since the last look, None where it cannot be told."""
        if self._last is None:
            return None
        since = session.rows(
            f"{_CHANGES} AND sequence >= ? ORDER BY sequence", (self._scope, self._last[0])
        )
        return since[1:] if since and tuple(since[0]) == tuple(self._last) else None

    def _load(self, rows: list[Row]) -> None:
        for version_id, label, key, form, kind in rows:
            declared = Declared(Entity(label, key), form, cast(NameKind, kind))
            self._add(version_id, [declared])

    def _add(self, version_id: int, declared: list[Declared]) -> None:
        self._of.setdefault(version_id, []).extend(declared)
        for each in declared:
            self._gazetteer.add(each)

    def _forget(self, version_id: int) -> None:
        for each in self._of.pop(version_id, ()):
            self._gazetteer.remove(each)
