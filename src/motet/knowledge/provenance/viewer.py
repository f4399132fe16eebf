"""Who looks: the versions a person may see, and those of which they see nothing derived."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from motet.core.clock import now

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.core.store.sessions import Value
    from motet.knowledge.store import Store

KEPT = 32
"""Viewers whose sight is kept; the one asked for least recently goes first."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks into a store.

    `memory` says what they see of what was said: nothing (`none`), what was said in their
    `session`, or all that is their own (`user`); both add what is everybody's.
    """

    user: str | None = None
    session: str | None = None
    memory: Literal["none", "session", "user"] = "user"

    def condition(self, source: str = "s", *, at: float | None = None) -> tuple[str, list[Value]]:
        """Return SQL that holds for the rows of `sources` whose text they may see, and its values.

        `source` is the table's alias, `at` the time in epoch seconds (now).
        """
        s = source
        fresh = f"({s}.expires IS NULL OR {s}.expires > ?)"
        values: list[Value] = [now() if at is None else at]
        if self.memory == "none":
            return f"{fresh} AND {s}.kind <> 'memory'", values
        common = f"{s}.owner IS NULL AND {s}.session IS NULL"
        if self.memory == "session":
            own = f"{s}.session = ? AND ({s}.owner IS NULL OR {s}.owner = ?)"
            values += [self.session, self.user]
        else:
            own = f"{s}.owner = ? OR ({s}.owner IS NULL AND {s}.session = ?)"
            values += [self.user, self.session]
        return f"{fresh} AND ({s}.kind <> 'memory' OR ({common}) OR {own})", values

    def derived(self, source: str = "s", *, at: float | None = None) -> tuple[str, list[Value]]:
        """Return SQL for the rows of `sources` of which they may see what was derived."""
        sql, values = self.condition(source, at=at)
        policy = f"({source}.derived = 'everyone' OR ({source}.derived = 'owner' AND "
        return f"{sql} AND {policy}{source}.owner = ?))", [*values, self.user]


DOCUMENTS = Viewer(memory="none")
"""Somebody unknown who looks at documents alone."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is kept from a viewer, as sorted version ids: almost always few, or none.

    `hidden` are versions that they may not see at all; `withheld` are those, and the ones of
    which they see no mention, relation or claim that was derived. It holds from the change
    numbered `sequence` until the time `until`.
    """

    hidden: NDArray[np.int64]
    withheld: NDArray[np.int64]
    sequence: int
    until: float


class Sights:
    """What each viewer may see of a store, found anew when something changed or expired.

    Safe to use from several threads.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[Viewer, Sight] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, viewer: Viewer, sequence: int | None = None) -> Sight:
        """Return what is kept from a viewer at the change `sequence`: the last one."""
        sequence = self._store.sequence() if sequence is None else sequence
        at = now()
        with self._lock:
            found = self._kept.get(viewer)
            if found is not None and found.sequence == sequence and at < found.until:
                self._kept.move_to_end(viewer)
                return found
        found = self._look(viewer, sequence, at)
        with self._lock:
            self._kept[viewer] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def _look(self, viewer: Viewer, sequence: int, at: float) -> Sight:
        import numpy as np

        seen, first = viewer.condition(at=at)
        derived, second = viewer.derived(at=at)
        query = f"""
            SELECT v.id, s.expires, CASE WHEN {seen} THEN 1 ELSE 0 END,
                   CASE WHEN {derived} THEN 1 ELSE 0 END
            FROM sources s JOIN versions v ON v.source_id = s.id
            WHERE s.scope = ? AND {_SPECIAL} ORDER BY v.id"""
        with self._store.read() as session:
            rows = session.rows(query, (*first, *second, self._store.scope))
        times = [expires for _, expires, _, _ in rows if expires is not None and expires > at]
        return Sight(
            np.array([row[0] for row in rows if not row[2]], np.int64),
            np.array([row[0] for row in rows if not row[3]], np.int64),
            sequence,
            min(times, default=float("inf")),
        )


# As the index `sources_special` has it, so that a store without such sources pays nothing.
_SPECIAL = "(s.kind = 'memory' OR s.expires IS NOT NULL OR s.derived <> 'everyone')"
