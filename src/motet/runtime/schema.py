"""The journal's tables, and how a `runs.db` of an earlier version comes to have them."""

from __future__ import annotations

from motet.core.store import Migration

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

# `nodes` has row ids: without them, rows of about 1 KB fill a page each. Its `value` holds bytes
# where a store keeps texts smaller so. It refers to `runs` no longer by a foreign key: both come
# in one group, in any order.
TABLES = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    trace_id TEXT NOT NULL,
    span_id TEXT NOT NULL,
    system TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('system', 'plan')),
    skill TEXT NOT NULL,
    question TEXT NOT NULL,
    plan TEXT NOT NULL,
    shape TEXT NOT NULL,
    status TEXT NOT NULL
        CHECK (status IN ('running', 'paused', 'done', 'failed', 'cancelled')),
    started REAL NOT NULL,
    seconds REAL,
    value TEXT,
    error TEXT,
    code TEXT NOT NULL,
    origin TEXT NOT NULL,
    extra TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX runs_by_time ON runs (system, started);
CREATE INDEX runs_open ON runs (status, started) WHERE status IN ('running', 'paused');

CREATE TABLE nodes (
    run TEXT NOT NULL,
    node TEXT NOT NULL,
    parent TEXT,
    needs TEXT NOT NULL,
    span_id TEXT NOT NULL,
    operator TEXT NOT NULL,
    method TEXT NOT NULL,
    choice TEXT NOT NULL,
    task TEXT NOT NULL,
    effect TEXT NOT NULL,
    status TEXT NOT NULL
        CHECK (status IN ('waiting', 'running', 'paused', 'done', 'failed', 'cancelled')),
    started REAL NOT NULL,
    seconds REAL,
    attempts INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost REAL NOT NULL,
    rows INTEGER,
    note TEXT NOT NULL,
    call TEXT,
    value TEXT,
    base TEXT NOT NULL,
    error TEXT,
    PRIMARY KEY (run, node)
);
CREATE INDEX nodes_by_choice ON nodes (method, choice, started)
    WHERE status = 'done' AND method <> '';

CREATE TABLE blobs (hash TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE answers (
    run TEXT NOT NULL,
    node TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('approve', 'refuse', 'retry', 'cancel')),
    value TEXT,
    reason TEXT NOT NULL,
    answered REAL NOT NULL,
    PRIMARY KEY (run, node)
) WITHOUT ROWID;
CREATE TABLE scores (
    run TEXT NOT NULL,
    node TEXT NOT NULL,
    evaluator TEXT NOT NULL,
    score REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
    PRIMARY KEY (run, node, evaluator)
) WITHOUT ROWID;
"""

_DURABLE = (
    """
ALTER TABLE nodes RENAME TO nodes_1;
ALTER TABLE runs RENAME TO runs_1;
DROP INDEX runs_by_time;
DROP INDEX nodes_by_choice;
"""
    + TABLES
    + """
INSERT INTO runs SELECT id, trace_id, span_id, system, 'system', skill, question, plan, '',
       status, started, seconds, value, error, '', '', '{}' FROM runs_1;
INSERT INTO nodes SELECT run, node, NULL, '', span_id, operator, method, choice, '', 'read',
       status, started, seconds, 1, input_tokens, output_tokens, cost, rows, note, NULL,
       value, '', error FROM nodes_1;
DROP TABLE nodes_1;
DROP TABLE runs_1;
"""
)

# Which runs were given passages of which version (SHA-256) of a source.
USES = """
CREATE TABLE uses (
    version TEXT NOT NULL,
    run TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (version, run)
) WITHOUT ROWID;
"""

MIGRATIONS = (
    Migration("runs and nodes", _FIRST),
    Migration("durable runs", _DURABLE),
    Migration("which runs used which sources", USES),
)
