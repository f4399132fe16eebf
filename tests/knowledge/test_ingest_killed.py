"""`kill -9` during an ingest: the store holds whole sources only, and ingest goes on."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from knowledge_samples import check, content

from motet.knowledge.store import Store

SUBJECTS = ("hinge", "drawer", "oak board", "Scharnier", "柜门铰链", "경첩", "蝶番")


def write_documents(folder: Path, seed: int) -> None:
    """Write some thirty documents of several kinds and sizes."""
    chance = random.Random(seed)
    folder.mkdir()
    for number in range(12):
        lines = [
            f"## Part {n}\n\nThe {chance.choice(SUBJECTS)} weighs {chance.randrange(900)} g. "
            for n in range(chance.randrange(2, 120))
        ]
        (folder / f"note{number}.md").write_text("\n\n".join(lines))
    for number in range(9):
        rows = [
            f'{n},"{chance.choice(SUBJECTS)}, large",{chance.random():.2f}'
            for n in range(chance.randrange(1, 300))
        ]
        (folder / f"table{number}.csv").write_text("\n".join(["id,part,price", *rows]) + "\n")
    for number in range(6):
        (folder / f"page{number}.html").write_text(
            f"<h1>Page {number}</h1>" + "<p>The hinge is made of steel.</p>" * (number * 40 + 1)
        )
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4\n" + chance.randbytes(400))
    (folder / "empty.txt").write_bytes(b"")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a declaration and documents."""
    write_documents(tmp_path / "docs", seed=7)
    (tmp_path / "motet.yaml").write_text("system: kept\nknowledge: [./docs]\n")
    return tmp_path


def start(project: Path, home: Path) -> subprocess.Popen[bytes]:
    run = "from motet.cli import main; main()"
    command = [sys.executable, "-c", run, "ingest", "-s", str(project)]
    return subprocess.Popen(
        command,
        env={**os.environ, "MOTET_HOME": str(home), "MOTET_CACHE": str(project / "no-cache")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def opened(project: Path, home: Path) -> Store:
    return Store(home / "store.db", f"kept@{project}")


def test_killed_at_any_moment(project: Path) -> None:
    undisturbed = start(project, project / "one")
    began = time.monotonic()
    assert undisturbed.communicate(timeout=60)[1].count(b"skipped") == 2
    whole = time.monotonic() - began
    assert undisturbed.returncode == 0
    store = opened(project, project / "one")
    wanted = content(store)
    store.close()
    assert len(wanted) == 29

    chance = random.Random()
    kills = 0
    for _ in range(8):
        process = start(project, project / "two")
        time.sleep(chance.uniform(0.2, 1.0) * whole)
        process.kill()
        process.communicate()
        store = opened(project, project / "two")
        check(store)
        held = content(store)
        assert held == {source: wanted[source] for source in held}
        store.close()
        if process.returncode == -signal.SIGKILL:
            kills += 1
        else:  # it was done before: begin anew, and strike sooner
            shutil.rmtree(project / "two")
            whole /= 2
    assert kills

    last = start(project, project / "two")
    last.communicate(timeout=60)
    assert last.returncode == 0
    store = opened(project, project / "two")
    check(store)
    assert content(store) == wanted
    store.close()


def test_killed_while_documents_are_replaced(project: Path) -> None:
    start(project, project / "home").communicate(timeout=60)
    store = opened(project, project / "home")
    old = content(store)
    store.close()
    for path in (project / "docs").glob("*.md"):
        path.write_text("# New\n\n" + "The drawer is new. " * 50)
    process = start(project, project / "home")
    deadline = time.monotonic() + 60
    store = opened(project, project / "home")
    before = store.sequence()
    while store.sequence() < before + 3 and time.monotonic() < deadline:
        time.sleep(0.002)
    process.kill()
    process.communicate()
    check(store)
    for source, held in content(store).items():
        if held != old[source]:
            assert store.text(source).text == (project / source).read_text()
    store.close()
    last = start(project, project / "home")
    last.communicate(timeout=60)
    assert last.returncode == 0
