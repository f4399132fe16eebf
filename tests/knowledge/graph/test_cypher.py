"""What Cypher answers and refuses, on both stores, as openCypher has it."""

from __future__ import annotations

from typing import Any

import pytest
from graph_samples import add_graph
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.errors import TimedOut, UsageError
from motet.knowledge.graph.cypher import matching
from motet.knowledge.graph.cypher.parser import parse
from motet.knowledge.graph.graph import Graph
from motet.knowledge.provenance.viewer import Viewer
from motet.knowledge.store import Store

NODES = [("person", "Ana"), ("person", "Bo"), ("company", "Acme"), ("part", "hinge")]
RELATIONS = [
    ("Ana", "KNOWS", "Bo", False),
    ("Ana", "KNOWS", "Ana", True),
    ("Bo", "works at", "Acme", True),
    ("Acme", "SUPPLIES", "hinge", False),
]
CLAIMS = {("Ana", "age"): 31, ("Bo", "age"): 29, ("hinge", "price"): 12.5}


@pytest.fixture
def graph(any_store: Store) -> Graph:
    """Two people, a company and a part."""
    add_graph(any_store, NODES, RELATIONS, CLAIMS)
    return Graph(any_store)


ANSWERS: dict[str, list[tuple[Any, ...]]] = {
    "MATCH (a:Person) RETURN a.name, a.age ORDER BY a.age": [("Bo", 29), ("Ana", 31)],
    "MATCH (a {name: 'Ana'})-[r:KNOWS]->(b) RETURN b.name, r.derived ORDER BY b.name": [
        ("Ana", True),
        ("Bo", False),
    ],
    "MATCH (a)-[r:WORKS_AT]->(b) RETURN type(r), b.name": [("works at", "Acme")],
    "MATCH p = (a {name: 'Bo'})-[*1..3 {derived: false}]-(b) RETURN [n IN nodes(p) | n.name]": [
        (["Bo", "Ana"],)
    ],
    "MATCH p = shortestPath((a {name: 'Ana'})-[*..5]-(b {name: 'hinge'})) RETURN length(p)": [(3,)],
    """MATCH (a:person) OPTIONAL MATCH (a)-[:`works at`]->(c) WHERE c.name STARTS WITH 'A'
       RETURN a.name, c.name ORDER BY a.name""": [("Ana", None), ("Bo", "Acme")],
    "MATCH (a) WHERE NOT (a)-->() RETURN collect(a.name)": [(["hinge"],)],
    "MATCH (a) WHERE a.age > 30 OR a.price < 13 RETURN a.name ORDER BY a.name DESC": [
        ("hinge",),
        ("Ana",),
    ],
    "MATCH (a) RETURN count(a.age), sum(a.age), avg(a.age), min(a.age), max(a.name)": [
        (2, 60, 30.0, 29, "hinge")
    ],
    "MATCH (a:person) WITH a ORDER BY a.name LIMIT 1 MATCH (a)-->(b) RETURN count(b)": [(2,)],
    "MATCH (a) WITH labels(a)[0] AS l, count(*) AS n WHERE n > 1 RETURN l, n": [("person", 2)],
    "MATCH (a) WHERE a.name IN $names AND a.uid = id(a) RETURN a.name": [("Bo",)],
    "MATCH (a)-[r]->(b) RETURN DISTINCT r.derived AS d ORDER BY d": [(False,), (True,)],
    "MATCH (a {name: 'Nobody'}) RETURN count(*), collect(a), sum(a.age), max(a.age)": [
        (0, [], 0, None)
    ],
    "MATCH (a)-[r:SUPPLIES]->() RETURN evidence(r)[0].source, r.evidence": [("notes.txt", 1)],
    "UNWIND [3, null, 1.5, 'a', true] AS x RETURN x ORDER BY x DESC": [
        (None,),
        (3,),
        (1.5,),
        (True,),
        ("a",),
    ],
    "UNWIND [1, 1.0, null, null] AS x RETURN x, count(*) AS n ORDER BY x": [(1, 2), (None, 2)],
    """MATCH (a), (b {name: 'hinge'}), p = shortestPath((a)-[*..3]->(b)) RETURN length(p)
       LIMIT 5""": [(1,), (2,), (3,)],
    "MATCH (a) RETURN a.name SKIP 1 LIMIT 2": [("Bo",), ("Acme",)],
    "RETURN null = null, null <> 1, NOT null, null AND false, null OR true, null IN [1]": [
        (None, None, None, False, True, None)
    ],
    "RETURN 1 IN [2, null], 1 IN [1, null], [1, null] = [1, 2], 1 = 'a', 1 < 'a'": [
        (None, True, None, False, None)
    ],
    "RETURN 7 / 2, -7 / 2, -7 % 3, 7 / 2.0, 2 ^ 3, 'a' + 1, [1] + 2, 1 < 2 < 3": [
        (3, -3, -1, 3.5, 8.0, "a1", [1, 2], True)
    ],
    "RETURN 1.0 / 0, -1 / 0.0, 0.0 / 0": [("Infinity", "-Infinity", "NaN")],
    "RETURN size('añb'), toUpper('x'), coalesce(null, 2), [1, 2, 3][-1], [1, 2, 3][1..]": [
        (3, "X", 2, 3, [2, 3])
    ],
    "RETURN all(x IN [1, null] WHERE x > 0), any(x IN [] WHERE x), none(x IN [1] WHERE x > 1)": [
        (None, False, True)
    ],
    "RETURN CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' END, [x IN range(1, 4) WHERE x % 2 = 0]": [
        ("two", [2, 4])
    ],
}


