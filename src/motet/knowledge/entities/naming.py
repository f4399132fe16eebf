"""Names as the store keeps them: who declares which, what an entity is called, what to reread.

Written for the store's own transaction; needs a session and the dialect, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from motet.core.graph import Entity
from motet.core.text import CJK, ngrams, normalised

if TYPE_CHECKING:
    from motet.core.store.sessions import Session, Value
    from motet.knowledge.entities.forms import NameKind
    from motet.knowledge.store.dialect import Dialect

Named = tuple[int, str, str]
"""An entity's id, the kind of name, the form."""
SEEN = "seen"
ALIAS = "alias"
FILE = "file"
UNDECLARED = f"('{SEEN}', '{ALIAS}', '{FILE}')"
"""Kinds of names that are looked for nowhere, as SQL."""
_BEST = {"name": 0, "title": 1, "reference": 2, SEEN: 3, "key": 4, FILE: 5, ALIAS: 6}
"""Which kind of name an entity is called by, the first that it has."""
_RUNS = re.compile(rf"[{CJK}]+|[^{CJK}]+")
_DECLARED = f"kind NOT IN {UNDECLARED}"


def declared_by(session: Session, version_id: int) -> frozenset[Named]:
    """Return the names that a version declares."""
    sql = f"SELECT entity_id, kind, form FROM names WHERE version_id = ? AND {_DECLARED}"
    return frozenset((each[0], each[1], each[2]) for each in session.rows(sql, (version_id,)))


def reread(
    session: Session,
    dialect: Dialect,
    scope: str,
    before: Collection[Named],
    version_id: int | None,
) -> None:
    """Mark the chunks of other versions where a name stands that just came or went.

    `before` are the names that the source's former version declared; `version_id` is the new
    one, None where there is none.
    """
    from motet.knowledge.entities.forms import Declared, forms

    after = declared_by(session, version_id) if version_id is not None else frozenset()
    changed = [each for each in set(before) ^ after if not _elsewhere(session, each, version_id)]
    if not changed:
        return
    some, values = dialect.among(sorted({each[0] for each in changed}))
    sql = f"SELECT id, label, key FROM entities WHERE id IN {some}"
    entities = {each[0]: Entity(each[1], each[2]) for each in session.rows(sql, values)}
    texts = {name for _, _, name in changed if any(map(str.isalpha, name))}  # cells hold them whole
    for entity_id, kind, name in changed:
        if entity_id in entities:
            declared = Declared(entities[entity_id], name, cast("NameKind", kind))
            texts.update(form.text for form in forms(declared))
    for text in sorted(texts):
        _mark(session, dialect, scope, text, version_id)


def _elsewhere(session: Session, named: Named, version_id: int | None) -> bool:
    sql = """SELECT 1 FROM names WHERE entity_id = ? AND kind = ? AND form = ?
             AND version_id <> ? LIMIT 1"""
    return bool(session.rows(sql, (*named, version_id or 0)))


def _mark(
    session: Session, dialect: Dialect, scope: str, text: str, version_id: int | None
) -> None:
    """Mark where all terms of a text stand together, which is wherever the text stands."""
    conditions: list[str] = []
    values: list[Value] = []
    for term in terms(text):
        sql, some = dialect.containing(term)
        conditions.append(f"c.id IN (SELECT chunk_id FROM ({sql}) AS found)")
        values += some
    if conditions:
        session.execute(
            f"""INSERT INTO stale (chunk_id, version_id)
                SELECT c.id, c.version_id FROM chunks c JOIN versions v ON v.id = c.version_id
                JOIN sources s ON s.id = v.source_id
                WHERE {" AND ".join(conditions)} AND s.scope = ? AND c.version_id <> ?
                ON CONFLICT DO NOTHING""",
            (*values, scope, version_id or 0),
        )


def terms(text: str) -> Iterator[str]:
    """Yield what the full text holds wherever a text stands: phrases, and pairs of characters."""
    for run in _RUNS.findall(normalised(text)):
        if re.match(f"[{CJK}]", run):
            yield from ngrams(run)
        elif any(char.isalnum() for char in run):
            yield run


def rename(
    session: Session,
    dialect: Dialect,
    entities: Iterable[int],
    brought: Mapping[int, Collection[str]] | None = None,
) -> None:
    """Call entities what sources call them most often: see `_BEST`; ties go by text.

    `brought` are the forms that were just added, where nothing else changed: one more of the
    name that an entity has cannot change it, so nothing need be counted, however often the
    entity is mentioned.
    """
    wanted = sorted(set(entities))
    if not wanted:
        return
    some, values = dialect.among(wanted)
    sql = f"SELECT id, name FROM entities WHERE id IN {some}"
    names = {each[0]: each[1] for each in session.rows(sql, values)}
    found = _counted(session, dialect, wanted, ("name", "title", "reference"))
    rest = [
        each
        for each in wanted
        if each not in found and (brought is None or brought.get(each) != {names.get(each)})
    ]
    found |= _counted(session, dialect, rest, (SEEN, "key", FILE, ALIAS))
    for entity_id, counted in found.items():
        best = min(counted)[2]
        if entity_id in names and best != names[entity_id]:
            sql = "UPDATE entities SET name = ?, settled = 0 WHERE id = ?"
            session.execute(sql, (best, entity_id))


def _counted(
    session: Session, dialect: Dialect, entities: Sequence[int], kinds: Sequence[str]
) -> dict[int, list[tuple[int, int, str]]]:
    """Return the names of some kinds that entities have: how good, how many fewer, the form."""
    if not entities:
        return {}
    found: dict[int, list[tuple[int, int, str]]] = {}
    some, values = dialect.among(entities)
    these = ", ".join("?" * len(kinds))
    sql = f"""SELECT entity_id, kind, form, sum(count) FROM names
              WHERE entity_id IN {some} AND kind IN ({these}) GROUP BY entity_id, kind, form"""
    for entity_id, kind, form, count in session.rows(sql, (*values, *kinds)):
        found.setdefault(entity_id, []).append((_BEST[kind], -int(count), form))
    return found
