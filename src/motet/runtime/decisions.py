"""What a run waits for people for, and what they decide: for every door people come through.

Values stay JSON as recorded, so that a process that knows none of a run's types can show
and answer it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

from motet.core.errors import RunOwned, UsageError
from motet.core.json import JSON, dumps, loads
from motet.core.values import check_tags
from motet.runtime.builtin import EVENT
from motet.runtime.journal import Journal
from motet.runtime.records import FINAL, Record, Span

Asked = Literal["approval", "event", "doubt"]
"""Whether a person approves a value, sends one, or knows what became of a call."""
Kind = Literal["approve", "refuse", "retry"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said: `value` as JSON text where they gave one, else None."""

    kind: Kind
    value: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A node that waits: why, the value it shows, and what a person has said since.

    `key` is what an answer is kept under.
    """

    node: str
    operator: str
    asked: Asked
    message: str
    value: JSON
    key: str
    said: Kind | None = None

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "node": self.node,
            "operator": self.operator,
            "kind": self.asked,
            "message": self.message,
            "value": self.value,
            "answered": self.said,
        }


def waiting(journal: Journal, record: Record) -> list[Waiting]:
    """Return what a run waits for, nothing once it has ended."""
    if record.status in FINAL:
        return []
    found = []
    paused = journal.paused(record.id)
    said = journal.answers(record.id) if paused else {}
    for span in paused:
        asked = what(span)
        if asked is None:
            continue
        message = span.usage.note
        key = message if asked == "event" else span.node
        kind = cast(Kind, said[key][0]) if key in said else None
        found.append(Waiting(span.node, span.operator, asked, message, span.value, key, kind))
    return found


def what(span: Span) -> Asked | None:
    """Return what a paused node waits for, None where it was only given up."""
    if span.operator == "approve" and span.text is not None:  # else one of the person's own
        return "approval"
    if span.operator == "event" and span.usage.note.startswith(EVENT):
        return "event"
    return "doubt" if span.effect == "once" else None


def decide(journal: Journal, record: Record, node: str, decision: Decision) -> Waiting:
    """Record what a person decided about a node that waits; return what it had waited for.

    Raises `UsageError` where the node does not wait, or the decision does not fit.
    """
    there = {each.node: each for each in waiting(journal, record)}
    found = there.get(node)
    if found is None:
        hint = f"there wait: {', '.join(there)}" if there else "nothing of this run waits"
        raise UsageError("this node waits for nobody", where=f"{record.id} {node}", hint=hint)
    _check(found, decision)
    journal.answer(record.id, found.key, decision.kind, decision.value, decision.reason)
    return replace(found, said=decision.kind)


def given(value: str, where: str) -> str:
    """Return a value that a person wrote as JSON the way it is recorded. Raises `UsageError`."""
    try:
        text = dumps(loads(value))
        check_tags(text)
    except ValueError as error:
        hint = """JSON, so a text stands in quotes: '"yes"'"""
        raise UsageError(f"this is no value: {error}", where=where, hint=hint) from None
    return text


def _check(found: Waiting, decision: Decision) -> None:
    if decision.kind == "refuse":
        return
    if decision.kind == "retry" and found.asked != "doubt":
        raise UsageError("an approval is given or refused, not retried", where=found.node)
    if decision.kind == "approve" and decision.value is None:
        if found.asked == "doubt":
            hint = "give the value that it gave, or retry it"
            raise UsageError("nobody knows what this call gave", where=found.node, hint=hint)
        if found.asked == "event":
            raise UsageError("an event comes with a value", where=found.node)


def cancelled(journal: Journal, run: str, reason: str) -> bool:
    """Have a run cancelled for good, in whichever process it runs; whether it is over now.

    One that nobody runs is over at once, others as soon as their process notices.
    Raises `UsageError` for an unknown run and one that has ended.
    """
    status = journal.get(run).status
    if status in FINAL:
        raise UsageError(f"the run is {status} already", where=run)
    journal.answer(run, "", "cancel", None, reason)
    try:
        journal.owners.take(run)
    except RunOwned:
        return False
    try:
        record = journal.get(run)
        if record.status not in FINAL:
            error = f"cancelled: {reason}" if reason else "cancelled"
            journal.post_end(replace(record, status="cancelled", error=error))
            journal.wait()
        return True
    finally:
        journal.owners.give_back(run)
