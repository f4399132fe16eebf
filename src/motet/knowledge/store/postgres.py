"""The knowledge in a PostgreSQL database with pgvector: text vectors, and one vector a chunk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from motet.core.json import JSON, dumps
from motet.core.store.postgres import Extension
from motet.core.store.sessions import Session, Value, quoted
from motet.knowledge.store.dialect import Engine
from motet.knowledge.store.rows import PLACE, row_table
from motet.knowledge.store.terms import text_query, text_vector, tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.knowledge.store.dialect import Packed

PGVECTOR = Extension(
    "vector",
    (0, 7),
    "install pgvector beside the server, for example the package postgresql-17-pgvector",
)
SCHEMA = "motet_knowledge"
"""Where the tables are: runs and ledger may be in the same database."""
TURN = 0x4D4F5453
"""The advisory lock of whoever writes: changes are numbered in the order of their commits."""
_PART = 300
"""Columns of a table that fit into a row of PostgreSQL's, however long their values are."""
_K1, _B = 1.2, 0.75
_LEAST_WEIGHT = 1e-6
"""BM25 as FTS5 counts it (https://sqlite.org/fts5.html#the_bm25_function)."""
_SIZES = """INSERT INTO numbers VALUES ('indexed', ?), ('terms', ?)
            ON CONFLICT (name) DO UPDATE SET next = numbers.next + excluded.next"""


class PostgresDialect:
    """Implements `Dialect`."""

    engine: Engine = "postgres"

    def among(self, values: Sequence[int] | Sequence[str]) -> tuple[str, tuple[Value, ...]]:
        """Return what stands behind `IN`, and the values of its placeholders."""
        if not values:
            return "(NULL)", ()  # fits columns of every type
        if isinstance(values[0], str):
            return "(SELECT jsonb_array_elements_text(?::jsonb))", (dumps([*values]),)
        return "(SELECT unnest(?::bigint[]))", (f"{{{','.join(str(each) for each in values)}}}",)

    # Full text

    def index(self, session: Session, texts: Iterable[tuple[int, str]]) -> None:
        """Add the texts of chunks to full text."""
        analysed = [(chunk, tokens(text)) for chunk, text in texts]
        session.executemany(
            "INSERT INTO fulltext (chunk_id, size, body) VALUES (?, ?, ?)",
            ((chunk, len(terms), text_vector(terms)) for chunk, terms in analysed),
        )
        session.execute(_SIZES, (len(analysed), sum(len(terms) for _, terms in analysed)))

    def unindex(self, session: Session, version_id: int) -> None:
        """Take a version's chunks out of full text."""
        gone = session.rows(
            """WITH gone AS (DELETE FROM fulltext f USING chunks c
                             WHERE c.id = f.chunk_id AND c.version_id = ? RETURNING f.size)
               SELECT -count(*), -coalesce(sum(size), 0) FROM gone""",
            (version_id,),
        )
        session.execute(_SIZES, (int(gone[0][0]), int(gone[0][1])))

    def containing(self, term: str) -> tuple[str, tuple[Value, ...]]:
        """Return a query of the chunks (chunk_id) where a term stands."""
        found = text_query([phrase for phrase in [tokens(term)] if phrase])
        return "SELECT chunk_id FROM fulltext WHERE body @@ ?::tsquery", (found,)

    def matching(
        self, terms: Sequence[str], counts: Mapping[str, int]
    ) -> tuple[str, tuple[Value, ...]]:
        """Return a query of (chunk_id, score) of the chunks where any of the terms stands."""
        phrases = [(tokens(term), counts[term]) for term in terms]
        phrases = [(phrase, count) for phrase, count in phrases if phrase]
        single: list[JSON] = [{"term": p[0], "count": count} for p, count in phrases if len(p) == 1]
        long = [(phrase, count) for phrase, count in phrases if len(phrase) > 1]
        sums = [_phrase_sum(len(phrase)) for phrase, _ in long]
        values: list[Value] = [dumps(single)]
        for phrase, count in long:
            values += [count, *phrase]
        sql = f"""
            SELECT f.chunk_id, {" + ".join([_WORDS_SUM, *sums])} AS score
            FROM fulltext f, (SELECT t.next::float8 / greatest(i.next, 1) AS size, i.next AS count
                              FROM numbers t, numbers i
                              WHERE t.name = 'terms' AND i.name = 'indexed') mean
            WHERE f.body @@ ?::tsquery"""
        return sql, (*values, text_query([phrase for phrase, _ in phrases]))

    # Vectors

    def add_vectors(
        self,
        session: Session,
        version_id: int,
        embedder: str,
        chunks: NDArray[np.int64],
        data: NDArray[np.float16],
    ) -> None:
        """Keep the vectors of a version, one row for each chunk."""
        session.execute(
            "INSERT INTO vectors (version_id, embedder) VALUES (?, ?)", (version_id, embedder)
        )
        placed = zip(chunks.tolist(), data, strict=True)
        session.executemany(
            "INSERT INTO embeddings (chunk_id, version_id, embedder, data) VALUES (?, ?, ?, ?)",
            ((chunk, version_id, embedder, str(each.tolist())) for chunk, each in placed),
        )

    def vectors(
        self, session: Session, embedder: str, version_ids: Sequence[int]
    ) -> Iterator[Packed]:
        """Return the vectors of versions, by version."""
        import numpy as np

        some, values = self.among(version_ids)
        found = session.rows(
            f"""SELECT version_id, string_agg(int8send(chunk_id), '' ORDER BY chunk_id),
                       string_agg(substring(halfvec_send(data) FROM 5), '' ORDER BY chunk_id)
                FROM embeddings WHERE embedder = ? AND version_id IN {some}
                GROUP BY version_id ORDER BY version_id""",
            (embedder, *values),
        )
        for version_id, ids, data in found:
            chunks = np.frombuffer(ids, ">i8").astype(np.int64)
            vectors = np.frombuffer(data, ">f2").astype(np.float16)
            yield version_id, chunks, vectors.reshape(len(chunks), -1)

    # Rows of tables

    def create_rows(self, session: Session, table_id: int, columns: Sequence[str]) -> None:
        """Make the table that holds the rows of a table.

        Wide ones are several tables behind a view: a row of PostgreSQL's fits into a page.
        """
        name, parts = row_table(table_id), _parts(len(columns))
        for number, (first, last) in enumerate(parts):
            names = "".join(f', {quoted(c)} text COLLATE "C"' for c in columns[first:last])
            where = ', "#start" bigint, "#end" bigint' if number == 0 else ""
            session.execute(
                f'CREATE TABLE {_part(name, number, len(parts))} ("#number" bigint PRIMARY KEY'
                f"{where}{names})"
            )
        if len(parts) > 1:
            joined = "".join(f' JOIN {name}_{n} USING ("#number")' for n in range(1, len(parts)))
            session.execute(f"CREATE VIEW {name} AS SELECT * FROM {name}_0{joined}")

    def add_rows(
        self, session: Session, table_id: int, width: int, rows: Iterable[Sequence[Value]]
    ) -> None:
        """Add rows: our own columns, then `width` values."""
        name, parts = row_table(table_id), _parts(width)
        kept = [*rows]
        for number, (first, last) in enumerate(parts):
            own = len(PLACE) if number == 0 else 1
            marks = ", ".join("?" * (own + last - first))
            session.executemany(
                f"INSERT INTO {_part(name, number, len(parts))} VALUES ({marks})",
                ((*row[:own], *row[len(PLACE) + first : len(PLACE) + last]) for row in kept),
            )

    def drop_rows(self, session: Session, table_id: int, width: int) -> None:
        """Drop the table that holds the rows of a table of `width` columns."""
        name, parts = row_table(table_id), _parts(width)
        if len(parts) > 1:
            session.execute(f"DROP VIEW {name}")
        for number in range(len(parts)):
            session.execute(f"DROP TABLE {_part(name, number, len(parts))}")

    # Numbers of rows

    def last_number(self, session: Session, table: str, column: str) -> int:
        """Return the last number that the database gave in a table."""
        sql = "SELECT pg_sequence_last_value(pg_get_serial_sequence(?, ?)::regclass)"
        return int(session.rows(sql, (table, column))[0][0] or 0)

    def number_after(self, session: Session, table: str, column: str, number: int) -> None:
        """Let the next number that the database gives in a table be greater."""
        if number > self.last_number(session, table, column):
            session.execute(
                "SELECT setval(pg_get_serial_sequence(?, ?), ?)", (table, column, number)
            )


