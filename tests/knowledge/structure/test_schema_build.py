"""From tables to a plan, a person's approval, and the graph that is built of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from motet.core.errors import UsageError
from motet.core.ids import sha256
from motet.knowledge.entities.canonical import graph_hash
from motet.knowledge.entities.extraction import Extractor
from motet.knowledge.entities.graph import Graph
from motet.knowledge.prepare import prepare
from motet.knowledge.search.loading import load
from motet.knowledge.store import Store
from motet.knowledge.structure.build import Build
from motet.knowledge.structure.connections import Connections
from motet.knowledge.structure.evidence import evidence
from motet.knowledge.structure.proposals import Proposals

if TYPE_CHECKING:
    from postgres_server import PostgresServer

FILES = {
    "parts.csv": """line,part_id,part_name,product,quantity,material,supplier_id
1,BK-L1,Turned leg,BK-180,4,solid oak,S-05
2,BM-86,Hanger bolt,BK-180,8,steel,S-07
3,BM-86,Hanger bolt,KV-140,4,steel,S-07
4,KV-L1,Trestle leg,KV-140,2,solid oak,S-05
5,BK-L1,Turned leg,TR-150,4,solid oak,S-05
""",
    "suppliers.csv": """supplier_id,name,city
S-05,Carpathia Oak,Suceava
S-07,Möller Schrauben,Hagen
S-09,Balti Liugur,Tartu
""",
    "review.md": "# No wobble\n\nOur table (BK-180) stands well on its turned leg.\n",
}


class Bench:
    """A store with what ingest would do to it."""

    def __init__(self, place: Path | str) -> None:
        self.store = Store(place if isinstance(place, str) else place / "store.db", "test")
        self.graph = Graph(self.store, Extractor)
        self.proposals = Proposals(self.store)

    def put(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            data = text.encode()
            prepared = prepare(data, name)
            self.store.put(
                name,
                version=sha256(data),
                size=len(data),
                fingerprint="",
                prepared=prepared,
                vectors=None,
                also=[self.graph.writer(prepared, name), Build(self.store).writer()],
            )
        self.graph.settle()

    def approve(self) -> str:
        proposal, _ = self.proposals.propose()
        return self.proposals.approve(proposal.hash, "Ana").hash

    def build(self) -> list[str]:
        built = Build(self.store).run().built
        self.graph.settle()
        return built

    def relations(self) -> set[tuple[str, str, str]]:
        sql = """SELECT s.name, r.type, o.name FROM relations r
                 JOIN entities s ON s.id = r.subject JOIN entities o ON o.id = r.object
                 JOIN evidence e ON e.relation_id = r.id JOIN producers p ON p.id = e.producer_id
                 WHERE p.operator = 'schema'"""
        with self.store.read() as session:
            return {(each[0], each[1], each[2]) for each in session.rows(sql)}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    made.put(FILES)
    yield made
    made.store.close()


def test_a_table_of_lines_relates_things_that_have_no_table_of_their_own(bench: Bench) -> None:
    plan = bench.proposals.propose()[0].plan
    assert plan.labels == ("part", "place", "product", "supplier")
    assert plan.relations == (
        ("part", "supplier", "supplier"),
        ("product", "part", "part"),
        ("supplier", "city", "place"),
    )
    parts = plan.table("parts.csv")
    assert parts is not None
    [part] = [thing for thing in parts.things if thing.label == "part"]
    assert (part.key, part.name) == (("part_id",), "part_name")
    assert [each.name for each in part.properties] == ["material"]


def test_evidence_counts_and_shows_examples(bench: Bench) -> None:
    proposal, found = bench.proposals.propose()
    shown = evidence(bench.store, found, proposal.plan)
    labels = {each["label"]: each for each in shown["labels"]}  # type: ignore[index,union-attr]
    assert labels["supplier"]["things"] == 3
    assert labels["product"]["mentioned"] == 2  # parts.csv and review.md
    assert "S-05 (Carpathia Oak)" in labels["supplier"]["examples"]


def test_nothing_is_built_before_a_person_approves(bench: Bench) -> None:
    bench.proposals.propose()
    assert bench.build() == []
    assert bench.relations() == set()


def test_the_graph_is_built_with_rows_as_evidence(bench: Bench) -> None:
    bench.approve()
    assert bench.build() == ["parts.csv", "suppliers.csv"]
    assert {
        ("BK-180", "part", "Turned leg"),
        ("Turned leg", "supplier", "Carpathia Oak"),
        ("Hanger bolt", "supplier", "Möller Schrauben"),
    } <= bench.relations()
    assert bench.build() == []
    sql = """SELECT l.number FROM links l JOIN entities e ON e.id = l.entity_id
             WHERE e.name = 'Turned leg' ORDER BY 1"""
    mentions = """SELECT count(*) FROM mentions m JOIN entities e ON e.id = m.entity_id
                  JOIN versions v ON v.id = m.version_id JOIN sources s ON s.id = v.source_id
                  WHERE s.source = 'review.md' AND e.label IN ('part', 'product')"""
    with bench.store.read() as session:
        assert [each[0] for each in session.rows(sql)] == [1, 5]
        assert session.rows(mentions) == [(2,)]


def test_an_approval_is_of_exactly_what_was_seen(bench: Bench) -> None:
    proposal, _ = bench.proposals.propose()
    more = FILES["suppliers.csv"].replace("city", "city,rating").replace("a\n", "a,A\n")
    bench.put({"suppliers.csv": more})
    with pytest.raises(UsageError, match="the tables changed since"):
        bench.proposals.approve(proposal.hash, "Ana")
    with pytest.raises(UsageError, match="needs the name"):
        bench.proposals.approve(bench.proposals.propose()[0].hash, " ")
    with pytest.raises(UsageError, match="no such proposal"):
        bench.proposals.approve("0" * 64, "Ana")


def test_new_rows_need_no_new_approval_and_are_built_when_ingested(bench: Bench) -> None:
    hash = bench.approve()
    bench.build()
    rows = FILES["parts.csv"] + "6,TR-W1,Worktop,TR-150,1,solid oak,S-05\n"
    bench.put({"parts.csv": rows})
    assert ("Worktop", "supplier", "Carpathia Oak") in bench.relations()
    assert bench.proposals.propose()[0].hash == hash
    assert bench.build() == []


def test_a_changed_plan_rebuilds_only_what_changed(bench: Bench) -> None:
    bench.approve()
    bench.build()
    dealers = "dealer_id,name\nD-01,Grewe\nD-02,Oak Room\n"
    bench.put({"dealers.csv": dealers})
    bench.approve()
    assert bench.build() == ["dealers.csv"]
    assert [each.status for each in bench.proposals.all()] == ["approved", "replaced"]


def test_a_rejected_plan_is_taken_back(bench: Bench) -> None:
    hash = bench.approve()
    bench.build()
    bench.proposals.reject(hash, "Ana")
    report = Build(bench.store).run()
    assert report.withdrawn == ["parts.csv", "suppliers.csv"]
    assert bench.relations() == set()


def test_the_order_of_arrival_makes_no_difference(tmp_path: Path) -> None:
    hashes = set()
    for number, order in enumerate([*permutations(FILES)][::2]):
        made = Bench(tmp_path / str(number))
        made.put({order[0]: FILES[order[0]]})
        if number == 1:  # approved before the last came
            made.put({order[1]: FILES[order[1]]})
        made.put({name: FILES[name] for name in order[1:]})
        made.approve()
        made.build()
        hashes.add(graph_hash(made.store))
        made.store.close()
    assert len(hashes) == 1


def test_postgres_gives_the_same_graph_and_the_same_way_through_it(
    bench: Bench, pgvector: PostgresServer
) -> None:
    other = Bench(pgvector.database())
    other.put(FILES)
    for each in (bench, other):
        each.approve()
        each.build()
    assert graph_hash(other.store) == graph_hash(bench.store)
    question = "Which supplier is behind the legs?"
    sql = """SELECT c.id FROM chunks c JOIN versions v ON v.id = c.version_id
             JOIN sources s ON s.id = v.source_id WHERE s.source = 'review.md'"""
    with other.store.read() as session:
        passages = load(session, other.store, [each[0] for each in session.rows(sql)])
    connections = Connections(other.store)
    assert connections.label_of(question) == "supplier"
    best = connections.find(question, passages, "supplier")[0]
    assert best.target.name == "Carpathia Oak"
    steps = [(each.source.name, each.type, each.target.name) for each in best.steps]
    assert steps[0] == ("BK-180", "part", "Turned leg")
    other.store.close()


def test_a_build_goes_on_where_it_was_killed(bench: Bench) -> None:
    bench.approve()

    class Killed(BaseException):
        pass

    def kill(source: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        Build(bench.store).run(kill)
    assert bench.build() == ["suppliers.csv"]
