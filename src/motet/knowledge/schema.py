"""The schema of `store.db`, as numbered migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motet.core.store import Migration
from motet.core.store.sessions import quoted
from motet.core.store.translation import translated

if TYPE_CHECKING:
    import apsw

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

# SQLite packs the vectors of a version; its full text finds chunks by `index_text`.
_PACKED = """
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
"""

# PostgreSQL has pgvector's column, and text vectors of the same terms that SQLite finds.
_COLUMNS = """
CREATE TABLE vectors (
    version_id bigint PRIMARY KEY REFERENCES versions ON DELETE CASCADE,
    embedder text COLLATE "C" NOT NULL
);
CREATE TABLE embeddings (
    chunk_id bigint PRIMARY KEY REFERENCES chunks ON DELETE CASCADE,
    version_id bigint NOT NULL REFERENCES versions ON DELETE CASCADE,
    embedder text COLLATE "C" NOT NULL,
    data halfvec NOT NULL
);
CREATE INDEX embeddings_of_version ON embeddings (version_id);
CREATE TABLE fulltext (
    chunk_id bigint PRIMARY KEY REFERENCES chunks ON DELETE CASCADE,
    size bigint NOT NULL, -- terms of the chunk
    body tsvector NOT NULL
);
CREATE INDEX fulltext_body ON fulltext USING gin (body);
"""

# Everything below hangs on a version of a source and goes with it, but for entities and
# relations, which several versions may support: they go with their last support.
_GRAPH = """
ALTER TABLE sources ADD COLUMN kind TEXT NOT NULL DEFAULT 'file'; -- file, memory, database, url
ALTER TABLE sources ADD COLUMN owner TEXT;        -- of a memory: the user; NULL is everybody
ALTER TABLE sources ADD COLUMN session TEXT;
ALTER TABLE sources ADD COLUMN given_by TEXT;     -- who brought it
ALTER TABLE sources ADD COLUMN given_at REAL;     -- when it says it was made: a message's time
ALTER TABLE sources ADD COLUMN origin TEXT;       -- from where: path, address, run and node
ALTER TABLE sources ADD COLUMN expires REAL;      -- forgotten from then on
ALTER TABLE sources ADD COLUMN publish INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sources ADD COLUMN derived TEXT NOT NULL DEFAULT 'everyone';
ALTER TABLE sources ADD COLUMN local INTEGER NOT NULL DEFAULT 0;
-- Not everybody sees all of these at all times: see provenance/viewer.py.
CREATE INDEX sources_special ON sources (scope)
    WHERE kind = 'memory' OR expires IS NOT NULL OR derived <> 'everyone';
CREATE INDEX sources_by_origin ON sources (scope, origin) WHERE kind = 'memory';

-- What a person had deleted stays away, though its file may still be there.
CREATE TABLE deleted (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,                            -- SHA-256 of the source's name
    at REAL NOT NULL,
    PRIMARY KEY (scope, name)
) WITHOUT ROWID;

ALTER TABLE changes ADD COLUMN version_id INTEGER; -- the version that came or went
CREATE INDEX changes_of_scope ON changes (scope, sequence);

-- The next number of what is numbered by hand; none is ever given again.
CREATE TABLE numbers (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO numbers SELECT 'chunks', coalesce(max(id), 0) + 1 FROM chunks;

ALTER TABLE tables ADD COLUMN types TEXT;          -- JSON: integer, real, date, text... a column

-- Which operator, in which version of itself, derived something from a version, and when.
CREATE TABLE producers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    operator TEXT NOT NULL,
    version TEXT NOT NULL,
    UNIQUE (operator, version)
);
CREATE TABLE derivations (
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    operator TEXT NOT NULL,
    producer_id INTEGER NOT NULL REFERENCES producers,
    run TEXT,
    at REAL NOT NULL,
    PRIMARY KEY (version_id, operator)
) WITHOUT ROWID;

