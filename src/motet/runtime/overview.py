"""Runs as people look at them: what is recorded, who runs it now, what it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from motet.core.json import JSON
from motet.runtime.decisions import waiting
from motet.runtime.journal import Journal
from motet.runtime.records import FINAL, Record


def is_active(journal: Journal, record: Record) -> bool:
    """Whether some process is carrying the run out now."""
    return record.status not in FINAL and journal.owners.is_owned(record.id)


def summary(journal: Journal, record: Record) -> dict[str, JSON]:
    """Return the object that stands for a run in lists."""
    return {**record.summary(), **_now(journal, record)}


def whole(journal: Journal, record: Record) -> dict[str, JSON]:
    """Return everything about a run; `value` is what a written plan gave."""
    return {**record.to_json(), **_now(journal, record), "value": value(record)}


def _now(journal: Journal, record: Record) -> dict[str, JSON]:
    return {
        "kind": record.kind,
        "active": is_active(journal, record),
        "pending": [each.to_json() for each in waiting(journal, record)],
    }


def value(record: Record) -> JSON:
    """Return what a finished written plan gave, as recorded; None for any other run."""
    if record.kind != "plan" or record.status != "done":
        return None
    return _resolved(record.plan["want"], {span.node: span.value for span in record.nodes})


def _resolved(wanted: JSON, values: Mapping[str, JSON]) -> JSON:
    if isinstance(wanted, Mapping):
        if len(wanted) == 1 and "$ref" in wanted:
            return _followed(wanted["$ref"], values)
        return {name: _resolved(each, values) for name, each in wanted.items()}
    if isinstance(wanted, list):
        return [_resolved(each, values) for each in wanted]
    return wanted


def _followed(ref: JSON, values: Mapping[str, JSON]) -> JSON:
    """Follow a reference into values as recorded; None where only Python knows the way."""
    node, *path = cast("list[Any]", ref)
    found: Any = values.get(node)
    for key in path:
        if isinstance(found, Mapping) and "$tuple" in found:
            found = found["$tuple"]
        try:
            found = found[key]
        except (KeyError, IndexError, TypeError):
            return None
    result: JSON = found
    return result


def title(record: Record) -> str:
    """Return a run in a few words: its question, or the plan's name."""
    text = " ".join(record.question.split())
    return f"plan {text}" if record.kind == "plan" else text