def _parts(width: int) -> list[tuple[int, int]]:
    return [(first, min(first + _PART, width)) for first in range(0, width, _PART)]


def _part(name: str, number: int, parts: int) -> str:
    return name if parts == 1 else f"{name}_{number}"


def _weighed(count: str, often: str) -> str:
    """Return BM25 of a term that stands `often` in a chunk, and in `count` of them at all."""
    weight = f"ln((mean.count - {count} + 0.5) / ({count} + 0.5))"
    length = f"{_K1} * ({1 - _B} + {_B} * f.size / mean.size)"
    return (
        f"CASE WHEN mean.count - {count} > {count} THEN {weight} ELSE {_LEAST_WEIGHT} END"
        f" * {often} * {_K1 + 1} / ({often} + {length})"
    )


_WORDS_SUM = f"""coalesce((
    SELECT sum({_weighed("w.count", "cardinality(u.positions)")})
    FROM unnest(f.body) u JOIN jsonb_to_recordset(?::jsonb) AS w(term text, count float8)
    ON w.term = u.lexeme), 0)"""


def _phrase_sum(length: int) -> str:
    """Return BM25 of a phrase of so many terms; its values are its count and its terms."""
    count = "p.count"
    follow = "".join(
        f""" AND EXISTS (SELECT 1 FROM unnest(f.body) v WHERE v.lexeme = p.term{n}
                         AND (a.place + {n})::smallint = ANY(v.positions))"""
        for n in range(1, length)
    )
    often = f"""(SELECT count(*) FROM unnest(f.body) u, unnest(u.positions) AS a(place)
                 WHERE u.lexeme = p.term0{follow})"""
    names = ", ".join(f"?::text AS term{n}" for n in range(length))
    return f"(SELECT {_weighed(count, often)} FROM (SELECT ?::float8 AS count, {names}) p)"
