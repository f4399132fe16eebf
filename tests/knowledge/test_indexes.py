"""The disposable indexes: they answer as exact search does, whatever happens to their files."""

from __future__ import annotations

import fcntl
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_samples import LEAST, found, indexes, put, searching

from motet.knowledge.indexes import scope_folder
from motet.knowledge.search import Query
from motet.knowledge.store import Store

THINGS = "oak pine beech table shelf chair hinge screw board lamp".split()
PAGES = {
    f"{number}.txt": f"The {a} {b} number {number} costs {7 * number} euro. Buy the {c}."
    for number, (a, b, c) in enumerate(
        (a, b, c) for a in THINGS[:3] for b in THINGS[3:7] for c in THINGS[7:]
    )
}
QUERIES = ("oak table", "number 7", "shelves", "the pine lamp", "zebra", "costs 49 euro")


def filled(store: Store) -> Store:
    for source, text in PAGES.items():
        put(store, source, text)
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store.db", "test")
    yield filled(made)
    made.close()


def test_they_answer_as_exact_search_and_see_what_is_written_later(
    any_store: Store, tmp_path: Path
) -> None:
    filled(any_store)
    made = indexes(any_store, tmp_path)
    assert made.status() == []
    assert made.absorb("words")
    last = any_store.sequence()
    assert [(each.name, each.sequence, each.entries) for each in made.status()] == [
        ("text", last, len(PAGES)),
        ("vectors", last, len(PAGES)),
    ]
    fast, exact = searching(any_store, tmp_path), searching(any_store)
    assert found(fast, QUERIES) == found(exact, QUERIES)
    put(any_store, "new.txt", "A zebra stands on the oak table.")
    put(any_store, "3.txt", "The third page is about a birch now.")
    any_store.remove("5.txt")
    queries = (*QUERIES, "birch", "zebra on the table")
    assert found(fast, queries) == found(exact, queries)
    assert fast.find(Query("zebra", mode="lexical"))[0].source == "new.txt"
    assert all(each.source != "5.txt" for each in fast.find(Query("number 5", k=1000)))
    made.absorb("words")
    assert found(fast, queries) == found(exact, queries)
    assert found(searching(any_store, tmp_path), queries) == found(exact, queries)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("巴黎是法国的首都。", "巴黎"),
        ("파리는 프랑스의 수도이다.", "파리"),
        ("とうきょうは大きい。", "とうきょう"),
        ("ガラス扉の保証", "ｶﾞﾗｽ"),
        ("Die Straße 5 ist türkis.", "STRASSE"),
        ("A C-clamp 3.5 wide", "c-clamp 3.5"),
    ],
)
def test_any_script_is_found(tmp_path: Path, text: str, query: str) -> None:
    store = Store(tmp_path / "store.db", "test")
    for number in range(LEAST):
        put(store, f"{number}.txt", "Nothing of interest, 東京 and 서울 aside.")
    put(store, "here.txt", text)
    indexes(store, tmp_path).absorb("words")
    assert indexes(store, tmp_path).text() is not None
    hits = searching(store, tmp_path).find(Query(query, mode="lexical"))
    assert [each.source for each in hits] == ["here.txt"]
    store.close()


