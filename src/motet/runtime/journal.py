"""Runs as recorded: one row per run, one row per node; a row is also the node's span."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from motet.core.clock import now
from motet.core.errors import UsageError
from motet.core.finishing import finished
from motet.core.json import dumps
from motet.core.store.sessions import Conflict, Place, Value, is_url, storable
from motet.core.store.sessions import Row as Found
from motet.runtime.postgres_schema import NOTIFY, RUN
from motet.runtime.records import Record, Span
from motet.runtime.rows import (
    END_RUN,
    PUT_ANSWER,
    PUT_RUN,
    PUT_SCORE,
    PUT_USE,
    RUN_COLUMNS,
    NodeRow,
    put_nodes,
    record_of,
    spans_of,
    text_of,
)
from motet.runtime.stores import JournalStore, Owners, open_store
from motet.runtime.writer import GroupWriter

CONFLICTS = 5
"""How often a group is written again that another transaction kept from being written."""

Durability = Literal["power", "process", "none"]
"""What a committed row survives: loss of power, death of the process, nothing (no journal)."""


class Posted(Protocol):
    """A node that is to be recorded."""

    @property
    def run(self) -> str:
        """The id of its run."""
        ...

    @property
    def settled(self) -> bool:
        """Whether its last row is written: it ended, and was posted, while one was made."""
        ...

    def row(self) -> NodeRow:
        """Return the node as it is now."""
        ...

    def written(self) -> None:
        """Take note that a row was committed."""
        ...


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its values."""

    sql: str
    values: tuple[Value, ...] = ()


