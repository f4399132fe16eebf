"""What speaks for a plan: counts and examples, read from the store whenever they are shown.

They are kept nowhere, so a source that is deleted leaves none of its values behind here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from motet.core.json import JSON
from motet.core.store.sessions import Session
from motet.core.text import normalised
from motet.knowledge.store import Store
from motet.knowledge.structure.discovery import Discovery
from motet.knowledge.structure.plan import Plan, TablePlan, Thing
from motet.knowledge.structure.profiles import Column, Profile
from motet.knowledge.structure.references import Found

EXAMPLES = 3
_SAMPLE = 500


def evidence(store: Store, discovery: Discovery, plan: Plan) -> dict[str, JSON]:
    """Return what a person should see before approving: labels, relations, columns, texts."""
    profiles = {profile.name: profile for profile in discovery.found.profiles}
    with store.read() as session:
        return {
            "labels": [*_labels(store, session, plan, profiles)],
            "relations": [*_relations(plan, profiles, discovery)],
            "tables": [*_tables(discovery)],
            "texts": _texts(store, session, plan),
        }


def _labels(
    store: Store, session: Session, plan: Plan, profiles: Mapping[str, Profile]
) -> Iterator[JSON]:
    for label in plan.labels:
        homes = [
            (table, thing)
            for table in plan.tables
            for thing in table.things
            if thing.label == label and table.table in profiles
        ]
        keys: dict[str, str] = {}
        for table, thing in homes:
            for key, name in _names(profiles[table.table], thing):
                same = normalised(key)
                keys[same] = max(keys.get(same, ""), name, key=len)
        yield {
            "label": label,
            "tables": [
                {"table": table.table, "key": list(thing.key), "name": thing.name}
                for table, thing in homes
            ],
            "things": len(keys),
            "mentioned": _mentioned(store, session, [*keys][:_SAMPLE]),
            "examples": [*keys.values()][:EXAMPLES],
        }


def _names(profile: Profile, thing: Thing) -> Iterator[tuple[str, str]]:
    columns = {each.name: each for each in profile.columns}
    if len(thing.key) != 1 or thing.key[0] not in columns:
        return
    key, name = columns[thing.key[0]].position, columns.get(thing.name or "")
    for row in profile.table.rows:
        if row[key] not in (None, ""):
            called = row[name.position] if name is not None else None
            yield str(row[key]), f"{row[key]} ({called})" if called else str(row[key])


def _mentioned(store: Store, session: Session, keys: list[str]) -> int:
    """Return how many sources mention something by one of these keys."""
    if not keys:
        return 0
    some, values = store.among(keys)
    sql = f"""SELECT count(DISTINCT m.version_id) FROM entities e
              JOIN mentions m ON m.entity_id = e.id WHERE e.key IN {some} AND e.scope = ?"""
    return int(session.rows(sql, (*values, store.scope))[0][0])


def _relations(plan: Plan, profiles: Mapping[str, Profile], discovery: Discovery) -> Iterator[JSON]:
    found = {(each.table, each.columns): each for each in discovery.found.references}
    for table in plan.tables:
        for edge in table.edges:
            subject, target = table.things[edge.subject], table.things[edge.object]
            profile = profiles.get(table.table)
            if profile is not None:
                yield {
                    "from": subject.label,
                    "type": edge.type,
                    "to": target.label,
                    "table": table.table,
                    "columns": list(target.key),
                    **_pairs(profile, table, subject, target),
                    "reference": _reference(found.get((table.table, target.key))),
                }


def _pairs(profile: Profile, table: TablePlan, subject: Thing, target: Thing) -> dict[str, JSON]:
    places = {column.name: column.position for column in profile.columns}
    wanted = [*subject.key, *target.key]
    if not all(name in places for name in wanted):
        return {"rows": 0, "examples": []}
    pairs = dict.fromkeys(
        tuple(str(row[places[name]]) for name in wanted)
        for row in profile.table.rows
        if all(row[places[name]] not in (None, "") for name in wanted)
    )
    cut = len(subject.key)
    examples: list[JSON] = [
        f"{' / '.join(pair[:cut])} → {' / '.join(pair[cut:])}" for pair in [*pairs][:EXAMPLES]
    ]
    return {"rows": len(pairs), "examples": examples}


def _reference(found: Found | None) -> JSON:
    if found is None:
        return None
    return {
        "table": found.target,
        "columns": list(found.to),
        "score": round(found.score, 3),
        "names": round(found.evidence.names, 3),
        "included": round(found.evidence.included, 3),
        "covered": round(found.evidence.covered, 3),
        "rows": found.evidence.rows,
        "strays": list(found.evidence.strays),
    }


def _tables(discovery: Discovery) -> Iterator[JSON]:
    for profile in discovery.found.profiles:
        key = discovery.found.keys.get(profile.name)
        yield {
            "table": profile.name,
            "rows": profile.rows,
            "key": list(key.columns) if key else None,
            "key_score": round(key.score, 3) if key else None,
            "other_keys": [
                list(each.columns)
                for each in discovery.found.candidates[profile.name]
                if each != key
            ][:EXAMPLES],
            "columns": [_column(column) for column in profile.columns],
        }


def _column(column: Column) -> JSON:
    return {
        "column": column.name,
        "type": column.type.kind,
        "form": column.type.form,
        "distinct": column.distinct,
        "missing": round(column.type.missing, 4),
        "dirty": round(column.type.dirty, 4),
        "dirty_examples": list(column.type.examples),
        "note": column.type.note,
    }


def _texts(store: Store, session: Session, plan: Plan) -> JSON:
    """Return the labels and relations that texts speak of, most often named first."""
    labels = session.rows(
        """SELECT e.label, count(DISTINCT e.id), count(m.id) FROM entities e
           JOIN mentions m ON m.entity_id = e.id WHERE e.scope = ?
           GROUP BY e.label ORDER BY 3 DESC, 1""",
        (store.scope,),
    )
    relations = session.rows(
        """SELECT s.label, r.type, o.label, count(*) FROM relations r
           JOIN entities s ON s.id = r.subject JOIN entities o ON o.id = r.object
           WHERE r.scope = ? AND r.derived = 1 GROUP BY s.label, r.type, o.label
           ORDER BY 4 DESC, 1, 2, 3 LIMIT 50""",
        (store.scope,),
    )
    planned = set(plan.labels)
    return {
        "labels": [
            {"label": label, "entities": entities, "mentions": count, "planned": label in planned}
            for label, entities, count in labels
        ],
        "relations": [
            {"from": source, "type": type, "to": target, "count": count}
            for source, type, target, count in relations
        ],
    }
