"""A recorded run with another value at one node: what depends on it runs again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from motet.core import blocking
from motet.core.clock import now
from motet.core.errors import UsageError
from motet.core.ids import new_id
from motet.core.values import ValueTypeError, encode
from motet.runtime.journal import Durability
from motet.runtime.records import Record, Span
from motet.runtime.run import Run
from motet.runtime.runs import journal_of, resumed


async def afork(
    run: str,
    node: str,
    value: object,
    *,
    id: str | None = None,
    operators: Iterable[Any] = (),
    durability: Durability = "process",
    home: str | Path | None = None,
) -> Run:
    """Run a recorded run's plan again with `value` at a node; return the new run.

    What does not depend on the node keeps its recorded values. The old run stays as it is.
    Raises `UsageError` for an unknown run or node and a value that cannot be kept.
    """
    journal = journal_of(home, durability)
    earlier = await asyncio.to_thread(journal.get, run)
    spans = {span.node: span for span in earlier.nodes}
    if node not in spans:
        raise UsageError("this run has no such node", where=f"{run} {node}")
    if earlier.kind != "plan":
        raise UsageError("only runs of written plans can be forked", where=run)
    try:
        text = encode(value)
    except ValueTypeError as error:
        raise UsageError(f"the value cannot be kept: {error}", where=node) from None
    kept = _kept(spans, node)
    kept[node] = replace(spans[node], status="done", text=text, error=None)
    record = _forked(earlier, id or new_id("run"), node)
    return await resumed(record, kept, journal, operators)


def fork(run: str, node: str, value: object, **options: Any) -> Run:
    """Run a recorded run's plan again with another value at a node; see `afork`."""
    return blocking.run(lambda: afork(run, node, value, **options))


def _forked(earlier: Record, run: str, node: str) -> Record:
    return replace(
        earlier,
        id=run,
        trace_id=os.urandom(16).hex(),
        span_id=os.urandom(8).hex(),
        status="running",
        started=now(),
        seconds=None,
        error=None,
        code="",
        origin=f"{earlier.id} {node}",
        nodes=(),
    )


def _kept(spans: Mapping[str, Span], node: str) -> dict[str, Span]:
    """Return the finished nodes that cannot depend on the node.

    A workflow depends on what it called; of its other calls those may depend on the node
    that began after it had ended.
    """
    changed = {node}
    parent = spans[node].parent
    while parent is not None:
        changed.add(parent)
        parent = spans[parent].parent if parent in spans else None
    ended = spans[node].started + (spans[node].seconds or 0.0)
    ancestors = changed - {node}
    grown = True
    while grown:
        before = len(changed)
        for each in spans.values():
            later = each.parent in ancestors and each.started >= ended
            if later or changed.intersection(each.needs) or each.parent in changed - ancestors:
                changed.add(each.node)
        grown = len(changed) > before
    return {
        name: replace(span, span_id=os.urandom(8).hex())
        for name, span in spans.items()
        if name not in changed and span.status == "done"
    }