def test_both_stores_answer_as_opencypher_does(graph: Graph) -> None:
    for query, rows in ANSWERS.items():
        found = graph.cypher(query, {"names": ["Bo", "'; DROP TABLE entities; --"]})
        assert list(found.rows) == rows, query


def test_nodes_relations_and_paths_are_shown_whole(graph: Graph) -> None:
    query = "MATCH p = (a)-[r:SUPPLIES]->(b) RETURN a, r, b, p"
    ((company, relation, part, path),) = graph.cypher(query).rows
    assert (part["label"], part["name"], part["properties"]) == ("part", "hinge", {"price": 12.5})
    assert (relation["source"], relation["target"]) == (company["node"], part["node"])
    assert relation["evidence"] == [
        {"source": "notes.txt", "start": 0, "end": 1, "score": 0.5, "given": True}
    ]
    assert path == {"nodes": [company, part], "relations": [relation]}


REFUSED = {
    "CREATE (a)": r"query 1:1: CREATE would change the graph; queries only read",
    "MATCH (a)\nSET a.x = 1": r"query 2:1: SET would change the graph",
    "MATCH (a) DETACH DELETE a": "DETACH would change",
    "MERGE (a) RETURN a": "MERGE would change",
    "MATCH (a) RETURN b": r"query 1:18: b is not defined \(known here: a\)",
    "MATCH (a) RETURN": "expected an expression, found the end",
    "MATCH (a RETURN a": r"1:10: expected '\)'",
    "MATCH (a) RETURN foo(a)": "no function is called foo",
    "MATCH (a) RETURN $x": r"\$x has no value",
    "MATCH (a)-[*1..99]->(b) RETURN a": "too many to follow",
    "MATCH (a) WHERE a.name =~ '.*' RETURN a": "regular expressions",
    "MATCH (a) WHERE count(a) > 1 RETURN a": "count cannot stand here",
    "RETURN 1 / 0": "division by zero",
    "RETURN 9223372036854775807 + 1": "64 bits",
    "RETURN 1 AS a, 2 AS a": "two columns are called a",
    "RETURN size(1)": "size takes a text or a list",
    "RETURN 1 LIMIT -1": "LIMIT takes a number",
    "MATCH (a) CALL db.labels() RETURN a": "CALL is not supported",
    "MATCH (a)-[a]->() RETURN a": "stands for two things",
    "": "the query is empty",
}


def test_what_cannot_be_answered_is_said_with_its_place(graph: Graph) -> None:
    for query, message in REFUSED.items():
        with pytest.raises(UsageError, match=message):
            graph.cypher(query)


def test_a_product_of_everything_ends(any_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_graph(any_store, [("n", str(number)) for number in range(60)], [])
    with pytest.raises(TimedOut):
        Graph(any_store).cypher("MATCH (a),(b),(c),(d),(e) RETURN count(*)", seconds=0.2)
    with pytest.raises(TimedOut):
        loop = "range(1, 99999)"
        Graph(any_store).cypher(f"RETURN [x IN {loop} | [y IN {loop} | y]]", seconds=0.1)
    with pytest.raises(UsageError, match="longer than"):
        Graph(any_store).cypher("WITH range(1, 999999) AS a RETURN a + a")
    monkeypatch.setattr(matching, "MAXIMUM_ROWS", 3000)
    with pytest.raises(UsageError, match="matches more than"):
        Graph(any_store).cypher("MATCH (a), (b) RETURN a.name + b.name")


def test_what_somebody_said_is_for_them_alone(any_store: Store) -> None:
    add_graph(any_store, NODES, RELATIONS[:1], CLAIMS)
    with any_store.write() as session:
        session.execute("UPDATE sources SET kind = 'memory', owner = 'ana'")
    ask = "MATCH (a)-[r]->(b) RETURN a.age"
    assert Graph(any_store, Viewer("ana")).cypher(ask).rows == ((31,),)
    assert Graph(any_store, Viewer("bo")).cypher(ask).rows == ()
    assert Graph(any_store, Viewer("bo")).cypher("MATCH (a) RETURN count(*)").rows == ((0,),)


def test_neighbours_come_by_distance(graph: Graph) -> None:
    uid = graph.cypher("MATCH (a {name: 'Ana'}) RETURN a.uid").rows[0][0]
    found = graph.neighbours(uid, hops=3, way="out")
    assert [(each.name, each.hops) for each in found] == [("Bo", 1), ("Acme", 2), ("hinge", 3)]
    assert [each.name for each in graph.neighbours(uid, hops=3, first_party=True)] == ["Bo"]
    assert graph.neighbours(uid, hops=2, types=["SUPPLIES"]) == []


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            "MATCH ( ) [ ] - > < : a b KNOWS * 1 .. 2 , WHERE = 'x' RETURN { } $p AND . | WITH "
            "IN NOT EXISTS ORDER BY LIMIT AS `q".split(" ")
        ),
        max_size=25,
    )
)
def test_any_words_are_read_or_refused_on_one_line(words: list[str]) -> None:
    try:
        parse(" ".join(words))
    except UsageError as error:
        assert "\n" not in str(error)
