"""Taking the text of deleted sources out of a journal, with a mark that says so.

Which runs were given something of a version stands in `uses`; whatever else quotes it (a later
turn of the same conversation, a run of an older Motet) is found by its text.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from motet.core.json import JSON, dumps
from motet.core.store.sessions import Row, Session
from motet.core.traces import REDACTED, Traces
from motet.runtime.journal import Journal
from motet.runtime.records import FINAL

_PAGE = 200
"""Runs, or nodes, that are looked through at a time."""
_FINDING = frozenset(("retrieve.search", "recall.search"))
"""Methods whose values are references to passages."""
_QUOTING = _FINDING | {
    "gather.merge", "answer.read", "answer.quote", "verify.answerable", "cite.check",
    "remember.write",
}  # fmt: skip
"""Methods that say nothing but what they quote."""
_KEPT = ("schema_version", "system", "model", "abstained", "run", "usage", "latency_ms")
"""What stays of an answer."""


@dataclass(slots=True)
class Redacted:
    """`runs` whose texts were taken out; `unfinished` ones go on elsewhere and may say more."""

    runs: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)


def redact(journal: Journal, versions: Collection[str], traces: Traces) -> Redacted:
    """Take out of a journal what runs were given of versions (SHA-256), and what quotes them.

    The values of such a run go as a whole: one builds on another. Its question, its plan and
    earlier turns lose what quotes the source. A run that was paused has failed then. Where
    only experts read, who quote what they use, a run that was given the source and quotes
    none of it keeps its answer, and loses the references alone.
    Raises `StoreError`.
    """
    store, found = journal.store, Redacted()
    chosen = {run for version in versions for run in _using(journal, version)}
    chosen.update(_quoting(journal, traces))
    for run in sorted(chosen):
        with store.write() as session:
            rows = session.rows("SELECT status FROM runs WHERE id = ?", (run,))
            over = bool(rows) and (rows[0][0] in FINAL or not store.owners.is_owned(run))
            spared = over and _drop_references(session, journal, run, traces)
            if not spared:
                _redact_run(session, run, traces, over=over)
        if not spared:
            (found.runs if over or not rows else found.unfinished).append(run)
    with store.write() as session:
        for version in versions:
            session.execute("DELETE FROM uses WHERE version = ?", (version,))
        session.execute(
            """DELETE FROM blobs WHERE NOT EXISTS (
                   SELECT 1 FROM nodes n WHERE n.base LIKE 'blob:%'
                   AND substr(n.base, 6, 64) = blobs.hash)"""
        )
    return found


def _using(journal: Journal, version: str) -> list[str]:
    return [row[0] for row in journal.select("SELECT run FROM uses WHERE version = ?", [version])]


def _quoting(journal: Journal, traces: Traces) -> Iterator[str]:
    """Yield the runs that hold a text which quotes a source."""
    runs = "SELECT id, question, plan, value, error, extra FROM runs WHERE id > ? ORDER BY id"
    for run, *texts in _pages(journal, runs, 1):
        if any(traces.stand_in(each) for each in texts):
            yield run
    nodes = """SELECT run, node, call, note, error, value, base FROM nodes
               WHERE (run, node) > (?, ?) ORDER BY run, node"""
    for run, _, call, note, error, value, base in _pages(journal, nodes, 2):
        text = _whole(journal, value, base)
        if any(traces.stand_in(each) for each in (call, note, error, text)):
            yield run
    answers = """SELECT run, node, value, reason FROM answers
                 WHERE (run, node) > (?, ?) ORDER BY run, node"""
    for run, _, *texts in _pages(journal, answers, 2):
        if any(traces.stand_in(each) for each in texts):
            yield run


def _pages(journal: Journal, query: str, keys: int) -> Iterator[Row]:
    """Yield the rows of a query that goes on behind its first columns, the keys."""
    last: tuple[str, ...] = ("",) * keys
    while rows := journal.select(f"{query} LIMIT {_PAGE}", last):
        yield from rows
        last = rows[-1][:keys]


def _whole(journal: Journal, value: str | bytes | None, base: str) -> str | None:
    if base.startswith("blob:"):
        (data,) = journal.select("SELECT data FROM blobs WHERE hash = ?", [base[5:69]])[0]
        return bytes(data).decode()
    return None if value is None else journal.store.unpacked(value)


def _drop_references(session: Session, journal: Journal, run: str, traces: Traces) -> bool:
    """Take the references to a source out of a run that took no words from it.

    False where it may have: then nothing is changed.
    """
    nodes = session.rows(
        "SELECT node, method, status, value, base, note, error, call FROM nodes WHERE run = ?",
        (run,),
    )
    about = session.rows(
        "SELECT question, plan, value, error, extra FROM runs WHERE id = ?", (run,)
    )
    texts = [text for row in about for text in row]
    if any(traces.stand_in(text) for text in texts):
        return False
    changed: list[tuple[str, str]] = []
    for node, method, status, value, base, *others in nodes:
        text = None if value is None else journal.store.unpacked(value)
        if method not in _QUOTING or base or status not in FINAL:
            return False
        if any(traces.stand_in(each) for each in others) or traces.quoted_in(text):
            return False
        if text is not None and traces.name_stands_in(text):
            found = json.loads(text)
            if method not in _FINDING or not isinstance(found, list):
                return False
            kept = [each for each in found if not traces.name_stands_in(dumps(each))]
            changed.append((dumps(kept), node))
    for text, node in changed:
        session.execute("UPDATE nodes SET value = ? WHERE run = ? AND node = ?", (text, run, node))
    return True


def _redact_run(session: Session, run: str, traces: Traces, *, over: bool) -> None:
    mark = dumps({"text": REDACTED, "model": "", "abstained": True, "confidence": None,
                  "citations": []})  # fmt: skip
    session.execute(
        """UPDATE nodes SET value = CASE WHEN value IS NULL AND base = '' THEN NULL ELSE ?1 END,
               base = '', note = '', call = NULL,
               error = CASE WHEN error IS NULL THEN NULL ELSE ?2 END WHERE run = ?3""",
        (mark, REDACTED, run),
    )
    session.execute(
        """UPDATE answers SET value = CASE WHEN value IS NULL THEN NULL ELSE ?1 END, reason = ''
           WHERE run = ?2""",
        (dumps(REDACTED), run),
    )
    rows = session.rows(
        "SELECT question, plan, value, error, extra, status FROM runs WHERE id = ?", (run,)
    )
    for question, plan, value, error, extra, status in rows:
        failed = over and status not in FINAL
        session.execute(
            """UPDATE runs SET question = ?, plan = ?, value = ?, error = ?, extra = ?, status = ?
               WHERE id = ?""",
            (
                REDACTED if traces.stand_in(question) else question,
                dumps(traces.redacted(json.loads(plan))) if traces.stand_in(plan) else plan,
                _answer(value),
                REDACTED if error is not None or failed else None,
                dumps({**_extra(extra, traces), "redacted": True}),
                "failed" if failed else status,
                run,
            ),
        )


def _answer(value: str | None) -> str | None:
    """Return an answer without its words; any other value is the mark."""
    if value is None:
        return None
    found = json.loads(value)
    if not isinstance(found, Mapping) or "answer" not in found:
        return dumps(REDACTED)
    kept: dict[str, JSON] = {name: found[name] for name in _KEPT if name in found}
    return dumps({**kept, "answer": REDACTED, "citations": []})


def _extra(extra: str, traces: Traces) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", traces.redacted(json.loads(extra)))
