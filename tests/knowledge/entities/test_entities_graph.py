from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.errors import UsageError
from motet.core.graph import Named
from motet.knowledge.entities.canonical import canonical_lines, graph_hash
from motet.knowledge.entities.extraction import Extractor
from motet.knowledge.entities.graph import Graph
from motet.knowledge.entities.lookup import Lookup
from motet.knowledge.memory import Memory
from motet.knowledge.prepare import prepare
from motet.knowledge.provenance.viewer import Viewer
from motet.knowledge.store import Store

DOCUMENTS = {
    "parts.csv": "part_id,part_name,supplier_id,unit_cost_eur\nHG-110,Soft-close hinge,S-04,2.15\n"
    "TL-720,Oak leg,S-05,31.50\n",
    "suppliers.csv": "supplier_id,name,city\nS-04,Alpscharnier AG,Dornbirn\n"
    "S-05,Carpathia Oak SRL,Suceava\n",
    "second.csv": "supplier_id,name\nS-05,Carpathia Wood SRL\nS-09,Oak leg\n",
    "staff.csv": "id,name,manager_id\n1,Katrin Voss,\n2,Jonas Pell,1\n",
    "codes.csv": "code,name\nQ,Queue\nAG,Agate\n",
    "uses.csv": "order_no,note\nSO-10,Q\nSO-11,AG\n",
    "minutes.md": "# Minutes of April\n\nThe hinge HG-110 is supplied by Alpscharnier. Jonas Pell "
    "wrote about lot L2411 and about the oak leg.\n",
    "review.md": "# A leg that wobbles\n\n**Product:** Oak leg (TL-720)\n**Rating:** 1 / 5\n\n"
    "Carpathia sent another one; see Minutes of April.\n",
    "zh.txt": "型号 HG-110 的铰链由 Alpscharnier AG 供应。",
}


class Finder:
    """Finds one name, as an expert would."""

    name = "tests/1"

    def find(self, texts: Sequence[str]) -> list[list[Named]]:
        found = [(text, text.find("Jonas Pell")) for text in texts]
        return [[] if at < 0 else [Named(at, at + 10, "person", 0.9)] for _, at in found]

    def can_read(self, text: str) -> bool:
        return text.isascii()


def put(store: Store, graph: Graph, source: str, text: str | None = None) -> None:
    content = (DOCUMENTS[source] if text is None else text).encode()
    prepared = prepare(content, source)
    store.put(
        source,
        version=f"of {source}",
        size=len(content),
        fingerprint="",
        prepared=prepared,
        vectors=None,
        also=[graph.writer(prepared, source)],
    )


def filled(place: str | Path, sources: Sequence[str] = tuple(DOCUMENTS)) -> tuple[Store, Graph]:
    store = Store(place, "test")
    extractor = Extractor(Finder())
    graph = Graph(store, lambda: extractor)
    for source in sources:
        put(store, graph, source)
    graph.settle()
    return store, graph


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    store, _ = filled(tmp_path_factory.mktemp("graph") / "store.db")
    lines = list(canonical_lines(store))
    store.close()
    return lines


@pytest.fixture
def made(place: str | Path) -> Iterator[tuple[Store, Graph]]:
    store, graph = filled(place)
    yield store, graph
    store.close()


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Graph]]:
    """A graph that tests look at; memories may come to it."""
    store, graph = filled(tmp_path_factory.mktemp("held") / "store.db")
    yield store, graph
    store.close()


def test_both_kinds_of_store_hold_the_same_graph(
    made: tuple[Store, Graph], expected: list[str]
) -> None:
    assert list(canonical_lines(made[0])) == expected


@given(
    st.permutations(list(DOCUMENTS)),
    st.lists(st.sampled_from(list(DOCUMENTS)), max_size=3, unique=True),
    st.lists(st.sampled_from(list(DOCUMENTS)), max_size=2, unique=True),
)
@settings(max_examples=8, deadline=None)
def test_order_changes_and_removals_leave_no_trace(
    expected: list[str], order: list[str], changed: list[str], removed: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, graph = filled(Path(folder) / "store.db", order)
        for source in changed:
            put(store, graph, source, "name,city\nOak leg,HG-110\nMinutes of April,Suceava\n")
        for source in removed:
            store.remove(source)
        graph.settle()
        for source in dict.fromkeys((*changed, *removed)):
            put(store, graph, source)
        graph.settle()
        assert list(canonical_lines(store)) == expected
        store.close()


def test_nothing_is_left_of_documents_that_are_gone(made: tuple[Store, Graph]) -> None:
    store, graph = made
    for source in DOCUMENTS:
        store.remove(source)
    graph.settle()
    assert not list(canonical_lines(store))


def test_a_transaction_that_fails_leaves_no_names(tmp_path: Path) -> None:
    store, graph = filled(tmp_path / "store.db", ["minutes.md"])
    before = graph_hash(store)
    with pytest.raises(ZeroDivisionError), store.write():
        put(store, graph, "parts.csv")
        _ = 1 / 0
    put(store, graph, "zh.txt")
    store.remove("zh.txt")
    graph.settle()
    assert graph_hash(store) == before
    store.close()


def test_an_entity_joins_rows_documents_and_memory(held: tuple[Store, Graph]) -> None:
    store, graph = held
    memory = Memory(store, lambda: None, graph=lambda: graph)
    memory.remember("I like the oak leg.", at=1_740_000_000.0, user="ana")
    shown = Lookup(store, Viewer("ana")).entity("oak leg", "part")
    assert [each["source"] + ":" + str(each["row"]) for each in shown["rows"]] == ["parts.csv:2"]
    assert {each["text"] for each in shown["mentions"]} == {"oak leg", "Oak leg", "TL-720"}
    assert {each["text"] for each in shown["memory"]} == {"oak leg"}
    assert {each["owner"] for each in shown["memory"]} == {"ana"}
    related = {
        (each["direction"], each["type"], each["entity"]["name"]) for each in shown["relations"]
    }
    assert ("out", "supplier", "Carpathia Oak SRL") in related
    assert ("in", "product", "A leg that wobbles") in related
    claims = {each["property"]: each["value"] for each in shown["claims"]}
    assert claims["unit cost eur"] == {"amount": "31.50", "currency": "EUR"}
    assert not Lookup(store, Viewer("ben")).entity("oak leg", "part")["memory"]


def test_sentences_relate_names_and_say_how_surely(held: tuple[Store, Graph]) -> None:
    shown = Lookup(held[0], Viewer()).entity("Alpscharnier AG")
    stated = [each for each in shown["relations"] if each["type"] == "supplied by"]
    assert [(each["source"], each["given"]) for each in stated] == [("minutes.md", False)]
    assert stated[0]["entity"]["name"] == "Soft-close hinge"
    assert 0 < stated[0]["score"] < 1


def test_numbers_identify_rows_in_their_own_table_alone(held: tuple[Store, Graph]) -> None:
    shown = Lookup(held[0], Viewer()).entity("Jonas Pell", "staff")
    found = [each["entity"]["label"] for each in shown["relations"] if each["type"] == "manager"]
    assert found == ["manager"]
    assert shown["rows"][0]["values"]["id"] == "2"


def test_an_unknown_name_is_told_the_nearest(held: tuple[Store, Graph]) -> None:
    with pytest.raises(UsageError, match="Alpscharnier AG"):
        Lookup(held[0], Viewer()).entity("Alpscharner AG")
