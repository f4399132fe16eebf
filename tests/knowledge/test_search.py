"""The one query: filters leave k where there are k, and every hit says why it was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from search_samples import WordVectors, indexes, put, searching

from motet.core.errors import UsageError
from motet.core.store.sessions import Session
from motet.knowledge.search import Filters, HybridRetriever, Query, Reached
from motet.knowledge.store import Given, Store
from motet.knowledge.tables import Tables

PARTS = "part,price\noak table,480\npine table,120\nbeech table,90\n"


@pytest.fixture
def store(any_store: Store) -> Store:
    for number in range(40):
        folder = "rare" if number % 20 == 0 else "common"
        put(any_store, f"{folder}/{number}.txt", f"The oak table number {number} is for sale.")
    put(any_store, "parts.csv", PARTS)
    for user in ("ana", "ben"):
        said = Given(kind="memory", owner=user, given_by=user, given_at=1000.0)
        put(any_store, f"memory/{user}", f"{user.title()} likes the oak table best.", said)
    return any_store


@pytest.fixture(params=["exact", "indexed"])
def retriever(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> HybridRetriever:
    rows = Tables(store).rows_matching
    if request.param == "exact":
        return HybridRetriever(store, WordVectors, rows=rows)
    made = indexes(store, tmp_path)
    made.absorb("words")
    return HybridRetriever(store, WordVectors, indexes=made, rows=rows)


def sources(retriever: HybridRetriever, k: int = 100, **filters: object) -> set[str]:
    query = Query("oak table", k=k, filters=Filters(**filters))  # type: ignore[arg-type]
    return {each.source for each in retriever.find(query)}


def test_filters_leave_as_many_as_there_are(retriever: HybridRetriever) -> None:
    everything = sources(retriever)
    assert len(everything) == 41
    assert not any(each.startswith("memory") for each in everything)
    assert sources(retriever, sources=("rare",)) == {"rare/0.txt", "rare/20.txt"}
    assert sources(retriever, k=1, sources=("rare/*",)) < {"rare/0.txt", "rare/20.txt"}
    assert len(sources(retriever, k=7, sources=("common/*",))) == 7
    assert sources(retriever, sources=("rare", "*.csv")) == {
        "rare/0.txt",
        "rare/20.txt",
        "parts.csv",
    }
    assert sources(retriever, kinds=("row",)) == {"parts.csv"}
    assert "parts.csv" not in sources(retriever, kinds=("document",))
    assert sources(retriever, media=("text/csv",)) == {"parts.csv"}
    assert sources(retriever, media=("text/*",), kinds=("row",)) == {"parts.csv"}
    assert sources(retriever, sources=("nowhere",)) == set()
    assert sources(retriever, known_at=1.0) == set()


def test_rows_are_found_by_a_condition_and_named(retriever: HybridRetriever) -> None:
    filters = Filters(where=("parts.csv: price < 200",))
    found = retriever.find(Query("table", filters=filters, explain=True))
    assert {each.text for each in found} == {"pine table,120", "beech table,90"}
    why = [each.explanation for each in found]
    assert {each.rows[0][1] for each in why if each} == {2, 3}
    with pytest.raises(UsageError):
        retriever.find(Query("table", filters=Filters(where=("nothing.csv: a = 1",))))


def test_memory_shows_only_to_whose_it_is(retriever: HybridRetriever) -> None:
    asked = Filters(kinds=("memory",))
    for user, seen in (("ana", {"memory/ana"}), ("ben", {"memory/ben"}), (None, set())):
        found = retriever.find(Query("oak table", filters=asked, user=user))
        assert {each.source for each in found} == seen
    both = Filters(kinds=("memory", "document"))
    found = retriever.find(Query("Ana likes", k=100, filters=both, user="ana"))
    assert found[0].source == "memory/ana" and len(found) == 41
    assert retriever.find(Query("oak", filters=Filters(("memory/*",), as_of=5.0), user="ana")) == []


def test_each_hit_says_why(retriever: HybridRetriever) -> None:
    (first, *_) = retriever.find(Query("number 7", explain=True))
    why = first.explanation
    assert first.source == "common/7.txt" and why is not None
    assert [(each.name, each.rank) for each in why.signals] == [("lexical", 1), ("dense", 1)]
    assert sum(each.share for each in why.signals) == pytest.approx(first.score)
    assert {each.name: each.value for each in why.signals} == pytest.approx(first.signals)
    assert why.kind == "file"


def test_a_vector_given_stands_for_the_text(retriever: HybridRetriever) -> None:
    (vector,) = WordVectors().embed(["parts part beech table price 90"])
    found = retriever.find(Query("", vector=vector, k=1, mode="dense"))
    assert "beech" in found[0].text


class Led:
    """A graph that leads to chosen chunks."""

    def __init__(self, chunks: Sequence[int]) -> None:
        self.chunks = chunks

    def rank(
        self, session: Session, text: str, seeds: Mapping[int, float], limit: int, *, given: bool
    ) -> Sequence[Reached]:
        """Return the chosen chunks with a path."""
        return [Reached(each, 1.0, (("oak", "is in", "shop"),)) for each in self.chunks]


def test_the_graph_adds_what_it_leads_to_but_nothing_filtered_away(store: Store) -> None:
    everything = {each.source: each.chunk for each in searching(store).find(Query("oak", k=99))}
    put(store, "far.txt", "Zebras.")
    far = searching(store).find(Query("zebras", k=1, mode="lexical"))[0].chunk
    retriever = HybridRetriever(
        store, WordVectors, graph=Led([far, everything["rare/0.txt"], 10**9])
    )
    query = Query("oak", k=2, mode="lexical", graph=True, explain=True)
    found = {each.source: each for each in retriever.find(query)}
    assert set(found) == {"far.txt", "rare/0.txt"}
    assert found["far.txt"].explanation.path == (("oak", "is in", "shop"),)  # type: ignore[union-attr]
    kept = Query("oak", k=99, graph=True, filters=Filters(sources=("rare",)))
    assert {each.source for each in retriever.find(kept)} == {"rare/0.txt", "rare/20.txt"}


def test_what_mentions_an_entity_is_found_by_any_of_its_names(store: Store) -> None:
    with store.write() as session:
        session.execute("INSERT INTO producers (operator, version) VALUES ('test', '1')")
        rows = session.rows(
            """SELECT c.id, c.version_id FROM chunks c JOIN versions v ON v.id = c.version_id
               JOIN sources s ON s.id = v.source_id WHERE s.source LIKE 'rare/%' ORDER BY c.id"""
        )
        for number, (name, (chunk, version)) in enumerate(
            zip(("oak", "quercus"), rows, strict=True), 1
        ):
            session.execute(
                """INSERT INTO entities (scope, uid, label, key, name, canonical)
                   VALUES ('test', ?, 'wood', ?, ?, 1)""",
                (f"u{number}", name, name),
            )
            session.execute(
                """INSERT INTO mentions (entity_id, version_id, chunk_id, start, "end", score,
                                         producer_id) VALUES (?, ?, ?, 0, 3, 1.0, 1)""",
                (number, version, chunk),
            )
    retriever = searching(store)
    assert sources(retriever, entities=("Quercus",)) == {"rare/0.txt", "rare/20.txt"}
    assert sources(retriever, entities=("u1",)) == {"rare/0.txt", "rare/20.txt"}
    assert sources(retriever, labels=("Wood",), sources=("rare/0*",)) == {"rare/0.txt"}
    assert sources(retriever, entities=("birch",)) == set()