class Journal:
    """Records runs as they happen and reads them back.

    Rows are posted and written in groups by one thread, so nobody waits for the disk but who
    asks to: `flush` returns once all that was posted is committed. A committed row survives
    `kill -9`; with durability `power`, and always in PostgreSQL, also the loss of power.

    `place` is a SQLite file or the URL of a PostgreSQL database. Raises `StoreError`, and
    `SetupNeeded` where PostgreSQL's client is not installed.
    """

    def __init__(self, place: Place, durability: Durability = "process") -> None:
        self._store = open_store(place, durable=durability == "power")
        self._writer: GroupWriter[Statement | Posted] = GroupWriter(self._commit, self._store.name)
        self.place = place
        self._watchers: list[Callable[[Record], None]] = []
        self._tally: Counter[tuple[str, str]] = Counter()
        self._scored = 0

    def on_end(self, tell: Callable[[Record], None]) -> None:
        """Call back from now on when a run of this process ends or pauses, in its thread."""
        self._watchers.append(tell)

    @property
    def name(self) -> str:
        """What a person calls the place; holds no secret."""
        return self._store.name

    @property
    def home(self) -> Place:
        """What `home=` of `motet.run` means this journal: its folder, or its URL."""
        return self.place if self.shared else Path(self.place).parent

    @property
    def store(self) -> JournalStore:
        """The database itself, for those who look after what is in it."""
        return self._store

    @property
    def shared(self) -> bool:
        """Whether workers of other machines can take part."""
        return is_url(self.place)

    @property
    def owners(self) -> Owners:
        """Who runs which run."""
        return self._store.owners

    async def own(self, run: str) -> None:
        """Own a run; the loop does not wait for a server. Raises `RunOwned`."""
        if not self.shared:
            self.owners.take(run)
            return
        taking = asyncio.ensure_future(asyncio.to_thread(self.owners.take, run))

        def give_back(taken: asyncio.Future[None]) -> None:
            if not taken.cancelled() and taken.exception() is None:
                self.owners.give_back(run)

        try:
            await asyncio.shield(taking)
        except asyncio.CancelledError:
            taking.add_done_callback(give_back)
            raise

    async def disown(self, run: str) -> None:
        """Let others own a run."""
        self.forget(run)
        if self.shared:
            await asyncio.to_thread(self.owners.give_back, run)
        else:
            self.owners.give_back(run)

    def close(self) -> None:
        """Write what is posted and close the store."""
        self._writer.close()
        self._store.close()

    def check(self) -> list[str]:
        """Return findings about damage of the store; empty when it is whole."""
        return self._store.check()

    def version(self) -> Hashable:
        """Return a token that differs once any process has written."""
        return self._store.version()

    # Writing

    def post_run(self, record: Record) -> None:
        """Record a run as it is now, soon."""
        plan = dumps(record.plan) if record.plan_text is None else record.plan_text
        head = (record.id, record.trace_id, record.span_id, record.system, record.kind)
        what = (record.skill, storable(record.question), plan, record.shape, record.status)
        how = (record.started, record.seconds, text_of(record.value), record.error, record.code)
        found = (*head, *what, *how, record.origin, dumps(record.extra))
        self._writer.post(record.id, record.id, Statement(PUT_RUN, found))

    def post_end(self, record: Record) -> None:
        """Record how a run stands now, soon; its plan stays as it was posted."""
        how = (record.status, record.seconds, text_of(record.value), record.error, record.code)
        said = (*how, dumps(record.extra), record.id)
        self._writer.post(record.id, (record.id,), Statement(END_RUN, said))
        for tell in self._watchers:
            tell(record)

    def post(self, owner: str, key: Hashable, statement: Statement) -> None:
        """Have a statement run soon, within what `owner` writes."""
        self._writer.post(owner, key, statement)

    def post_use(self, run: str, source: str, version: str) -> None:
        """Record, soon, that a run was given something of a version of a source."""
        found = (version, run, storable(source))
        self._writer.post(run, ("use", run, version), Statement(PUT_USE, found))

    def post_node(self, node: Posted) -> None:
        """Record a node as it is when its group is written, soon."""
        self._writer.post(node.run, id(node), node)

    @property
    def crowded(self) -> bool:
        """Whether writing has fallen behind: whoever posts more should `flush` first."""
        return self._writer.crowded

    async def end(self, record: Record) -> None:
        """Record how a run stands that this process carries out no further. Raises `StoreError`.

        Nothing of the run is written later, also where something could not be written, and
        where the caller is cancelled meanwhile.
        """
        try:
            self.post_end(record)
        finally:
            try:
                await finished(self.flush(record.id))
            finally:
                self.forget(record.id)

    async def flush(self, run: str | None = None) -> None:
        """Return once everything posted so far is committed. Raises `StoreError`.

        With a `run`, for its rows only.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def settle(error: BaseException | None) -> None:
            if done.done():
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        def tell(error: BaseException | None) -> None:
            try:
                loop.call_soon_threadsafe(settle, error)
            except RuntimeError:
                return  # the loop was closed: nobody waits any more

        self._writer.flush(tell, run)
        await done

    def wait(self) -> None:
        """Block until everything posted so far is committed. Raises `StoreError`."""
        self._writer.wait()

    def forget(self, run: str) -> None:
        """Drop the memory of failed writes of a run that is over."""
        self._writer.forget(run)

    def _commit(self, found: list[Statement | Posted], owners: Collection[str]) -> None:
        nodes = [each for each in found if not isinstance(each, Statement) and not each.settled]
        for turn in range(CONFLICTS):
            try:
                self._write(found, nodes, owners)
                break
            except Conflict:
                if turn == CONFLICTS - 1:
                    raise
        for node in nodes:
            node.written()

    def _write(
        self, found: list[Statement | Posted], nodes: list[Posted], owners: Collection[str]
    ) -> None:
        with self._store.write() as db:
            self.owners.check(owners)
            for each in found:
                if isinstance(each, Statement):
                    db.execute(each.sql, each.values)
            # A node that two resumed halves of a run posted is one row, the later one.
            put = list({each[:2]: each for each in [node.row() for node in nodes]}.values())
            put_nodes(db, put, self._store)
        self._tally.update((each[6], each[7]) for each in put if each[10] == "done")

    def abandon(self) -> None:
        """Give up all runs of this process as if it had died: others may own them.

        What this process goes on to write for them is refused.
        """
        self.owners.abandon()

    def change(
        self, sql: str, values: Sequence[Value] = (), *, owner: str | None = None
    ) -> list[Found]:
        """Run a statement in a transaction of its own and return its rows.

        It is refused in the name of an `owner` that this process has lost.
        """
        with self._store.write() as db:
            if owner is not None:
                self.owners.check((owner,))
            return db.rows(sql, values)

    def post_forgotten(self, run: str, node: str) -> None:
        """Forget, soon, what a person said about a node: it was about what is over."""
        sql = "DELETE FROM answers WHERE run = ? AND node = ?"
        self._writer.post(run, (run, node), Statement(sql, (run, node)))

    def answer(self, run: str, node: str, kind: str, value: str | None, reason: str) -> None:
        """Record what a person said about a node (or, with an empty node, about the run)."""
        values = (run, node, kind, value, storable(reason), now())
        with self._store.write() as db:
            db.execute(PUT_ANSWER, values)
            if self.shared:
                db.execute(NOTIFY, (RUN,))

    def score(self, run: str, node: str, evaluator: str, score: float) -> None:
        """Record an evaluation's score, 0 to 1, of what a node gave."""
        with self._store.write() as db:
            db.execute(PUT_SCORE, (run, node, evaluator, score))
        self._scored += 1

    # Reading

    def tally(self, method: str, choice: str) -> Hashable:
        """Return a token that differs once this process recorded one more, or a score."""
        return self._tally[method, choice], self._scored

    def answers(self, run: str) -> dict[str, tuple[str, str | None, str]]:
        """Return what people said, by node: (kind, value, reason)."""
        query = "SELECT node, kind, value, reason FROM answers WHERE run = ?"
        with self._store.read() as db:
            return {each[0]: (each[1], each[2], each[3]) for each in db.rows(query, (run,))}

    def select(self, query: str, values: Sequence[str | int]) -> list[Found]:
        """Return the rows of a query that only reads."""
        with self._store.read() as db:
            return db.rows(query, tuple(values))

    def recent(
        self, system: str | None = None, limit: int = 20, status: str | None = None
    ) -> list[Record]:
        """Return the latest runs, newest first, without their nodes."""
        query = f"""SELECT {RUN_COLUMNS} FROM runs
                    WHERE (system = ?1 OR ?1 IS NULL) AND (status = ?3 OR ?3 IS NULL)
                    ORDER BY started DESC LIMIT ?2"""
        with self._store.read() as db:
            return [record_of(each, ()) for each in db.rows(query, (system, limit, status))]

    def status(self, run: str) -> str:
        """Return how a run stands. Raises `UsageError`."""
        with self._store.read() as db:
            found = db.rows("SELECT status FROM runs WHERE id = ?", (run,))
        if not found:
            raise _unknown(run)
        return str(found[0][0])

    def has(self, run: str) -> bool:
        """Whether a run of that id is recorded."""
        with self._store.read() as db:
            return bool(db.rows("SELECT 1 FROM runs WHERE id = ?", (run,)))

    def get(self, run: str) -> Record:
        """Return a run with its nodes in the order they started. Raises `UsageError`."""
        with self._store.read() as db:
            found = db.rows(f"SELECT {RUN_COLUMNS} FROM runs WHERE id = ?", (run,))
            nodes = spans_of(db, "run = ? ORDER BY started, node", run, self._store)
        if not found:
            raise _unknown(run)
        return record_of(found[0], nodes)

    def paused(self, run: str) -> tuple[Span, ...]:
        """Return the nodes of a run that wait, in the order they started."""
        with self._store.read() as db:
            return spans_of(
                db, "run = ? AND status = 'paused' ORDER BY started, node", run, self._store
            )


def _unknown(run: str) -> UsageError:
    return UsageError("no such run", where=run, hint="`motet runs list` shows the runs")
