"""Runs that workers carry out, for whoever wants them carried out."""

from __future__ import annotations

import time
from pathlib import Path

from motet.core.clock import tick
from motet.core.errors import TimedOut
from motet.planner.written import Plan
from motet.runtime.budget import Budget
from motet.runtime.run import Run
from motet.runtime.runs import follows, get, journal_of, planned
from motet.runtime.tasks import Tasks

FIRST_LOOK = 0.01
LAST_LOOK = 0.5
"""Seconds between looks at a run that others carry out: at first, and at last."""


def submit(
    plan: Plan,
    *,
    want: object = None,
    id: str | None = None,
    budget: Budget | None = None,
    home: str | Path | None = None,
) -> Run:
    """Have workers (`motet worker`) run a plan; return the run as it stands. See `arun`.

    The journal is in PostgreSQL. With an `id` that exists the run goes on, if the plan is the
    same. `join` waits for its end.
    Raises what `arun` raises before anything runs, `UsageError` where the journal is a file.
    """
    _, record = planned(plan, want, id, budget)
    journal = journal_of(home)
    tasks = Tasks(journal)
    journal.owners.take(record.id)
    try:
        if journal.has(record.id):
            earlier = journal.get(record.id)
            record = follows(earlier, record, budget)
            if earlier.status == "done":
                return get(record.id, home=home)
        journal.post_run(record)
        tasks.enqueue(record.id)
        journal.wait()
    finally:
        journal.owners.give_back(record.id)
    return get(record.id, home=home)


def join(run: str, *, timeout: float | None = None, home: str | Path | None = None) -> Run:
    """Block until a run that others carry out has ended, or waits for people; return it.

    Raises `TimedOut` after `timeout` seconds, `UsageError` for an unknown run.
    """
    journal = journal_of(home)
    until = None if timeout is None else tick() + timeout
    pause = FIRST_LOOK
    # Its owner records the end first, and lets go of it then.
    while journal.status(run) == "running" or journal.owners.is_owned(run):
        if until is not None and tick() >= until:
            raise TimedOut(f"the run has not ended within {timeout:g} s", where=run)
        time.sleep(pause)
        pause = min(2 * pause, LAST_LOOK)
    return get(run, home=home)
