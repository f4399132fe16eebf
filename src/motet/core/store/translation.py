"""SQLite's schemas in PostgreSQL's words, so that tables are written once."""

from __future__ import annotations

import re

# Texts compare by their bytes, as SQLite's do: ids are searched by what they start with.
_TYPES = {
    r"\bTEXT\b": 'text COLLATE "C"',
    r"\bREAL\b": "double precision",
    r"\bINTEGER\b": "bigint",
    r"\bBLOB\b": "bytea",
    r"\bWITHOUT ROWID\b": "",
}


def translated(tables: str) -> str:
    """Return SQLite's tables in PostgreSQL's words."""
    for pattern, words in _TYPES.items():
        tables = re.sub(pattern, words, tables)
    return tables