-- One row for each way of naming something; `canonical` is the one that stands for all of them.
CREATE TABLE entities (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT NOT NULL,
    uid TEXT NOT NULL,                             -- of label and key: the same in every store
    label TEXT NOT NULL,
    key TEXT NOT NULL,                             -- the name, normalised
    name TEXT NOT NULL,                            -- the name as sources write it most often
    canonical INTEGER NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,            -- 0: not resolved yet as it now is
    UNIQUE (scope, uid)
);
CREATE INDEX entities_unsettled ON entities (scope, id) WHERE settled = 0;
CREATE INDEX entities_of_canonical ON entities (canonical);
CREATE INDEX entities_of_key ON entities (scope, key);
CREATE INDEX entities_of_name ON entities (scope, name);

CREATE TABLE mentions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entity_id INTEGER NOT NULL REFERENCES entities,
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    chunk_id INTEGER NOT NULL,
    start INTEGER NOT NULL,                        -- in the version's text, as citations count
    "end" INTEGER NOT NULL,
    score REAL NOT NULL,
    producer_id INTEGER NOT NULL REFERENCES producers
);
CREATE INDEX mentions_of_entity ON mentions (entity_id);
CREATE INDEX mentions_of_version ON mentions (version_id);
CREATE INDEX mentions_of_chunk ON mentions (chunk_id);

-- An entity is a row of a table: its key stands there.
CREATE TABLE links (
    entity_id INTEGER NOT NULL REFERENCES entities,
    table_id INTEGER NOT NULL REFERENCES tables ON DELETE CASCADE,
    number INTEGER NOT NULL,                       -- of the row, from 1
    "column" TEXT NOT NULL,
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    producer_id INTEGER NOT NULL REFERENCES producers,
    PRIMARY KEY (entity_id, table_id, number, "column")
) WITHOUT ROWID;
CREATE INDEX links_of_version ON links (version_id);
CREATE INDEX links_of_row ON links (table_id, number);

-- `subject` and `object` are as sources name them; `source` and `target` stand for them.
CREATE TABLE relations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT NOT NULL,
    subject INTEGER NOT NULL REFERENCES entities,
    type TEXT NOT NULL,
    object INTEGER NOT NULL REFERENCES entities,
    source INTEGER NOT NULL,
    target INTEGER NOT NULL,
    derived INTEGER NOT NULL,                      -- 0 where some evidence is first-party
    UNIQUE (subject, type, object)
);
CREATE INDEX relations_out ON relations (source, type, derived, target);
CREATE INDEX relations_in ON relations (target, type, derived, source);
CREATE INDEX relations_of_object ON relations (object);

CREATE TABLE evidence (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    relation_id INTEGER NOT NULL REFERENCES relations ON DELETE CASCADE,
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    chunk_id INTEGER,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    table_id INTEGER,
    number INTEGER,
    given INTEGER NOT NULL,                        -- 1: first-party, a row says so itself
    score REAL NOT NULL,
    producer_id INTEGER NOT NULL REFERENCES producers
);
CREATE INDEX evidence_of_relation ON evidence (relation_id);
CREATE INDEX evidence_of_version ON evidence (version_id);

-- What a source says of an entity. Times are seconds since 1970, NULL is open.
CREATE TABLE claims (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entity_id INTEGER NOT NULL REFERENCES entities,
    property TEXT NOT NULL,
    type TEXT NOT NULL,                            -- text, integer, real, date, money, quantity
    value TEXT NOT NULL,                           -- JSON
    valid_from REAL,
    valid_to REAL,
    known_from REAL NOT NULL,
    known_to REAL,
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    chunk_id INTEGER,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    table_id INTEGER,
    number INTEGER,
    given INTEGER NOT NULL,
    score REAL NOT NULL,
    producer_id INTEGER NOT NULL REFERENCES producers
);
CREATE INDEX claims_of_entity ON claims (entity_id, property);
CREATE INDEX claims_of_version ON claims (version_id);

