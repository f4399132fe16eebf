"""The tables of ledger and accounts, the same in SQLite and PostgreSQL."""

from __future__ import annotations

from motet.core.store import Migration
from motet.core.store.translation import translated

APPLICATION_ID = 0x4D4F544C  # "MOTL"

# `entries` has Entry's columns in their order; then `bound`, what the attempt was thought to
# cost at most; `before` is what stood as its cost before it was corrected, by `corrected`.
#
# `spent` sums the costs of an account's entries, in the transaction that adds them: over all
# time (span ''), by month (2026-07) and by day (2026-07-14). A budget's holders are processes:
# in every committed state budget >= spent + the amounts of all leases. `minutes` says how much
# of a rate was handed out in a minute. `spools` says how far each process's spool is folded.
_TABLES = """
CREATE TABLE entries (
    id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    started REAL NOT NULL,
    status TEXT NOT NULL
        CHECK (status IN ('done', 'failed', 'aborted', 'refused', 'cached')),
    trace_id TEXT NOT NULL,
    seconds REAL NOT NULL,
    first REAL,
    tenant TEXT NOT NULL,
    team TEXT NOT NULL,
    "user" TEXT NOT NULL,
    system TEXT NOT NULL,
    run TEXT NOT NULL,
    node TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    dialect TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    used TEXT NOT NULL,
    upstream_id TEXT NOT NULL,
    stream INTEGER NOT NULL,
    http INTEGER NOT NULL,
    reason TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    audio_input_tokens INTEGER NOT NULL,
    audio_output_tokens INTEGER NOT NULL,
    units TEXT NOT NULL,
    cost INTEGER,
    estimated INTEGER NOT NULL,
    error TEXT NOT NULL,
    story TEXT NOT NULL,
    bound INTEGER,
    before INTEGER,
    corrected TEXT,
    PRIMARY KEY (id, attempt)
);
CREATE INDEX entries_by_time ON entries (started);
CREATE TABLE spent (
    account TEXT NOT NULL,
    span TEXT NOT NULL,
    cost INTEGER NOT NULL,
    PRIMARY KEY (account, span)
) WITHOUT ROWID;

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('key', 'team')),
    name TEXT NOT NULL,
    team TEXT NOT NULL,
    budget INTEGER,
    period TEXT NOT NULL CHECK (period IN ('total', 'day', 'month')),
    requests INTEGER,
    tokens INTEGER,
    disabled INTEGER NOT NULL,
    created REAL NOT NULL,
    digest TEXT UNIQUE,
    hint TEXT NOT NULL,
    models TEXT NOT NULL,
    local INTEGER NOT NULL,
    admin INTEGER NOT NULL,
    expires REAL,
    revoked REAL,
    turn INTEGER NOT NULL,
    UNIQUE (kind, name)
) WITHOUT ROWID;
CREATE TABLE leases (
    account TEXT NOT NULL,
    holder TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (account, holder)
) WITHOUT ROWID;
CREATE TABLE minutes (
    account TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('requests', 'tokens')),
    minute INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (account, what, minute)
) WITHOUT ROWID;
CREATE TABLE wanted (account TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE spools (
    holder TEXT PRIMARY KEY,
    generation INTEGER NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE changes (number INTEGER NOT NULL);
INSERT INTO changes VALUES (0);
"""

MIGRATIONS = (Migration("ledger and accounts", _TABLES),)
POSTGRES_MIGRATIONS = (translated(_TABLES),)
