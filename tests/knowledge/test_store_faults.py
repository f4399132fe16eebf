"""A full disk and a folder that cannot be written: one line, and nothing half-written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from knowledge_samples import check, content, put

from motet.knowledge.store import Store

FILL = """
import resource, sys
from pathlib import Path
from motet.core.errors import StoreError
from motet.knowledge.prepare import prepare
from motet.knowledge.store import Store

path, limit = Path(sys.argv[1]), int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    store = Store(path, "test")
    for number in range(10_000):
        data = f"# Page {number}\\n\\n{'Oak is hard. ' * 2000}".encode()
        store.put(f"{number:05}.md", version="v", size=len(data), fingerprint="1",
                  prepared=prepare(data, "page.md"), vectors=None)
except StoreError as error:
    print(error)
    raise SystemExit(3)
"""


def fill(path: Path, limit: int = 0, before: tuple[str, ...] = ()) -> str:
    """Put documents until it fails, in a process of its own; return what it says."""
    command = [*before, sys.executable, "-c", FILL, str(path), str(limit)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert found.returncode == 3, found.stderr
    assert found.stdout.count("\n") == 1
    return found.stdout


def holds_whole_sources(path: Path) -> None:
    """The store opens, is whole, and takes more."""
    store = Store(path, "test")
    names = [source.source for source in store.sources()]
    assert names == [f"{number:05}.md" for number in range(len(names))]
    check(store)
    put(store, "more.md", "Pine is soft.")
    assert len(store.sources()) == len(names) + 1
    store.close()


def test_files_may_grow_no_more(tmp_path: Path) -> None:
    said = fill(tmp_path / "store.db", 3_000_000)
    assert "cannot be read or written" in said or "the disk is full" in said
    holds_whole_sources(tmp_path / "store.db")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    said = fill(small_disk / "store.db")
    assert "the disk is full" in said or "cannot be read or written" in said
    for file in small_disk.iterdir():  # room for what comes next, as a person would make it
        shutil.copy(file, tmp_path / file.name)
    holds_whole_sources(tmp_path / "store.db")


@pytest.fixture
def powerless() -> tuple[str, ...]:
    """What to put before a command so that permissions hold for it."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and there is no setpriv to take that away")
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


def test_a_folder_that_cannot_be_written(tmp_path: Path, powerless: tuple[str, ...]) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o500)
    said = fill(folder / "store.db", before=powerless)
    assert "cannot be opened" in said
    assert "cannot be made" in fill(folder / "deeper" / "store.db", before=powerless)
    folder.chmod(0o700)
    assert list(folder.iterdir()) == []


def test_a_store_that_cannot_be_written(tmp_path: Path, powerless: tuple[str, ...]) -> None:
    store = Store(tmp_path / "home" / "store.db", "test")
    put(store, "oak.md", "Oak is hard.")
    before = content(store)
    store.close()
    for path in (tmp_path / "home" / "store.db", tmp_path / "home"):
        path.chmod(0o400 if path.is_file() else 0o500)
    assert "store.db: the store cannot be" in fill(tmp_path / "home" / "store.db", before=powerless)
    (tmp_path / "home").chmod(0o700)
    (tmp_path / "home" / "store.db").chmod(0o600)
    store = Store(tmp_path / "home" / "store.db", "test")
    assert content(store) == before
    store.close()
