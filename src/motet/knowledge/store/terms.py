"""The terms of a text as SQLite's full text has them, for a database with another one."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import apsw

if TYPE_CHECKING:
    from collections.abc import Callable

    Tokens = Callable[..., list[tuple[str, ...]]]

TOKENIZER = ("porter", "unicode61", "remove_diacritics", "2")
"""The tokenizer of the full text of a `store.db`, with its arguments."""
MOST_LETTERS = 500
"""Letters of a term that count; PostgreSQL takes terms of 2,046 bytes."""
MOST_POSITIONS = 255
LAST_POSITION = 16383
MOST_BYTES = 900_000
"""Of a text vector of PostgreSQL, which takes a megabyte; what is beyond is not found."""

_own = threading.local()


def tokens(text: str) -> list[str]:
    """Return the terms of a text in order, folded and stemmed."""
    found = _tokenizer()(
        text.encode(),
        apsw.FTS5_TOKENIZE_DOCUMENT,
        None,
        include_offsets=False,
        include_colocated=False,
    )
    return [each[:MOST_LETTERS] for each in found]  # type: ignore[misc]


def _tokenizer() -> Tokens:
    """Return this thread's tokenizer."""
    if not hasattr(_own, "tokenizer"):
        _own.connection = apsw.Connection(":memory:")
        _own.tokenizer = _own.connection.fts5_tokenizer(TOKENIZER[0], [*TOKENIZER[1:]])
    found: Tokens = _own.tokenizer
    return found


def text_vector(terms: Iterable[str]) -> str:
    """Return terms with their positions as PostgreSQL writes a `tsvector`."""
    positions: dict[str, list[str]] = defaultdict(list)
    for position, term in enumerate(terms, 1):
        if len(positions[term]) < MOST_POSITIONS:
            positions[term].append(str(min(position, LAST_POSITION)))
    parts, size = [], 0
    for term, places in positions.items():
        size += len(term.encode()) + 2 * len(places) + 8
        if size > MOST_BYTES:
            break
        parts.append(f"{_written(term)}:{','.join(places)}")
    return " ".join(parts)


def text_query(phrases: Iterable[Sequence[str]]) -> str:
    """Return what finds any of the phrases as PostgreSQL writes a `tsquery`."""
    return " | ".join(f"({' <-> '.join(_written(each) for each in terms)})" for terms in phrases)


def _written(term: str) -> str:
    escaped = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
