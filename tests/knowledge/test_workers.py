"""Readers in processes of their own: one that dies, hangs or eats memory costs one document."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from motet.core.errors import ExtractionError
from motet.knowledge import workers
from motet.knowledge.discover import Found, Root, discover
from motet.knowledge.prepare import Prepared
from motet.knowledge.workers import Workers

# A worker as it is, but that some file names make the parser fail as native code does.
BAD_WORKER = """
import ctypes, os, signal, time
from motet.knowledge import worker
prepare = worker.prepare
def failing(data, name):
    if name.startswith("crash"):
        ctypes.string_at(0)
    if name.startswith("abort"):
        os.abort()
    if name.startswith("hang"):
        time.sleep(1000)
    if name.startswith("stuck"):
        signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.valid_signals()))
        time.sleep(1000)
    if name.startswith("memory"):
        return bytearray(worker.MEMORY)
    if name.startswith("bug"):
        raise KeyError("bug")
    if name.startswith("exit"):
        raise SystemExit(0)
    if name.startswith("chatty"):
        os.write(1, b"noise on stdout"); print("more noise")
    if name.startswith("deep"):
        return failing(data, name)
    return prepare(data, name)
worker.prepare = failing
worker.main()
"""


def files(folder: Path, *names: str) -> list[Found]:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text("Oak is hard.")
    return discover(folder, [Root(".")], lambda name: True)


def outcomes(reader: Workers, found: list[Found]) -> dict[str, str]:
    with closing(reader.read(found, lambda file, version: False)) as readings:
        return {
            each.file.source: (
                each.outcome.message
                if isinstance(each.outcome, ExtractionError)
                else "read"
                if isinstance(each.outcome, Prepared)
                else "same"
            )
            for each in readings
        }


@pytest.fixture
def bad_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start `BAD_WORKER` in place of the module."""
    script = tmp_path / "bad_worker.py"
    script.write_text(BAD_WORKER)
    (tmp_path / "python").write_text(f"#!/bin/sh\nexec {sys.executable} {script}\n")
    (tmp_path / "python").chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait three seconds for a document."""
    monkeypatch.setattr(workers, "BASE_SECONDS", 3)


def children() -> set[int]:
    """The processes that this process started and that live."""
    found = Path("/proc/self/task").glob("*/children")
    return {int(pid) for path in found for pid in path.read_text().split()}


@pytest.mark.usefixtures("bad_worker", "impatient")
def test_a_document_that_breaks_its_reader_costs_itself_only(tmp_path: Path) -> None:
    bad = ["crash.md", "abort.md", "hang.md", "stuck.md", "memory.md", "bug.md", "exit.md"]
    good = [f"good{number}.md" for number in range(6)]
    reader = Workers(2)
    said = outcomes(reader, files(tmp_path / "docs", *bad, *good, "chatty.md", "deep.md"))
    reader.close()
    assert {name for name, outcome in said.items() if outcome == "read"} == {*good, "chatty.md"}
    assert "SIGSEGV" in said["crash.md"]
    assert "SIGABRT" in said["abort.md"]
    assert said["hang.md"] == said["stuck.md"] == "reading it took more than 3 s"
    assert "more memory than is allowed" in said["memory.md"]
    assert "ended unexpectedly" in said["bug.md"]
    assert "ended unexpectedly" in said["exit.md"]
    assert "nested too deeply" in said["deep.md"]


@pytest.mark.usefixtures("bad_worker")
def test_leaving_early_ends_every_process_at_once(tmp_path: Path) -> None:
    found = files(tmp_path / "docs", "good.md", *(f"hang{number}.md" for number in range(6)))
    before = children()
    reader = Workers(2)
    began = time.monotonic()
    with closing(reader.read(found, lambda file, version: False)) as readings:
        assert next(readings).file.source == "good.md"
    reader.close()
    assert time.monotonic() - began < 10
    assert children() <= before


def test_a_closed_pool_leaves_no_process(tmp_path: Path) -> None:
    before = children()
    reader = Workers(2)
    assert set(outcomes(reader, files(tmp_path / "docs", "a.md", "b.md")).values()) == {"read"}
    assert len(children() - before) == 2
    reader.close()
    assert children() <= before


def test_what_is_known_starts_no_process(tmp_path: Path) -> None:
    before = children()
    reader = Workers(2)
    found = files(tmp_path / "docs", "a.md")
    with closing(reader.read(found, lambda file, version: True)) as readings:
        assert [each.outcome for each in readings] == [None]
    assert children() <= before
    reader.close()


def test_too_large_a_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MAX_BYTES", 3)
    reader = Workers(1)
    assert "larger than" in outcomes(reader, files(tmp_path / "docs", "a.md"))["a.md"]
    reader.close()


def test_modules_beside_the_documents_are_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "docs"
    found = files(folder, "a.md")
    for name in ("csv", "json", "motet", "lxml"):
        (folder / f"{name}.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(folder)
    reader = Workers(1)
    assert outcomes(reader, found) == {"a.md": "read"}
    reader.close()


FORGET = """
import os, sys, time
from pathlib import Path
from motet.knowledge.discover import Root, discover
from motet.knowledge.workers import Workers
reader = Workers(2)
found = discover(Path(sys.argv[1]), [Root(".")], lambda name: True)
readings = reader.read(found, lambda file, version: False)
next(readings)
print(*(worker._process.pid for worker in reader._all if worker._process), flush=True)
os.kill(os.getpid(), 9)
"""


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_readers_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    files(tmp_path / "docs", *(f"{number}.md" for number in range(8)))
    command = [sys.executable, "-c", FORGET, str(tmp_path / "docs")]
    killed = subprocess.run(command, capture_output=True, text=True)
    assert killed.returncode == -9
    pids = [int(pid) for pid in killed.stdout.split()]
    assert pids
    wait_for(lambda: all(map(gone, pids)))
