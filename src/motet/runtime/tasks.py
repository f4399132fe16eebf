"""The runs that workers carry out, and the calls they hand each other: the tables of workers.

A run in `queue` belongs to whichever worker owns it; that one hands its nodes' calls out as
rows of `tasks`, and every worker takes some. A row is offered, then taken by one worker,
then ended with a report. Whether a worker lives is told by its advisory lock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from motet.core.errors import UsageError
from motet.core.ids import new_id
from motet.core.json import dumps
from motet.runtime.errands import Report
from motet.runtime.journal import Journal, Statement
from motet.runtime.postgres_locks import lock_of
from motet.runtime.postgres_schema import NOTIFY, RUN

WORK = "work"
"""What is called out when there is a call to take."""
ENDED = "ended "
GONE = "gone "
"""What is called out, with its id, when a task ended or is wanted no more."""

_IDS = "(SELECT json_array_elements_text(?::json))"
_QUEUE = "INSERT INTO queue (run, lock) VALUES (?, ?) ON CONFLICT (run) DO NOTHING"
# A paused run goes on once a person has answered what it waits for.
_OPEN = """
SELECT queue.run FROM queue JOIN runs ON runs.id = queue.run
WHERE queue.run NOT IN (SELECT json_array_elements_text(?1::json))
  AND queue.lock NOT IN (SELECT lock FROM alive)
  AND (runs.status = 'running' OR runs.status = 'paused' AND EXISTS (
        SELECT FROM answers WHERE answers.run = queue.run AND (answers.node = '' OR EXISTS (
            SELECT FROM nodes WHERE nodes.run = queue.run AND nodes.status = 'paused'
               AND answers.node IN (nodes.node, nodes.note)))))
ORDER BY queue.number LIMIT ?2
"""
_CLOSED = """DELETE FROM queue USING runs
             WHERE runs.id = queue.run AND runs.status IN ('done', 'failed', 'cancelled')"""
_OFFER = """INSERT INTO tasks (id, run, node, operator, call, turn, status)
            VALUES (?, ?, ?, ?, ?, ?, 'offered')"""
_TAKE = """
WITH next AS MATERIALIZED (
    SELECT id FROM tasks
    WHERE status = 'offered'
      AND operator NOT IN (SELECT json_array_elements_text(?3::json))
    ORDER BY turn, number LIMIT ?2 FOR UPDATE SKIP LOCKED)
UPDATE tasks SET status = 'taken', worker = ?1 FROM next WHERE tasks.id = next.id
RETURNING tasks.id, tasks.run, tasks.operator, tasks.call
"""
_RETURN = "UPDATE tasks SET status = 'offered', worker = NULL WHERE id = ? AND worker = ?"
_END = """UPDATE tasks SET status = 'ended', report = ?, value = ?
          WHERE id = ? AND worker = ? AND status = 'taken'"""
_ENDS = f"SELECT id, report, value, losses FROM tasks WHERE status = 'ended' AND id IN {_IDS}"
_STANDS = f"""SELECT id, status = 'taken' AND worker NOT IN (SELECT lock FROM alive)
              FROM tasks WHERE id IN {_IDS}"""
_DROP = "DELETE FROM tasks WHERE id = ?"
_LOST = f"{_DROP} AND status = 'taken' RETURNING id"
_AGAIN = """
UPDATE tasks SET losses = losses + 1,
    status = CASE WHEN losses + 1 < ?2 THEN 'offered' ELSE 'taken' END,
    worker = CASE WHEN losses + 1 < ?2 THEN NULL ELSE worker END
WHERE id = ?1 AND status = 'taken' RETURNING losses
"""


@dataclass(frozen=True, slots=True)
class Task:
    """A call that was taken: `call` is its JSON text, `operator` what it is of."""

    id: str
    run: str
    operator: str
    call: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended, and how many workers had died of it before."""

    report: Report
    losses: int


