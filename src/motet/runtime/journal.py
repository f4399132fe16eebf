"""`runs.db`: one row per run, one row per node; a row is also the node's span."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from motet.core.clock import iso, now
from motet.core.errors import UsageError
from motet.core.ids import new_id
from motet.core.json import JSON, dumps
from motet.core.store import Database, Migration, Row, row, rows
from motet.planner.cost import Observed
from motet.planner.explain import Actual, from_json, to_json, to_text
from motet.planner.plan import PhysicalNode, PhysicalPlan

APPLICATION_ID = 0x4D4F5452  # "MOTR"
RECENT = 200
"""Finished nodes per method and choice that estimates are made from."""

_FIRST = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    trace_id TEXT NOT NULL,
    span_id TEXT NOT NULL,
    system TEXT NOT NULL,
    skill TEXT NOT NULL,
    question TEXT NOT NULL,
    plan TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed', 'cancelled')),
    started REAL NOT NULL,
    seconds REAL,
    value TEXT,
    error TEXT
) WITHOUT ROWID;
CREATE INDEX runs_by_time ON runs (system, started);

CREATE TABLE nodes (
    run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    node TEXT NOT NULL,
    span_id TEXT NOT NULL,
    operator TEXT NOT NULL,
    method TEXT NOT NULL,
    choice TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed', 'cancelled')),
    started REAL NOT NULL,
    seconds REAL,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    cost REAL NOT NULL DEFAULT 0,
    rows INTEGER,
    note TEXT NOT NULL DEFAULT '',
    value TEXT,
    error TEXT,
    PRIMARY KEY (run, node)
) WITHOUT ROWID;
CREATE INDEX nodes_by_choice ON nodes (method, choice, started) WHERE status = 'done';
"""

