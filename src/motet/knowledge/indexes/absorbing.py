"""Bringing the indexes of a scope up to date with its store, so that a kill harms nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from motet.knowledge.indexes.damage import Damaged, watched
from motet.knowledge.indexes.feed import Changes, batches, changes, texts
from motet.knowledge.indexes.generation import Generation, Rows, append
from motet.knowledge.indexes.text import TextIndex, TextWriter
from motet.knowledge.indexes.vectors import learn_cells, read_cells
from motet.knowledge.store.terms import tokens

if TYPE_CHECKING:
    from motet.knowledge.indexes.generation import Part
    from motet.knowledge.store import Store

LATE_ROWS = 5000
LATE_SHARE = 0.03
"""Rows outside the file of cells, a number and a share: with more of them it is written anew."""
GROWTH = 4
"""How many times as many rows there are when the cells are learned anew."""
DEAD_SHARE = 0.25
"""Share of rows of removed versions from which on the rows are written anew without them."""


def absorb_text(store: Store, folder: Path, least: int) -> None:
    """Bring the text index up to date; with fewer chunks than `least` none is begun.

    Raises `Damaged`.
    """
    old = TextIndex(folder) if (folder / "meta.json").exists() else None
    since = 0 if old is None else old.sequence
    if since == 0 and store.count() < least:
        return
    found = _changes(store, since)
    if found.sequence == since:
        return
    writer = TextWriter(folder, old)
    for version in found.gone:
        writer.remove(version)
    for session, versions in batches(store, found.come):
        for version in versions:
            read = texts(session, version)
            writer.add(version, ((chunk, tokens(text)) for chunk, text in read))
    writer.commit(found.sequence)


def absorb_vectors(store: Store, folder: Path, embedder: str, least: int) -> None:
    """Bring the vector index up to date; cells are learned from `least` rows on.

    Raises `Damaged`.
    """
    state = Generation.read(folder)
    if state is not None and state.embedder != embedder:
        shutil.rmtree(folder)
        state = None
    since = 0 if state is None else state.sequence
    if state is None and store.count() < least:
        return
    found = _changes(store, since)
    if found.sequence == since:
        return
    new = _vectors(store, embedder, found)
    if state is None:
        first = next(new, None)
        if first is None:
            return
        new = _again(first, new)
        state = Generation(1, 0, embedder, first[2].shape[1])
    with watched(folder):
        state = append(folder, state, new, found.gone if since else ())
        state = _without_dead(folder, replace(state, sequence=found.sequence))
        state = _with_cells(folder, state, least)
        state.write(folder)


def _changes(store: Store, since: int) -> Changes:
    with store.read() as session:
        found = changes(session, store.scope, since)
    if found.sequence < since:
        raise Damaged(f"the index is of change {since}, the store of {found.sequence}")
    return found


def _vectors(store: Store, embedder: str, found: Changes) -> Iterator[Part]:
    for session, versions in batches(store, found.come):
        yield from store.dialect.vectors(session, embedder, versions)


def _again(first: Part, rest: Iterator[Part]) -> Iterator[Part]:
    yield first
    yield from rest


def _without_dead(folder: Path, state: Generation) -> Generation:
    """Write the rows anew, as the next generation, where many are of removed versions."""
    import numpy as np

    rows = Rows(folder, state)
    if rows.live is None or np.count_nonzero(~rows.live) <= DEAD_SHARE * state.rows:
        return state
    kept = np.flatnonzero(rows.live)
    starts = np.flatnonzero(np.diff(rows.versions[kept], prepend=-1))
    parts = (
        (int(rows.versions[part[0]]), rows.chunks[part], rows.data[part])
        for part in np.split(kept, starts[1:])
        if len(part)
    )
    emptied = replace(state, number=state.number + 1, rows=0, removed=0, indexed=0, trained=0)
    shutil.rmtree(emptied.folder(folder), ignore_errors=True)
    return append(folder, emptied, parts, ())


def _with_cells(folder: Path, state: Generation, least: int) -> Generation:
    """Write the file of cells anew where too many rows are not in it."""
    import faiss

    late = state.rows - state.indexed
    few = late <= max(LATE_ROWS, LATE_SHARE * state.indexed)
    if state.rows < least or (state.indexed and few):
        return state
    data = Rows(folder, state).data
    if state.rows > GROWTH * state.trained:
        cells, state = learn_cells(data), replace(state, trained=state.rows)
    else:
        cells = read_cells(state.cells(folder), data)
    state = replace(state, indexed=state.rows)
    draft = state.folder(folder) / "draft"
    faiss.write_index(cells, str(draft))
    draft.replace(state.cells(folder))
    return state
