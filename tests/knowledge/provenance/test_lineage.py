"""The chain behind a fact, as far as a viewer may see; backfill; on both stores."""

from __future__ import annotations

import pytest
from knowledge_samples import query

from motet.core.errors import UsageError
from motet.knowledge.entities.canonical import graph_hash
from motet.knowledge.entities.extraction import Extractor
from motet.knowledge.entities.graph import Graph
from motet.knowledge.memory import Memory
from motet.knowledge.prepare import prepare
from motet.knowledge.provenance.backfill import Backfill
from motet.knowledge.provenance.lineage import Lineage
from motet.knowledge.provenance.viewer import Viewer
from motet.knowledge.store import Given, Store

PARTS = "sku,name,price\n17,oak table,500\n18,pine table,300\n"
NOTE = "The oak table costs 500 euros. Its warranty lasts five years."


@pytest.fixture
def graph(any_store: Store) -> Graph:
    """The graph of a table, a note and a memory about the same thing."""
    extractor = Extractor()
    found = Graph(any_store, lambda: extractor)
    for name, text in (("parts.csv", PARTS), ("note.txt", NOTE)):
        prepared = prepare(text.encode(), name)
        any_store.put(
            name,
            version=f"{name}-1",
            size=len(text),
            fingerprint="",
            prepared=prepared,
            vectors=None,
            given=Given(given_by="ana", given_at=86_400.0, origin="./docs"),
            also=[found.writer(prepared, name)],
        )
    memory = Memory(any_store, lambda: None, graph=lambda: found)
    memory.remember("Bob prefers the oak table", at=86_400.0, user="bob", run="run_1", node="n")
    found.settle()
    return found


def kinds(store: Store, name: str, viewer: Viewer) -> set[str]:
    return {
        step.title for _, step in Lineage(store, viewer).of(name).chain() if step.kind == "source"
    }


@pytest.mark.usefixtures("graph")
def test_an_entity_stands_on_rows_documents_and_memory(any_store: Store) -> None:
    assert kinds(any_store, "Oak table", Viewer("bob")) == {
        "parts.csv",
        "note.txt",
        "memory:run_1/n",
    }
    assert kinds(any_store, "oak table", Viewer("eve")) == {"parts.csv", "note.txt"}


@pytest.mark.usefixtures("graph")
def test_a_claim_leads_to_who_said_it_when_and_in_which_run(any_store: Store) -> None:
    ((number,),) = query(any_store, "SELECT id FROM claims WHERE property = 'prefers'")
    chain = list(Lineage(any_store, Viewer("bob")).of(f"claim:{number}").chain())
    assert [step.kind for _, step in chain] == [
        "claim", "operator", "chunk", "version", "source", "run",
    ]  # fmt: skip
    assert chain[0][1].given
    assert "given by bob, made 1970-01-02T00:00" in chain[4][1].detail
    assert chain[5][1].id == "run_1"
    spot = chain[2][1].spot
    assert spot is not None
    assert spot.excerpt == "Bob prefers the oak table"
    with pytest.raises(UsageError, match="nothing known"):
        Lineage(any_store, Viewer("eve")).of(f"claim:{number}")


def test_backfill_derives_what_is_due_and_the_same_graph(any_store: Store, graph: Graph) -> None:
    before, backfill = graph_hash(any_store), Backfill(any_store, graph)
    assert backfill.due() == []
    with any_store.write() as session:
        session.execute("INSERT INTO producers (operator, version) VALUES ('extraction', 'old')")
        session.execute(
            """UPDATE derivations SET producer_id =
               (SELECT id FROM producers WHERE version = 'old')
               WHERE version_id IN (SELECT v.id FROM versions v JOIN sources s
                                    ON s.id = v.source_id WHERE s.source <> 'note.txt')"""
        )
    assert {each.source: each.was for each in backfill.due()} == {
        "memory:run_1/n": "old",
        "parts.csv": "old",
    }
    kept = query(any_store, "SELECT id FROM claims WHERE property = 'prefers'")
    assert len(backfill.run().sources) == 2
    assert (backfill.due(), graph_hash(any_store)) == ([], before)
    assert query(any_store, "SELECT id FROM claims WHERE property = 'prefers'") == kept
