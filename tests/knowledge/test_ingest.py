"""Ingest keeps the store equal to the files, reading what changed only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from knowledge_samples import check, content

from motet.core.errors import StoreError, UsageError
from motet.knowledge.discover import Root
from motet.knowledge.ingest import Ingest, IngestReport, Progress
from motet.knowledge.store import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "docs"
    found.mkdir()
    (found / "oak.md").write_text("# Oak\n\nOak is hard.")
    (found / "pine.txt").write_text("Pine is soft.")
    (found / "parts.csv").write_text("part,price\nhinge,5\n")
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store(tmp_path / "home" / "store.db", "test")
    yield found
    found.close()


def ingest(store: Store, base: Path, *, retry: bool = False, roots: str = "docs") -> IngestReport:
    keeper = Ingest(store, base, lambda: None)
    report = keeper.run([Root(roots)], retry=retry)
    assert not keeper.pending([Root(roots)]).any
    check(store)
    return report


def test_everything_is_read_once(store: Store, folder: Path) -> None:
    first = ingest(store, folder.parent)
    assert first.added == ["docs/oak.md", "docs/parts.csv", "docs/pine.txt"]
    assert (first.unchanged, first.failed) == (0, [])
    assert first.chunks == sum(source.chunks for source in store.sources())
    assert first.bytes == sum(path.stat().st_size for path in folder.iterdir())
    again = ingest(store, folder.parent)
    assert (again.touched, again.unchanged, again.chunks) == (0, 3, 0)


def test_the_same_content_touched_is_not_derived_anew(store: Store, folder: Path) -> None:
    ingest(store, folder.parent)
    before = store.sequence()
    os.utime(folder / "oak.md", (1, 1))
    report = ingest(store, folder.parent)
    assert (report.touched, report.unchanged) == (0, 3)
    assert store.sequence() == before


def test_what_changed_replaces(store: Store, folder: Path) -> None:
    ingest(store, folder.parent)
    (folder / "oak.md").write_text("# Oak\n\nOak is heavy.")
    report = ingest(store, folder.parent)
    assert (report.added, report.changed, report.unchanged) == ([], ["docs/oak.md"], 2)
    assert store.text("docs/oak.md").text.endswith("heavy.")


def test_what_is_gone_goes_and_what_moved_moves(store: Store, folder: Path) -> None:
    ingest(store, folder.parent)
    (folder / "pine.txt").rename(folder / "fir.txt")
    report = ingest(store, folder.parent)
    assert (report.added, report.removed) == (["docs/fir.txt"], ["docs/pine.txt"])


def test_a_missing_root_removes_nothing(store: Store, folder: Path) -> None:
    ingest(store, folder.parent)
    before = content(store)
    folder.rename(folder.parent / "elsewhere")
    for roots in ("docs", "docs/*.md"):
        with pytest.raises(UsageError, match="nothing was removed"):
            Ingest(store, folder.parent, lambda: None).run([Root(roots)])
    assert content(store) == before


def test_an_added_path_that_vanished_is_dropped(store: Store, folder: Path) -> None:
    store.add_root("docs/pine.txt")
    keeper = Ingest(store, folder.parent, lambda: None)
    assert keeper.run([]).added == ["docs/pine.txt"]
    (folder / "pine.txt").unlink()
    assert keeper.run([]).removed == ["docs/pine.txt"]


def test_a_bad_file_shows_its_reason_and_stops_nothing(store: Store, folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnot really")
    (folder / "empty.md").write_text("")
    (folder / "gone.md").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.txt")
    report = ingest(store, folder.parent)
    assert len(report.added) == 3
    assert [source for source, _ in report.failed] == [
        "docs/broken.pdf",
        "docs/empty.md",
        "docs/gone.md",
        "docs/pipe.txt",
    ]
    reasons = dict(report.failed)
    assert all(reasons.values())
    assert "No such file" in reasons["docs/gone.md"]
    assert "no ordinary file" in reasons["docs/pipe.txt"]
    listed = {source.source: source.reason for source in store.sources()}
    assert {name: listed[name] for name in reasons} == reasons


def test_what_failed_is_read_again_when_asked_or_changed(store: Store, folder: Path) -> None:
    (folder / "empty.md").write_text("")
    assert len(ingest(store, folder.parent).failed) == 1
    assert ingest(store, folder.parent).touched == 0
    assert len(ingest(store, folder.parent, retry=True).failed) == 1
    (folder / "empty.md").write_text("Not any more.")
    report = ingest(store, folder.parent)
    assert (report.changed, report.failed) == (["docs/empty.md"], [])


def test_a_file_that_breaks_loses_its_old_content(store: Store, folder: Path) -> None:
    ingest(store, folder.parent)
    (folder / "oak.md").write_text("")
    assert ingest(store, folder.parent).failed[0][0] == "docs/oak.md"
    with pytest.raises(UsageError, match="could not be read"):
        store.text("docs/oak.md")


def test_progress_counts_to_the_end(store: Store, folder: Path) -> None:
    seen: list[Progress] = []
    Ingest(store, folder.parent, lambda: None).run([Root("docs")], seen.append)
    assert [each.done for each in seen] == [1, 2, 3]
    assert {each.total for each in seen} == {3}
    assert {each.current for each in seen} == {"docs/oak.md", "docs/parts.csv", "docs/pine.txt"}


def test_a_store_that_fails_ends_the_ingest(store: Store, folder: Path) -> None:
    for number in range(20):
        (folder / f"{number}.md").write_text(f"Page {number}.")

    def full(progress: Progress) -> None:
        if progress.done == 3:
            raise StoreError("the disk is full")

    with pytest.raises(StoreError, match="full"):
        Ingest(store, folder.parent, lambda: None).run([Root("docs")], full)
    assert len(store.sources()) == 3
    check(store)
    assert len(ingest(store, folder.parent).added) == 20


def test_the_order_of_ingest_leaves_no_trace(tmp_path: Path, folder: Path) -> None:
    together = Store(tmp_path / "one" / "store.db", "test")
    ingest(together, tmp_path)
    apart = Store(tmp_path / "two" / "store.db", "test")
    for name in ("pine.txt", "oak.md", "parts.csv"):
        apart.add_root(f"docs/{name}")
        Ingest(apart, tmp_path, lambda: None).run([])
    assert content(apart) == content(together)
    together.close()
    apart.close()
