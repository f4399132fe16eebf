"""Keys and foreign keys found against those declared: precision and recall.

    python bench/knowledge/keys.py [chinook.sqlite ...] [--seeds 5]

Each SQLite file is read without its declarations, which are then what is right. Beside them
stand made-up schemas (key_schemas.py). The baseline is plain inclusion: every column whose
values all occur in a unique column of another table refers to it; the first unique column of
a table is its key.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from time import process_time

import apsw
from key_schemas import Schema, made

from motet.knowledge.structure.data import TableData
from motet.knowledge.structure.profiles import profiled
from motet.knowledge.structure.references import discover

Reference = tuple[str, tuple[str, ...], str, tuple[str, ...]]
Answer = tuple[dict[str, tuple[str, ...]], set[Reference]]


def declared(path: Path) -> Schema:
    """Read a SQLite file: its rows, and apart from them what it declares."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    listed = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    tables, keys, references = [], {}, set()
    for (name,) in db.execute(listed).fetchall():
        info = db.execute(f'PRAGMA table_info("{name}")').fetchall()
        rows = db.execute(f'SELECT * FROM "{name}"').fetchall()
        tables.append(TableData(name, tuple(column[1] for column in info), rows))
        keys[name] = tuple(c[1] for c in sorted(info, key=lambda c: c[5]) if c[5])
        parts: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
        for number, _, target, mine, theirs, *_ in db.execute(f'PRAGMA foreign_key_list("{name}")'):
            parts[number].append((target, mine, theirs))
        for each in parts.values():
            mine, theirs = tuple(p[1] for p in each), tuple(p[2] for p in each)
            references.add((name, mine, each[0][0], theirs))
    return Schema(path.stem, tuple(tables), keys, frozenset(references))


def found(schema: Schema) -> Answer:
    """Return what Motet finds."""
    result = discover(profiled(schema.tables))
    keys = {name: key.columns for name, key in result.keys.items()}
    return keys, {(r.table, r.columns, r.target, r.to) for r in result.references}


def by_inclusion(schema: Schema) -> Answer:
    """Return what plain inclusion says."""
    values = {
        (table.name, column): [row[at] for row in table.rows if row[at] is not None]
        for table in schema.tables
        for at, column in enumerate(table.columns)
    }
    unique = {
        place: set(column)
        for place, column in values.items()
        if column and len(set(column)) == len(column)
    }
    keys: dict[str, tuple[str, ...]] = {}
    for table, column in unique:
        keys.setdefault(table, (column,))
    references = {
        (table, (column,), target, (key,))
        for (table, column), held in values.items()
        for (target, key), allowed in unique.items()
        if held and (table, column) != (target, key) and set(held) <= allowed
    }
    return keys, references


def line(name: str, schema: Schema, answer: Answer, seconds: float) -> str:
    """Return a row of the table."""
    keys, references = answer
    right_keys = sum(keys.get(table) == columns for table, columns in schema.keys.items())
    right = len(references & schema.references)
    precision = right / len(references) if references else 1.0
    recall = right / len(schema.references)
    false = len(references) - right
    return (
        f"| {schema.name} | {name} | {right_keys} of {len(schema.keys)} "
        f"| {right} of {len(schema.references)} | {false} | {precision:.2f} | {recall:.2f} "
        f"| {seconds * 1000:.0f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--wrong", action="store_true", help="name what is missing or false")
    args = parser.parse_args()
    schemas = [declared(path) for path in args.files]
    for seed in range(args.seeds):
        schemas += made(seed)
    print("| schema | method | keys | foreign keys | false | precision | recall | CPU ms |")
    print("|---|---|---|---|---|---|---|---|")
    for schema in schemas:
        for name, method in (("Motet", found), ("inclusion", by_inclusion)):
            began = process_time()
            answer = method(schema)
            print(line(name, schema, answer, process_time() - began))
            if args.wrong and name == "Motet":
                wrong = {t: k for t, k in schema.keys.items() if answer[0].get(t) != k}
                print("  missing", schema.references - answer[1])
                print("  false", answer[1] - schema.references)
                print("  keys", {t: (k, answer[0].get(t)) for t, k in wrong.items()})


if __name__ == "__main__":
    main()