MIGRATIONS = (Migration("runs and nodes", _FIRST),)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a node used. `rows` is how many rows or passages it gave."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    rows: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A node's row as its span; `started` in epoch seconds, `seconds` None while it runs."""

    node: str
    span_id: str
    operator: str
    method: str
    choice: str
    status: str
    started: float
    seconds: float | None
    usage: Usage
    value: JSON
    error: str | None

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "node": self.node,
            "span_id": self.span_id,
            "operator": self.operator,
            "method": self.method,
            "choice": self.choice,
            "status": self.status,
            "started": iso(self.started),
            "seconds": self.seconds,
            "input_tokens": self.usage.input_tokens,
            "output_tokens": self.usage.output_tokens,
            "cost_usd": self.usage.cost_usd,
            "rows": self.usage.rows,
            "note": self.usage.note,
            "value": self.value,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class Record:
    """A run as recorded; `plan` is `planner.explain.to_json`'s object."""

    id: str
    trace_id: str
    span_id: str
    system: str
    skill: str
    question: str
    plan: Mapping[str, JSON]
    status: str
    started: float
    seconds: float | None
    value: JSON
    error: str | None
    nodes: tuple[Span, ...] = ()

    def actual(self) -> dict[str, Actual]:
        """Return what happened, by node id, as `explain --analyze` shows it."""
        return {
            span.node: Actual(
                status=span.status,
                started=span.started - self.started,
                seconds=span.seconds or 0.0,
                tokens=span.usage.input_tokens + span.usage.output_tokens,
                cost=span.usage.cost_usd,
                rows=span.usage.rows,
                note=span.usage.note,
            )
            for span in self.nodes
        }

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the planner warned of."""
        return from_json(self.plan).warnings

    def explained(self) -> str:
        """Return the plan with what happened beside it."""
        return to_text(from_json(self.plan), self.actual())

    def to_json(self) -> dict[str, JSON]:
        """Return the whole run as the documented JSON object."""
        plan = to_json(from_json(self.plan), self.actual())
        spans: list[JSON] = [each.to_json() for each in self.nodes]
        return {
            **self.summary(),
            "trace_id": self.trace_id,
            "span_id": self.span_id,
            "skill": self.skill,
            "plan": plan,
            "spans": spans,
            "answer": self.value,
        }

    def summary(self) -> dict[str, JSON]:
        """Return the object that lists of runs show."""
        value = self.value if isinstance(self.value, Mapping) else {}
        return {
            "id": self.id,
            "system": self.system,
            "question": self.question,
            "status": self.status,
            "started": iso(self.started),
            "seconds": self.seconds,
            "model": value.get("model"),
            "abstained": value.get("abstained"),
            "error": self.error,
        }


class Journal:
    """Writes runs as they happen and reads them back. A committed row survives `kill -9`."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS, application_id=APPLICATION_ID)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def check(self) -> list[str]:
        """Return findings about damage of the file; empty when it is whole."""
        return self._database.check()

    def begin(self, system: str, question: str, plan: PhysicalPlan) -> Record:
        """Record a run that starts now, with its plan."""
        record = Record(
            id=new_id("run"),
            trace_id=os.urandom(16).hex(),
            span_id=os.urandom(8).hex(),
            system=system,
            skill=plan.skill,
            question=question,
            plan=to_json(plan),
            status="running",
            started=now(),
            seconds=None,
            value=None,
            error=None,
        )
        head = (record.id, record.trace_id, record.span_id, system, plan.skill, question)
        with self._database.write() as db:
            db.execute(
                """INSERT INTO runs (id, trace_id, span_id, system, skill, question, plan, status,
                                     started) VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?)""",
                (*head, dumps(record.plan), record.started),
            )
        return record

    def end(self, run: str, status: str, seconds: float, value: JSON, error: str | None) -> None:
        """Record how a run ended; nodes still running are marked cancelled."""
        with self._database.write() as db:
            db.execute(
                "UPDATE runs SET status = ?, seconds = ?, value = ?, error = ? WHERE id = ?",
                (status, seconds, None if value is None else dumps(value), error, run),
            )
            db.execute(
                "UPDATE nodes SET status = 'cancelled' WHERE run = ? AND status = 'running'",
                (run,),
            )

    def begin_node(self, run: str, node: PhysicalNode, started: float) -> None:
        """Record that a node starts."""
        head = (run, node.id, os.urandom(8).hex(), node.operator, node.method, node.choice)
        with self._database.write() as db:
            db.execute(
                """INSERT INTO nodes (run, node, span_id, operator, method, choice, status, started)
                   VALUES (?, ?, ?, ?, ?, ?, 'running', ?)""",
                (*head, started),
            )

    def end_node(
        self,
        run: str,
        node: str,
        *,
        status: str,
        seconds: float,
        usage: Usage,
        value: JSON = None,
        error: str | None = None,
    ) -> None:
        """Record how a node ended; from here on it never runs again in this run."""
        used = (usage.input_tokens, usage.output_tokens, usage.cost_usd, usage.rows, usage.note)
        with self._database.write() as db:
            db.execute(
                """UPDATE nodes SET status = ?, seconds = ?, input_tokens = ?, output_tokens = ?,
                          cost = ?, rows = ?, note = ?, value = ?, error = ?
                   WHERE run = ? AND node = ?""",
                (status, seconds, *used, dumps(value), error, run, node),
            )

    def observed(self, method: str, choice: str) -> Observed | None:
        """Return what the recent finished nodes of a method and choice took."""
        query = """SELECT seconds, input_tokens, output_tokens, cost FROM nodes
                   WHERE method = ? AND choice = ? AND status = 'done'
                   ORDER BY started DESC LIMIT ?"""
        with self._database.read() as db:
            found = rows(db, query, (method, choice, RECENT))
        if not found:
            return None
        count = len(found)
        return Observed(
            seconds=sorted(each[0] for each in found),
            input_tokens=sum(each[1] for each in found) / count,
            output_tokens=sum(each[2] for each in found) / count,
            cost=sum(each[3] for each in found) / count,
        )

    def recent(self, system: str | None = None, limit: int = 20) -> list[Record]:
        """Return the latest runs, newest first, without their nodes."""
        query = f"""SELECT {_COLUMNS} FROM runs WHERE (?1 IS NULL OR system = ?1)
                    ORDER BY started DESC LIMIT ?2"""
        with self._database.read() as db:
            return [_record(each, ()) for each in rows(db, query, (system, limit))]

    def has(self, run: str) -> bool:
        """Whether a run of that id is recorded."""
        with self._database.read() as db:
            return row(db, "SELECT 1 FROM runs WHERE id = ?", (run,)) is not None

    def get(self, run: str) -> Record:
        """Return a run with its nodes in the order they started. Raises `UsageError`."""
        with self._database.read() as db:
            found = row(db, f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (run,))
            spans = rows(db, f"{_SPANS} WHERE run = ? ORDER BY started, node", (run,))
        if found is None:
            raise UsageError("no such run", where=run, hint="`motet trace list` shows the runs")
        return _record(found, tuple(_span(each) for each in spans))


_COLUMNS = """id, trace_id, span_id, system, skill, question, plan, status, started, seconds,
              value, error"""
_SPANS = """SELECT node, span_id, operator, method, choice, status, started, seconds,
                   input_tokens, output_tokens, cost, rows, note, value, error FROM nodes"""


def _record(found: Row, nodes: tuple[Span, ...]) -> Record:
    run, trace, span, system, skill, question, plan, status, started, seconds, value, error = found
    return Record(
        id=run,
        trace_id=trace,
        span_id=span,
        system=system,
        skill=skill,
        question=question,
        plan=json.loads(plan),
        status=status,
        started=started,
        seconds=seconds,
        value=_parsed(value),
        error=error,
        nodes=nodes,
    )


def _span(found: Row) -> Span:
    node, span, operator, method, choice, status, started, seconds, *rest = found
    tokens_in, tokens_out, cost, count, note, value, error = rest
    return Span(
        node=node,
        span_id=span,
        operator=operator,
        method=method,
        choice=choice,
        status=status,
        started=started,
        seconds=seconds,
        usage=Usage(tokens_in, tokens_out, cost, count, note),
        value=_parsed(value),
        error=error,
    )


def _parsed(value: str | None) -> JSON:
    parsed: JSON = None if value is None else json.loads(value)
    return parsed
