"""The schema of `store.db`, as numbered migrations."""

from __future__ import annotations

from motet.core.store import Migration

APPLICATION_ID = 0x4D4F5453  # "MOTS"

_FIRST = """
CREATE TABLE roots (
    scope TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (scope, path)
) WITHOUT ROWID;

CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    scope TEXT NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ready', 'failed')),
    reason TEXT,
    version TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    updated REAL NOT NULL,
    UNIQUE (scope, source)
);

CREATE TABLE versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused: caches know versions by it
    source_id INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    version TEXT NOT NULL,
    media_type TEXT NOT NULL,
    title TEXT,
    text TEXT NOT NULL,
    regions TEXT NOT NULL,
    notes TEXT NOT NULL,
    extractor TEXT NOT NULL,
    UNIQUE (source_id, version)
);

CREATE TABLE words (
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    page INTEGER NOT NULL,
    ranges BLOB NOT NULL,
    boxes BLOB NOT NULL,
    PRIMARY KEY (version_id, page)
) WITHOUT ROWID;

CREATE TABLE chunks (
    id INTEGER PRIMARY KEY, -- later versions have greater ones
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    kind TEXT NOT NULL,
    page INTEGER,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    context TEXT NOT NULL,
    text TEXT NOT NULL,
    body TEXT,
    segments TEXT
);
CREATE INDEX chunks_of_version ON chunks (version_id);

CREATE TABLE vectors (
    version_id INTEGER PRIMARY KEY REFERENCES versions ON DELETE CASCADE,
    embedder TEXT NOT NULL,
    chunks BLOB NOT NULL,
    data BLOB NOT NULL
);

CREATE VIRTUAL TABLE fulltext USING fts5 (
    body, content = '', contentless_delete = 1,
    tokenize = "porter unicode61 remove_diacritics 2"
);

CREATE TABLE tables (
    id INTEGER PRIMARY KEY,
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    name TEXT NOT NULL,
    page INTEGER,
    columns TEXT NOT NULL
);

CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT NOT NULL,
    source TEXT NOT NULL,
    change TEXT NOT NULL CHECK (change IN ('put', 'remove'))
);
"""

MIGRATIONS = (Migration("sources, chunks, full text, vectors, tables", _FIRST),)
