"""Taking the text of deleted sources out of a ledger."""

from __future__ import annotations

from motet.core.store.sessions import Store
from motet.core.traces import REDACTED, Traces

_TEXTS = ("error", "story", "reason")


def redact(store: Store, traces: Traces) -> int:
    """Put the mark in place of what quotes a source; return how many entries did.

    An entry holds numbers and names; only a provider's error may repeat what was sent.
    """
    query = f"SELECT id, attempt, {', '.join(_TEXTS)} FROM entries WHERE error <> ''"
    with store.write() as session:
        found = [
            (run, attempt)
            for run, attempt, *texts in session.rows(query)
            if any(traces.stand_in(each) for each in texts)
        ]
        for key in found:
            session.execute(
                "UPDATE entries SET error = ?, story = '' WHERE id = ? AND attempt = ?",
                (REDACTED, *key),
            )
    return len(found)