def test_a_small_store_needs_none(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db", "test")
    put(store, "1.txt", "The oak table.")
    assert indexes(store, tmp_path).absorb("words")
    assert indexes(store, tmp_path).status() == []
    assert not scope_folder(store, tmp_path).exists()
    store.close()


def test_without_the_folder_search_is_exact(store: Store, tmp_path: Path) -> None:
    made, fast = indexes(store, tmp_path), searching(store, tmp_path)
    made.absorb("words")
    expected = found(searching(store), QUERIES)
    assert found(fast, QUERIES) == expected
    made.discard()
    assert [each.name for each in scope_folder(store, tmp_path).iterdir()] == ["lock"]
    put(store, "new.txt", "A zebra.")
    expected = found(searching(store), QUERIES)
    assert found(fast, QUERIES) == expected
    shutil.rmtree(tmp_path / "indexes")
    made.absorb("words")
    assert len(made.status()) == 2
    assert found(searching(store, tmp_path), QUERIES) == expected


def files(store: Store, home: Path) -> list[Path]:
    folder = scope_folder(store, home)
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")


@pytest.mark.parametrize("harm", ["cut", "filled with zeros", "gone"])
@pytest.mark.parametrize("part", ["text", "vectors"])
def test_a_damaged_index_goes_unused_and_is_built_anew(
    store: Store, tmp_path: Path, part: str, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    indexes(store, tmp_path).absorb("words")
    expected = found(searching(store), QUERIES)
    for path in files(store, tmp_path):
        if part not in path.parts or path.name.startswith("."):
            continue
        if harm == "gone":
            path.unlink()
        else:
            size = path.stat().st_size
            path.write_bytes(b"\0" * size if harm == "filled with zeros" else b"")
    assert found(searching(store, tmp_path), QUERIES) == expected
    put(store, "new.txt", "A zebra.")
    assert indexes(store, tmp_path).absorb("words")
    assert len(indexes(store, tmp_path).status()) == 2
    assert found(searching(store, tmp_path), QUERIES) == found(searching(store), QUERIES)
    assert harm == "gone" or "damaged" in caplog.text


def test_a_new_store_in_the_place_of_an_old_one_is_told_apart(tmp_path: Path) -> None:
    for text in ("The oak number {}.", "The pine number {}."):
        for file in tmp_path.glob("store.db*"):
            file.unlink()
        store = Store(tmp_path / "store.db", "test")
        for number in range(LEAST):
            put(store, f"{number}.txt", text.format(number))
        fast, exact = searching(store, tmp_path), searching(store)
        assert found(fast, ("oak", "pine")) == found(exact, ("oak", "pine"))
        indexes(store, tmp_path).absorb("words")
        assert found(fast, ("oak", "pine")) == found(exact, ("oak", "pine"))
        store.close()
    assert len([*scope_folder(store, tmp_path).glob("*/text")]) == 1


def test_one_absorbs_at_a_time(store: Store, tmp_path: Path) -> None:
    made = indexes(store, tmp_path)
    made.absorb("words")
    put(store, "new.txt", "A zebra.")
    with (scope_folder(store, tmp_path) / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert not made.absorb("words")
        assert searching(store, tmp_path).find(Query("zebra", k=1))[0].source == "new.txt"
    assert made.absorb("words")


ABSORBING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from search_samples import indexes, put
from motet.knowledge.store import Store
store = Store(Path(sys.argv[1]) / "store.db", "test")
made = indexes(store, Path(sys.argv[1]))
made.absorb("words")
print("begun", flush=True)
for number in range(10_000):
    put(store, f"late-{number % 50}.txt", f"Late page {number} about an oak zebra.")
    made.absorb("words")
"""


def test_a_kill_leaves_the_old_state_or_the_new(store: Store, tmp_path: Path) -> None:
    for wait in (0.05, 0.15):
        child = subprocess.Popen(
            [sys.executable, "-c", ABSORBING, str(tmp_path), str(Path(__file__).parent)],
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None and child.stdout.readline() == b"begun\n"
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        queries = (*QUERIES, "late", "zebra")
        expected = found(searching(store), queries)
        assert {each.name for each in indexes(store, tmp_path).status()} == {"text", "vectors"}
        assert found(searching(store, tmp_path), queries) == expected
        assert indexes(store, tmp_path).absorb("words")
        assert found(searching(store, tmp_path), queries) == expected


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"), st.integers(0, 14), st.lists(st.sampled_from(THINGS), min_size=1)
        ),
        st.tuples(st.just("remove"), st.integers(0, 14), st.just([])),
        st.tuples(st.just("absorb"), st.just(0), st.just([])),
        st.tuples(st.just("look"), st.just(0), st.just([])),
    ),
    max_size=12,
)


@settings(max_examples=8, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_they_answer_as_exact_search(steps: list[tuple[str, int, list]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store = Store(home / "store.db", "test")
        for number in range(LEAST):
            put(store, f"{number}.txt", f"The {THINGS[number]} number {number}.")
        fast, exact, made = searching(store, home), searching(store), indexes(store, home)
        for step, number, names in [("absorb", 0, []), *steps, ("look", 0, [])]:
            if step == "put":
                put(store, f"{number}.txt", f"{' '.join(names)} {number}")
            elif step == "remove":
                store.remove(f"{number}.txt")
            elif step == "absorb":
                made.absorb("words")
            else:
                assert found(fast, THINGS[:4]) == found(exact, THINGS[:4])
        store.close()
