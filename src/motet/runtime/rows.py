"""The journal's rows: how runs and nodes are written, and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import chain

from motet.core.ids import sha256
from motet.core.json import JSON, dumps
from motet.core.store.sessions import Row as Found
from motet.core.store.sessions import Session, Value
from motet.runtime.records import Record, Span, Usage, restored
from motet.runtime.stores import JournalStore

LARGE = 64 * 1024
"""Characters from which on a value is kept once, by its hash."""

NodeRow = tuple[
    str, str, str | None, str, str, str, str, str, str, str, str, float, float | None, int,
    int, int, float, int | None, str, str | None, str | None, str, str | None,
]  # fmt: skip
"""The columns of `NODE`, in their order."""
Kept = tuple[Value, ...]
"""A row as its store keeps it."""

NODE = """run, node, parent, needs, span_id, operator, method, choice, task, effect, status,
           started, seconds, attempts, input_tokens, output_tokens, cost, rows, note, call,
           value, base, error"""
RUN_COLUMNS = """id, trace_id, span_id, system, kind, skill, question, plan, shape, status, started,
          seconds, value, error, code, origin, extra"""


def _upsert(
    table: str, columns: str, key: Sequence[str], kept: Sequence[str], count: int = 1
) -> str:
    names = [each.strip() for each in columns.split(",")]
    marks = ", ".join([f"({', '.join('?' * len(names))})"] * count)
    fixed = {*key, *kept}
    changed = ", ".join(f"{each} = excluded.{each}" for each in names if each not in fixed)
    return f"""INSERT INTO {table} ({columns}) VALUES {marks}
               ON CONFLICT ({", ".join(key)}) DO UPDATE SET {changed}"""


_PUT_NODES = {size: _upsert("nodes", NODE, ("run", "node"), (), size) for size in (64, 8, 1)}
"""Statements that put so many rows at once: each holds the interpreter's lock once, not per row."""
PUT_RUN = _upsert("runs", RUN_COLUMNS, ("id",), ("plan", "question", "system"))
PUT_ANSWER = _upsert("answers", "run, node, kind, value, reason, answered", ("run", "node"), ())
PUT_SCORE = _upsert("scores", "run, node, evaluator, score", ("run", "node", "evaluator"), ())
PUT_USE = _upsert("uses", "version, run, source", ("version", "run"), ())
_PUT_BLOB = "INSERT INTO blobs (hash, data) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING"
END_RUN = """UPDATE runs SET status = ?, seconds = ?, value = ?, error = ?, code = ?, extra = ?
             WHERE id = ?"""


def _packed(found: NodeRow, store: JournalStore) -> Kept:
    text = found[20]
    return found if text is None else (*found[:20], store.packed(text), *found[21:])


def put_nodes(db: Session, found: Sequence[NodeRow], store: JournalStore) -> None:
    """Write nodes, each in place of its earlier row."""
    if any(each[20] is not None and len(each[20]) > LARGE for each in found):
        found = _outsourced(db, found)
    kept = [_packed(each, store) for each in found]
    at = 0
    for size, sql in _PUT_NODES.items():
        while len(kept) - at >= size:
            db.execute(sql, tuple(chain.from_iterable(kept[at : at + size])))
            at += size


def _outsourced(db: Session, found: Sequence[NodeRow]) -> list[NodeRow]:
    """Keep large values once, by their hashes, and let the rows name them."""
    blobs: dict[str, bytes] = {}
    put: list[NodeRow] = []
    for each in found:
        text = each[20]
        if text is None or len(text) <= LARGE:
            put.append(each)
            continue
        data = text.encode()
        name = sha256(data)
        blobs[name] = data
        put.append((*each[:20], None, f"blob:{name} {each[21]}".strip(), each[22]))
    for name in sorted(blobs):  # in one order, so that two writers never wait for each other
        db.execute(_PUT_BLOB, (name, blobs[name]))
    return put


def spans_of(db: Session, which: str, run: str, store: JournalStore) -> tuple[Span, ...]:
    """Return the nodes of a run that `which` (SQL, `?` is the run) selects."""
    nodes = db.rows(f"SELECT {NODE} FROM nodes WHERE {which}", (run,))
    blobs = {
        name: bytes(db.rows("SELECT data FROM blobs WHERE hash = ?", (name,))[0][0]).decode()
        for each in nodes
        if (name := _blob(each[21]))
    }
    texts = {each[1]: _kept(each, blobs, store) for each in nodes}
    return tuple(_span(each, restored(each[1], texts)) for each in nodes)


def text_of(value: JSON) -> str | None:
    """Return a value as its column keeps it."""
    return None if value is None else dumps(value)


def _blob(base: str) -> str:
    return base[5:69] if base.startswith("blob:") else ""


def _kept(found: Found, blobs: Mapping[str, str], store: JournalStore) -> tuple[str | None, str]:
    value, base = found[20], found[21]
    name = _blob(base)
    if name:
        return blobs[name], base[70:]
    return (None if value is None else store.unpacked(value)), base


def record_of(found: Found, nodes: tuple[Span, ...]) -> Record:
    """Return the run of a row and its nodes."""
    run, trace, span, system, kind, skill, question, plan, shape, status, started, *rest = found
    seconds, value, error, code, origin, extra = rest
    return Record(
        id=run,
        trace_id=trace,
        span_id=span,
        system=system,
        skill=skill,
        question=question,
        plan=json.loads(plan),
        status=status,
        started=started,
        seconds=seconds,
        value=_parsed(value),
        error=error,
        kind=kind,
        shape=shape,
        code=code,
        origin=origin,
        extra=json.loads(extra),
        nodes=nodes,
    )


def _span(found: Found, text: str | None) -> Span:
    _, node, parent, needs, span, operator, method, choice, task, effect, status, *rest = found
    started, seconds, attempts, tokens_in, tokens_out, cost, count, note, call, _, _, error = rest
    return Span(
        node=node,
        span_id=span,
        operator=operator,
        method=method,
        choice=choice,
        status=status,
        started=started,
        seconds=seconds,
        usage=Usage(tokens_in, tokens_out, cost, count, note),
        text=text,
        error=error,
        parent=parent,
        needs=tuple(json.loads(needs)) if needs else (),
        task=task,
        effect=effect,
        attempts=attempts,
        call=None if call is None else json.loads(call),
    )


def _parsed(value: str | None) -> JSON:
    parsed: JSON = None if value is None else json.loads(value)
    return parsed