class Tasks:
    """The workers' tables in one journal. Raises `UsageError` where that is a file.

    What the owner of a run or a task writes goes through the journal's groups, in its name:
    nobody writes who has lost what he owned.
    """

    def __init__(self, journal: Journal) -> None:
        if not journal.shared:
            raise UsageError(
                "workers share a journal in PostgreSQL, this one is a file",
                where=journal.name,
                hint="name a database: postgresql://user@host/database",
            )
        self._journal = journal

    def call_out(self, owner: str, text: str) -> None:
        """Have a notice called out when what is posted so far is committed."""
        self._journal.post(owner, ("notice", text), Statement(NOTIFY, (text,)))

    # Runs

    def enqueue(self, run: str) -> None:
        """Have a run carried out by workers."""
        self._journal.post(run, ("queue", run), Statement(_QUEUE, (run, lock_of(run))))
        self.call_out(run, RUN)

    def open_runs(self, but: Collection[str], count: int) -> list[str]:
        """Return runs that nobody owns and that can go on."""
        found = self._journal.select(_OPEN, (dumps(sorted(but)), count))
        return [each[0] for each in found]

    def sweep(self) -> None:
        """Take runs that have ended out of the queue."""
        self._journal.change(_CLOSED)

    def clear(self, run: str) -> None:
        """Drop what is left of a run's tasks; it has ended for now."""
        sql = "DELETE FROM tasks WHERE run = ?"
        self._journal.post(run, ("clear", run), Statement(sql, (run,)))

    def left(self, run: str) -> list[tuple[str, str]]:
        """Return the tasks that an earlier owner of a run handed out: node and id."""
        sql = "SELECT node, id FROM tasks WHERE run = ? ORDER BY number"
        return [(each[0], each[1]) for each in self._journal.select(sql, (run,))]

    # Tasks, as a run's owner sees them

    def offer(self, run: str, node: str, operator: str, call: str, turn: int) -> str:
        """Hand out a call and return its task; `turn` counts what the run has out already."""
        task = new_id("task")
        values = (task, run, node, operator, call, turn)
        self._journal.post(run, task, Statement(_OFFER, values))
        self.call_out(run, WORK)
        return task

    def drop(self, run: str, task: str) -> None:
        """Take a task back, from whoever carries it out too."""
        self._journal.post(run, (task, "drop"), Statement(_DROP, (task,)))
        self.call_out(run, GONE + task)

    def ends(self, tasks: Iterable[str]) -> dict[str, Ended]:
        """Return those that ended, and how."""
        found = self._journal.select(_ENDS, (dumps(list(tasks)),))
        return {each[0]: Ended(Report.from_text(each[1], each[2]), each[3]) for each in found}

    def lost(self, tasks: Collection[str]) -> dict[str, bool]:
        """Return those whose worker died before their end; and, with True, those that are gone."""
        found = {each[0]: each[1] for each in self._journal.select(_STANDS, (dumps(list(tasks)),))}
        return {each: each not in found for each in tasks if found.get(each, True)}

    def give_up(self, task: str) -> bool:
        """Drop a task whose worker died; whether it had not ended just before."""
        return bool(self._journal.change(_LOST, (task,)))

    def offer_again(self, task: str, most: int) -> int:
        """Offer a task again whose worker died, unless `most` have died of it.

        Returns how many have; 0 where it ended just before.
        """
        found = self._journal.change(_AGAIN, (task, most))
        self._journal.change(NOTIFY, (WORK,))
        return int(found[0][0]) if found else 0

    # Tasks, as a worker sees them

    def take(self, worker: str, count: int, but: Collection[str]) -> list[Task]:
        """Take up to `count` calls, none of the operators in `but`."""
        values = (lock_of(worker), count, dumps(sorted(but)))
        return [Task(*each) for each in self._journal.change(_TAKE, values, owner=worker)]

    def give_back(self, worker: str, task: str) -> None:
        """Let other workers take a task."""
        values = (task, lock_of(worker))
        self._journal.post(worker, (task, "back"), Statement(_RETURN, values))
        self.call_out(worker, WORK)

    def end(self, worker: str, task: str, report: Report) -> None:
        """Report how a task ended."""
        values = (report.to_text(), report.value, task, lock_of(worker))
        self._journal.post(worker, task, Statement(_END, values))
        self.call_out(worker, ENDED + task)

    def wanted(self, worker: str) -> set[str]:
        """Return the tasks that a worker has taken and that are wanted still."""
        sql = "SELECT id FROM tasks WHERE worker = ? AND status = 'taken'"
        return {each[0] for each in self._journal.select(sql, (lock_of(worker),))}
