"""Retrieval: found in any script, ranked the same whatever the order of ingest."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from knowledge_samples import lexical, put

from motet.core.errors import SetupNeeded
from motet.knowledge.discover import Root
from motet.knowledge.ingest import Ingest
from motet.knowledge.search import HybridRetriever
from motet.knowledge.store import Store
from motet.models.encoder import Encoder, is_installed, load_encoder

PAGES = {
    "oak.md": "# Oak\n\nThe oak table costs 480 euro and is delivered by Nordlicht.",
    "pine.md": "# Pine\n\nThe pine shelf is soft. Its warranty lasts two years.",
    "zh.md": "# 质保\n\n柜门铰链的质保期为五年，由上海精工提供。",
    "ja.md": "# 保証\n\nガラス扉の保証期間は三年です。部品はカラスムギ色です。",
    "ko.md": "# 보증\n\n서랍 레일의 보증 기간은 십 년입니다.",
    "de.md": "# Maße\n\nDie Türhöhe in der Straße 5 beträgt zwei Meter.",
    "ru.md": "# Стол\n\nЁлка и йод: стол из дуба стоит сто евро.",
    "parts.csv": "part,supplier\nhinge,Nordlicht\nC-clamp 3.5,Kim & Sons\n",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store(tmp_path / "store.db", "test")
    for source, text in PAGES.items():
        put(found, source, text)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("query", "source"),
    [
        ("What does the oak table cost?", "oak.md"),
        ("warranties", "pine.md"),
        ("铰链质保多久？", "zh.md"),
        ("精工", "zh.md"),
        ("ガラス扉", "ja.md"),
        ("ｶﾞﾗｽ", "ja.md"),
        ("레일 보증", "ko.md"),
        ("서랍은", "ko.md"),
        ("STRASSE", "de.md"),
        ("turhohe", "de.md"),
        ("ЕЛКА", "ru.md"),
        ("йод", "ru.md"),
        ("c-clamp 3.5", "parts.csv"),
        ("AND hinge", "parts.csv"),
    ],
)
def test_what_is_asked_is_found_first(store: Store, query: str, source: str) -> None:
    best = lexical(store).search(query, k=3, mode="lexical")[0]
    assert best.source == source
    assert store.text(source).text[best.start : best.end] == best.text


def test_voiced_kana_are_told_apart(store: Store) -> None:
    put(store, "crow.md", "カラスは黒い。")
    found = lexical(store).search("カラスは黒い", k=1, mode="lexical")
    assert found[0].source == "crow.md"


def test_a_row_is_read_with_its_columns(store: Store) -> None:
    found = lexical(store).search("supplier of the hinge", k=1, mode="lexical")[0]
    assert (found.body, found.text) == ("part: hinge; supplier: Nordlicht", "hinge,Nordlicht")
    assert found.excerpt(*found.locate(23, 32)) == "Nordlicht"


ODD = ["AND", '"', "a OR b", "hinge*", "^hinge", "NEAR(oak pine, 2)", "part:", "-oak", "body:x",
       "(oak", "oak)", "''", "\\", "\0", "a\0b", "😀", "\ud800", "{oak pine}", "+", "?", "%", "　",
       "oak" * 5000, "the of and", "w " * 3000, "{}[]|&;", "col : oak", "--", "1e999"]  # fmt: skip


@pytest.mark.parametrize("query", ODD)
def test_no_query_is_too_odd(store: Store, query: str) -> None:
    retriever = lexical(store)
    assert len(retriever.search(query, k=5, mode="lexical")) <= 5
    retriever.modes(query)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HybridRetriever]:
    store = Store(tmp_path_factory.mktemp("retrieve") / "store.db", "test")
    put(store, "oak.md", PAGES["oak.md"])
    yield lexical(store)
    store.close()


@given(query=st.text(st.sampled_from("oak\"'*^():-+{}ANDORNOTNEAR 、柜\0\n") | st.characters()))
def test_no_query_raises(shared: HybridRetriever, query: str) -> None:
    shared.search(query, k=3, mode="lexical")


@pytest.mark.parametrize("k", [-1, 0, 1, 2, 1000, 100_000])
def test_k_is_the_most_there_is(store: Store, k: int) -> None:
    found = lexical(store).search("oak pine nordlicht", k=k, mode="lexical")
    assert len(found) == min(max(k, 0), 3)
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)


def test_an_empty_store_has_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db", "test")
    retriever = lexical(store)
    assert retriever.count() == 0
    assert list(retriever.search("oak", k=3, mode="lexical")) == []
    assert list(retriever.rarity(["oak"])) == pytest.approx([0.693], abs=0.01)
    store.close()


def test_what_is_removed_is_not_found(store: Store) -> None:
    retriever = lexical(store)
    count = retriever.count()
    assert retriever.search("pine", k=1, mode="lexical")[0].source == "pine.md"
    store.remove("pine.md")
    assert list(retriever.search("pine", k=1, mode="lexical")) == []
    assert retriever.count() == count - 1


def test_without_the_encoder_search_is_lexical_and_says_so(store: Store) -> None:
    retriever = lexical(store)
    modes = retriever.modes("oak")
    assert modes["lexical"] is None
    assert "not installed" in (modes["hybrid"] or "")
    assert modes["dense"] == modes["hybrid"]
    with pytest.raises(SetupNeeded):
        retriever.search("oak", k=1, mode="hybrid")


def ranked(store: Store, query: str, k: int) -> list[tuple[str, int, float]]:
    found = lexical(store).search(query, k=k, mode="lexical")
    return [(p.source, p.start, p.score) for p in found]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_ingest_does_not_matter(tmp_path: Path, seed: int) -> None:
    pages = [(f"{number:03}.md", "The oak door is hard.") for number in range(150)]
    pages += [(f"x{number}.md", f"The oak door number {number} is here.") for number in range(30)]
    first = Store(tmp_path / "first.db", "test")
    for source, text in pages:
        put(first, source, text)
    second = Store(tmp_path / "second.db", "test")
    random.Random(seed).shuffle(pages)
    for source, text in pages:
        put(second, source, text)
        if source.endswith("7.md"):  # replaced and removed ones leave no trace in the ranking
            put(second, source, text)
            put(second, f"gone-{source}", text)
            second.remove(f"gone-{source}")
    for query in ("oak door", "hard", "number 7"):
        assert ranked(first, query, 10) == ranked(second, query, 10)
    names = [source for source, _, _ in ranked(second, "hard", 10)]
    assert names == [f"{number:03}.md" for number in range(10)]
    first.close()
    second.close()


def test_another_systems_documents_do_not_show(store: Store) -> None:
    other = Store(store.place, "other")
    before = [ranked(store, "oak nordlicht", 5), lexical(store).rarity(["oak", "nordlicht"])]
    for number in range(20):
        put(other, f"{number}.md", "Oak by Nordlicht, the oak of oaks.")
    found = lexical(store).search("oak nordlicht", k=50, mode="lexical")
    assert {p.source for p in found} == {"oak.md", "parts.csv"}
    assert [p[:2] for p in ranked(store, "oak nordlicht", 5)] == [p[:2] for p in before[0]]
    assert lexical(store).rarity(["oak", "nordlicht"]) == before[1]
    assert {p.source for p in lexical(other).search("oak", k=5, mode="lexical")} <= {
        f"{number}.md" for number in range(20)
    }
    other.close()


def test_rarity_falls_with_frequency(store: Store) -> None:
    rare, common, never = lexical(store).rarity(["pine", "nordlicht", "zebra"])
    assert never > rare > common > 0


# With the base encoder


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    if not is_installed():
        pytest.skip("the base encoder is not installed: run `motet setup`")
    return load_encoder()


def dense(tmp_path: Path, encoder: Encoder, pages: dict[str, str]) -> tuple[Store, HybridRetriever]:
    (tmp_path / "docs").mkdir(exist_ok=True)
    for source, text in pages.items():
        (tmp_path / "docs" / source).write_text(text)
    store = Store(tmp_path / "home" / "store.db", "test")
    Ingest(store, tmp_path, lambda: encoder).run([Root("docs")])
    return store, HybridRetriever(store, lambda: encoder)


@pytest.mark.encoder
def test_meaning_is_found_without_a_shared_word(tmp_path: Path, encoder: Encoder) -> None:
    store, retriever = dense(tmp_path, encoder, PAGES)
    query = "a board of conifer wood to put books on"
    assert list(retriever.search(query, k=3, mode="lexical")) == []
    assert retriever.search(query, k=1, mode="dense")[0].source == "docs/pine.md"
    assert retriever.search(query, k=1, mode="hybrid")[0].source == "docs/pine.md"
    store.close()


@pytest.mark.encoder
def test_hybrid_keeps_what_either_finds(tmp_path: Path, encoder: Encoder) -> None:
    store, retriever = dense(tmp_path, encoder, PAGES)
    both = {p.chunk for p in retriever.search("nordlicht oak", k=50, mode="hybrid")}
    for mode in ("lexical", "dense"):
        assert {p.chunk for p in retriever.search("nordlicht oak", k=50, mode=mode)} <= both
    found = retriever.search("nordlicht oak", k=1, mode="hybrid")[0]
    assert set(found.signals) == {"lexical", "dense"}
    assert 0 < found.score <= 1
    store.close()


@pytest.mark.encoder
def test_what_the_encoder_cannot_read_is_left_to_words(tmp_path: Path, encoder: Encoder) -> None:
    store, retriever = dense(tmp_path, encoder, PAGES)
    assert retriever.modes("What is oak?") == {"lexical": None, "dense": None, "hybrid": None}
    assert "cannot read this script" in (retriever.modes("铰链质保多久")["dense"] or "")
    assert "docs/zh.md" not in {p.source for p in retriever.search("oak", k=99, mode="dense")}
    store.close()


@pytest.mark.encoder
def test_vectors_follow_the_files(tmp_path: Path, encoder: Encoder) -> None:
    store, retriever = dense(tmp_path, encoder, PAGES)
    query = "animals in a zoo"
    before = retriever.search(query, k=1, mode="dense")[0]
    (tmp_path / "docs" / "oak.md").write_text("Elephants and zebras live in the zoo.")
    (tmp_path / "docs" / "pine.md").unlink()
    Ingest(store, tmp_path, lambda: encoder).run([Root("docs")])
    after = retriever.search(query, k=1, mode="dense")[0]
    assert after.text.startswith("Elephants")
    assert after.score > before.score
    assert "docs/pine.md" not in {p.source for p in retriever.search(query, k=50, mode="dense")}
    store.close()


@pytest.mark.encoder
def test_dense_ranking_forgets_the_order_of_ingest(tmp_path: Path, encoder: Encoder) -> None:
    pages = {f"{number:03}.md": "The oak door is hard." for number in range(130)}
    pages |= {f"x{number}.md": f"The {number}th door opens." for number in range(20)}
    (tmp_path / "a").mkdir()
    store, retriever = dense(tmp_path / "a", encoder, pages)
    other = Store(tmp_path / "b.db", "test")
    before: list[Root] = []
    for late in ("docs/x*", "docs/1*", "docs/*[3-9].md", "docs"):
        Ingest(other, tmp_path / "a", lambda: encoder).run([*before, Root(late)])
        before.append(Root(late))
    again = HybridRetriever(other, lambda: encoder)
    for mode in ("dense", "hybrid"):
        first = retriever.search("a hard door", k=12, mode=mode)
        second = again.search("a hard door", k=12, mode=mode)
        assert [p.source for p in first] == [p.source for p in second]
        np.testing.assert_allclose([p.score for p in first], [p.score for p in second], atol=2e-5)
    store.close()
    other.close()


@pytest.mark.encoder
def test_installing_the_encoder_embeds_what_is_there(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "oak.md").write_text("Oak is hard.")
    store = Store(tmp_path / "store.db", "test")
    assert Ingest(store, tmp_path, lambda: None).run([Root("oak.md")]).added == ["oak.md"]
    report = Ingest(store, tmp_path, lambda: encoder).run([Root("oak.md")])
    assert report.changed == ["oak.md"]
    assert not Ingest(store, tmp_path, lambda: encoder).pending([Root("oak.md")]).any
    # Without it again, the vectors stay.
    assert not Ingest(store, tmp_path, lambda: None).pending([Root("oak.md")]).any
    assert store.known()["oak.md"].embedder == encoder.name
    store.close()