-- Entities that share a key are compared with each other.
CREATE TABLE blocks (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    entity_id INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    PRIMARY KEY (scope, key, entity_id)
) WITHOUT ROWID;
CREATE INDEX blocks_of_entity ON blocks (entity_id);

-- What people decided about two entities; never touched by anything derived.
CREATE TABLE verdicts (
    scope TEXT NOT NULL,
    left_uid TEXT NOT NULL,                        -- the smaller of the two
    right_uid TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('same', 'different')),
    by TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (scope, left_uid, right_uid)
) WITHOUT ROWID;

-- Scored pairs of entities: what resolution found, and the reasons.
CREATE TABLE pairs (
    scope TEXT NOT NULL,
    left_id INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    right_id INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    score REAL NOT NULL,
    reasons TEXT NOT NULL,                         -- JSON
    producer_id INTEGER NOT NULL REFERENCES producers,
    PRIMARY KEY (left_id, right_id)
) WITHOUT ROWID;
CREATE INDEX pairs_of_right ON pairs (right_id);

-- Plans that wait for a person; an approval is of exactly these bytes.
CREATE TABLE proposals (
    scope TEXT NOT NULL,
    hash TEXT NOT NULL,                            -- SHA-256 of the body
    kind TEXT NOT NULL,                            -- schema
    body TEXT NOT NULL,                            -- canonical JSON
    made REAL NOT NULL,
    approved_by TEXT,
    approved_at REAL,
    rejected_by TEXT,
    rejected_at REAL,
    PRIMARY KEY (scope, hash)
) WITHOUT ROWID;

-- What a model answered for an extraction, so that it is asked once; goes with the source.
CREATE TABLE asked (
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    producer_id INTEGER NOT NULL REFERENCES producers,
    content TEXT NOT NULL,                         -- SHA-256 of what was sent
    answer TEXT NOT NULL,
    PRIMARY KEY (content, producer_id, version_id)
) WITHOUT ROWID;
CREATE INDEX asked_of_version ON asked (version_id);

-- What a version calls an entity, and how often. Those of the kinds key, name, title and
-- reference are looked for in every text; `seen` and `alias` are how its text writes them.
CREATE TABLE names (
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    entity_id INTEGER NOT NULL REFERENCES entities,
    kind TEXT NOT NULL,
    form TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (version_id, entity_id, kind, form)
) WITHOUT ROWID;
CREATE INDEX names_of_entity ON names (entity_id, kind, form);

-- Chunks that are to be read anew, because a name that stands in them came or went.
CREATE TABLE stale (
    chunk_id INTEGER PRIMARY KEY,
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE
);
CREATE INDEX stale_of_version ON stale (version_id);
"""


def _grow_graph(db: apsw.Connection) -> None:
    db.execute(_GRAPH)
    # Merges less often: documents are put faster, and most searches use another index.
    db.execute("INSERT INTO fulltext (fulltext, rank) VALUES ('automerge', 8)")
    for (table,) in db.execute("SELECT id FROM tables").fetchall():
        _number_rows(db, f"rows_{table}")


def _number_rows(db: apsw.Connection, table: str) -> None:
    """Give the rows of a document's table the column that numbers them."""
    columns = [str(name) for _, name, *_ in db.execute(f"PRAGMA table_info({table})").fetchall()]
    names = ", ".join(quoted(each) for each in columns)
    db.execute(f'CREATE TABLE numbered ("#number" INTEGER PRIMARY KEY, {names})')
    db.execute(f"INSERT INTO numbered SELECT rowid, * FROM {table}")
    db.execute(f"DROP TABLE {table}")
    db.execute(f"ALTER TABLE numbered RENAME TO {table}")


MIGRATIONS = (
    Migration("sources, chunks, full text, vectors, tables", _FIRST + _PACKED),
    Migration("entities, relations, claims, memory, provenance", _grow_graph),
)

POSTGRES_MIGRATIONS = (translated(_FIRST), _COLUMNS, translated(_GRAPH))
"""Numbered by their place, from 1; the table `knowledge_version` says how many there are."""
