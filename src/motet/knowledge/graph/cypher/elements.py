"""What is known of nodes and relations, read when a query asks for it and kept for the query."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from motet.core.store.sessions import Row, Session
from motet.knowledge.graph.conditions import Conditions
from motet.knowledge.graph.cypher.values import NodeAt, PathAt, RelationAt, Value, written
from motet.knowledge.graph.cypher.walking import asked_properties

Held = TypeVar("Held")
BATCH = 500
"""Ids in one statement."""
OWN_PROPERTIES = ("uid", "label", "name", "key", "mentions")
RELATION_PROPERTIES = ("type", "derived", "evidence", "score")


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """The canonical entity of a node."""

    uid: str
    label: str
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class RelationFacts:
    """A relation between canonical entities."""

    type: str
    source: int
    target: int
    derived: bool


class Elements:
    """Reads nodes and relations by their ids, once each."""

    def __init__(self, session: Session, conditions: Conditions) -> None:
        self._session = session
        self._conditions = conditions
        self._nodes: dict[int, NodeFacts] = {}
        self._relations: dict[int, RelationFacts] = {}
        self._claims: dict[int, dict[str, Value]] = {}
        self._mentions: dict[int, int] = {}
        self._evidence: dict[int, list[Value]] = {}

    def load_nodes(self, ids: Iterable[int]) -> None:
        """Read the names of nodes."""
        sql = "SELECT id, uid, label, name, key FROM entities WHERE id IN ({ids})"
        for row in self._missing(ids, self._nodes, sql):
            self._nodes[row[0]] = NodeFacts(*row[1:])

    def load_relations(self, ids: Iterable[int]) -> None:
        """Read types and ends of relations."""
        sql = "SELECT id, type, source, target, derived FROM relations WHERE id IN ({ids})"
        for row in self._missing(ids, self._relations, sql):
            self._relations[row[0]] = RelationFacts(row[1], row[2], row[3], bool(row[4]))

    def load_claims(self, ids: Iterable[int]) -> None:
        """Read the current and most credible value of each property of nodes.

        First-party before derived, later before earlier, surer before less sure.
        """
        wanted = [each for each in dict.fromkeys(ids) if each not in self._claims]
        self._claims.update((each, {}) for each in wanted)
        sql = f"""SELECT e.canonical, c.property, c.value FROM entities e
                  JOIN claims c ON c.entity_id = e.id
                  WHERE e.canonical IN ({{ids}}) AND {self._conditions.holds("c")}
                  ORDER BY c.given DESC, coalesce(c.valid_from, c.known_from) DESC,
                           c.score DESC, c.value, c.id"""
        for node, name, value in self._in_batches(wanted, sql):
            self._claims[node].setdefault(name, json.loads(value))

    def load_mentions(self, ids: Iterable[int]) -> None:
        """Count where texts name nodes."""
        wanted = [each for each in dict.fromkeys(ids) if each not in self._mentions]
        self._mentions.update(dict.fromkeys(wanted, 0))
        sql = f"""SELECT e.canonical, count(*) FROM entities e
                  JOIN mentions m ON m.entity_id = e.id
                  WHERE e.canonical IN ({{ids}}) AND {self._conditions.derived("m")}
                  GROUP BY e.canonical"""
        self._mentions.update((row[0], row[1]) for row in self._in_batches(wanted, sql))

    def load_evidence(self, ids: Iterable[int]) -> None:
        """Read what says so of relations: source, characters, row, first-party or not."""
        wanted = [each for each in dict.fromkeys(ids) if each not in self._evidence]
        self._evidence.update((each, []) for each in wanted)
        sql = f"""SELECT v.relation_id, s.source, v.start, v."end", t.name, v.number, v.given,
                         v.score
                  FROM evidence v JOIN versions w ON w.id = v.version_id
                  JOIN sources s ON s.id = w.source_id LEFT JOIN tables t ON t.id = v.table_id
                  WHERE v.relation_id IN ({{ids}}) AND {self._conditions.given("v")}
                  ORDER BY v.given DESC, s.source, v.start, v.number, v.id"""
        for relation, source, start, end, table, number, given, score in self._in_batches(
            wanted, sql
        ):
            found = {"source": source, "start": start, "end": end, "score": score}
            row = {} if number is None else {"row": number}
            if table:
                row["table"] = table
            self._evidence[relation].append({**found, **row, "given": bool(given)})

    def _missing(self, ids: Iterable[int], known: Mapping[int, Any], sql: str) -> Iterable[Row]:
        wanted = [each for each in dict.fromkeys(ids) if each not in known]
        return self._in_batches(wanted, sql)

    def _in_batches(self, ids: Sequence[int], sql: str) -> Iterable[Row]:
        for start in range(0, len(ids), BATCH):
            batch = ",".join(str(int(each)) for each in ids[start : start + BATCH])
            yield from self._session.rows(sql.format(ids=batch))

    def node(self, node: NodeAt) -> NodeFacts:
        """Return the entity of a node."""
        return _held(self._nodes, node.id, self.load_nodes)

    def relation(self, relation: RelationAt) -> RelationFacts:
        """Return what a relation says."""
        return _held(self._relations, relation.id, self.load_relations)

    def evidence(self, relation: RelationAt) -> list[Value]:
        """Return what says a relation."""
        return _held(self._evidence, relation.id, self.load_evidence)

    def property(self, of: NodeAt | RelationAt, name: str) -> Value:
        """Return a property, None where there is none."""
        if isinstance(of, RelationAt):
            return self._relation_property(of, name)
        if name == "mentions":
            return _held(self._mentions, of.id, self.load_mentions)
        if name in OWN_PROPERTIES:
            return getattr(self.node(of), name)
        return _held(self._claims, of.id, self.load_claims).get(name)

    def _relation_property(self, of: RelationAt, name: str) -> Value:
        if name in ("type", "derived"):
            return getattr(self.relation(of), name)
        if name == "evidence":
            return len(self.evidence(of))
        if name == "score":
            return max((each["score"] for each in self.evidence(of)), default=None)
        return None

    def properties(self, of: NodeAt | RelationAt) -> dict[str, Value]:
        """Return all properties by name, in order of their names."""
        if isinstance(of, RelationAt):
            return {name: self._relation_property(of, name) for name in RELATION_PROPERTIES}
        claims = _held(self._claims, of.id, self.load_claims)
        own = {name: self.property(of, name) for name in OWN_PROPERTIES}
        return {**{name: claims[name] for name in sorted(claims)}, **own}

    def prefetch(self, values: Iterable[Value], expressions: object) -> None:
        """Read what expressions ask of values, for all of them at once."""
        asked = asked_properties(expressions)
        if not asked:
            return
        nodes, relations = _flat(values)
        if relations:
            self.load_relations(relations)
            if not asked.isdisjoint(("evidence", "score")):
                self.load_evidence(relations)
        if not nodes:
            return
        if not asked.isdisjoint(OWN_PROPERTIES):
            self.load_nodes(nodes)
        if "mentions" in asked:
            self.load_mentions(nodes)
        if asked.difference(OWN_PROPERTIES, RELATION_PROPERTIES):
            self.load_claims(nodes)

    def prefetch_shown(self, values: Iterable[Value]) -> None:
        """Read what values show, for all of them at once."""
        nodes, relations = _flat(values)
        if not nodes and not relations:
            return
        self.load_relations(relations)
        self.load_evidence(relations)
        facts = [self._relations[each] for each in relations]
        ends = [end for each in facts for end in (each.source, each.target)]
        self.load_nodes([*nodes, *ends])
        self.load_claims(nodes)

    def path(self, start: NodeAt, relations: Sequence[RelationAt]) -> PathAt:
        """Return the path that leads from a node along relations, whichever way they point."""
        nodes = [start]
        for each in relations:
            facts = self.relation(each)
            here = nodes[-1].id
            nodes.append(NodeAt(facts.target if facts.source == here else facts.source))
        return PathAt(tuple(nodes), tuple(relations))

    def shown(self, value: Value) -> Value:
        """Return a value as JSON shows it."""
        if isinstance(value, NodeAt):
            facts = self.node(value)
            properties = dict(_held(self._claims, value.id, self.load_claims))
            own = {"node": facts.uid, "label": facts.label, "name": facts.name}
            return {**own, "properties": {name: properties[name] for name in sorted(properties)}}
        if isinstance(value, RelationAt):
            relation = self.relation(value)
            return {
                "relation": relation.type,
                "source": self.node(NodeAt(relation.source)).uid,
                "target": self.node(NodeAt(relation.target)).uid,
                "derived": relation.derived,
                "evidence": self.evidence(value),
            }
        if isinstance(value, PathAt):
            return {
                "nodes": [self.shown(each) for each in value.nodes],
                "relations": [self.shown(each) for each in value.relations],
            }
        if isinstance(value, list):
            return [self.shown(each) for each in value]
        if isinstance(value, dict):
            return {name: self.shown(each) for name, each in value.items()}
        if isinstance(value, float) and not math.isfinite(value):
            return written(value)
        return value


def _flat(values: Iterable[Value]) -> tuple[list[int], list[int]]:
    """Return the ids of all nodes and of all relations in values."""
    nodes: dict[int, None] = {}
    relations: dict[int, None] = {}
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, NodeAt):
            nodes[value.id] = None
        elif isinstance(value, RelationAt):
            relations[value.id] = None
        elif isinstance(value, PathAt):
            waiting += [*value.nodes, *value.relations]
        elif isinstance(value, (list, tuple)):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
    return list(nodes), list(relations)


def _held(known: Mapping[int, Held], key: int, load: Callable[[Iterable[int]], None]) -> Held:
    if key not in known:
        load((key,))
    return known[key]
