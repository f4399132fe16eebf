"""The journal's tables in PostgreSQL, as numbered migrations: SQLite's, and those of workers."""

from __future__ import annotations

from motet.core.store.translation import translated
from motet.runtime.schema import TABLES, USES

RUN = "run"
"""What is called out when there may be a run to take: queued, or answered by a person."""
NOTIFY = "SELECT pg_notify('motet', ?)"

# `queue`: the runs that workers carry out. `tasks`: the calls that a run's owner hands out; one
# is deleted after its node's end; `losses` counts the workers that died of it. Numbers of locks
# are those of advisory locks, `alive` has them while a connection holds them.
_WORKERS = """
CREATE TABLE queue (
    run text COLLATE "C" PRIMARY KEY,
    lock bigint NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY
);
CREATE TABLE tasks (
    id text COLLATE "C" PRIMARY KEY,
    run text COLLATE "C" NOT NULL,
    node text COLLATE "C" NOT NULL,
    operator text COLLATE "C" NOT NULL,
    call text NOT NULL,
    turn bigint NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    status text NOT NULL CHECK (status IN ('offered', 'taken', 'ended')),
    worker bigint,
    losses bigint NOT NULL DEFAULT 0,
    report text,
    value text,
    CHECK ((status = 'offered') = (worker IS NULL))
);
CREATE INDEX tasks_offered ON tasks (turn, number) WHERE status = 'offered';
CREATE INDEX tasks_of_run ON tasks (run);
CREATE VIEW alive AS
    SELECT (classid::bigint << 32) | objid::bigint AS lock FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
"""


MIGRATIONS = (translated(TABLES), _WORKERS, translated(USES))
"""Numbered by their place, from 1; the table `version` says how many a database has."""
