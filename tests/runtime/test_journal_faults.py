"""A journal on a full disk, locked, damaged, old or new: it says so, and loses no other run."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest
from plan_samples import alone, statuses

import motet
from motet.core.clock import tick
from motet.runtime.journal import Journal
from motet.runtime.runs import get, journal_of


@motet.operator(effect="pure")
async def double(x: int) -> int:
    return 2 * x


@motet.operator(effect="read")
async def slow(x: int) -> int:
    await asyncio.sleep(0.05)
    return x


def row(count: int) -> motet.Plan:
    """Return a plan whose nodes come one after the other."""
    plan = motet.Plan()
    ref: object = 1
    for _ in range(count):
        ref = plan.add(slow, ref)
    return plan


def python(code: str, *words: object) -> str:
    """Run Python with words; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# Full disks and places that cannot be written

FULL = """
    import random, resource, signal, string, sys, motet
    home = sys.argv[1]

    @motet.operator(effect="pure")
    def big(x: int) -> str:
        letters = random.Random(x).choices(string.ascii_letters + string.digits + "-_.!", k=50_000)
        return str(x) + "".join(letters)  # nothing that could be kept in less

    def plan(count):
        plan = motet.Plan()
        plan.add(len, [plan.add(big, each) for each in range(count)])
        return plan

    print(motet.run(plan(2), id="before", home=home).value)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, limits[1]))
    try:
        print(motet.run(plan(40), id="full", home=home).status)
    except motet.StoreError as error:
        print("StoreError", error)
    print(motet.resume("before", home=home).value)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    print(motet.run(plan(40), id="full", home=home).value)
    print(motet.run(plan(3), id="after", home=home).value)
"""


def test_a_full_disk_fails_its_run_only(tmp_path: Path) -> None:
    said = python(FULL, tmp_path).splitlines()
    assert said[0] == "2"
    assert said[1].startswith(f"StoreError {tmp_path / 'runs.db'}: the ")
    assert said[2:] == ["2", "40", "3"]
    assert Journal(tmp_path / "runs.db").check() == []
    values = {span.node: span.text for span in get("full", home=tmp_path).record.nodes}
    assert [len(values[f"big.{each}"] or "") for each in range(2, 11)] == [50_003] * 9


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for home in (tmp_path / "file" / "home", Path("/proc/nowhere")):
        with pytest.raises(motet.StoreError, match="the folder of the store cannot be made"):
            motet.run(alone(double, 1), home=home)
    assert motet.run(alone(double, 1), home=tmp_path / "file", durability="none").value == 2


# Other processes

HOLD = """
    import sys, time, apsw
    db = apsw.Connection(sys.argv[1])
    db.execute("PRAGMA locking_mode = " + sys.argv[2])
    db.execute("BEGIN EXCLUSIVE")
    db.execute("CREATE TABLE IF NOT EXISTS held (x)")
    print("held", flush=True)
    time.sleep(float(sys.argv[3]))
    db.execute("ROLLBACK")
"""


@contextmanager
def held(path: Path, seconds: float, mode: str = "NORMAL") -> Iterator[None]:
    """Have another process lock the file for a while."""
    command = [sys.executable, "-c", textwrap.dedent(HOLD), str(path), mode, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield


async def watched(seconds: float) -> float:
    """Return the longest time for which the loop did nothing."""
    longest, until = 0.0, tick() + seconds
    while (last := tick()) < until:
        await asyncio.sleep(0.01)
        longest = max(longest, tick() - last)
    return longest


def test_a_locked_journal_blocks_no_loop(tmp_path: Path) -> None:
    motet.run(alone(double, 1), home=tmp_path)

    async def scenario() -> None:
        with held(tmp_path / "runs.db", 2.0):
            began = tick()
            runs = [motet.arun(row(5), id=f"r{each}", home=tmp_path) for each in range(3)]
            lag, *found = await asyncio.gather(watched(2.1), *runs)
            assert [each.value for each in found] == [1, 1, 1]
            assert tick() - began > 1
            assert lag < 1.2

    asyncio.run(scenario())


def test_a_journal_locked_before_it_is_opened_blocks_no_loop(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    Journal(path).close()

    async def scenario() -> None:
        with held(path, 2.0, "EXCLUSIVE"):
            run = motet.arun(alone(double, 4), home=tmp_path)
            lag, found = await asyncio.gather(watched(2.1), run)
            assert found.value == 8
            assert lag < 1.2

    asyncio.run(scenario())


def test_many_processes_open_a_new_journal_at_once(tmp_path: Path) -> None:
    code = """
        import sys, motet
        plan = motet.Plan(); plan.add(len, [1, 2])
        print(motet.run(plan, home=sys.argv[1]).value)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    others = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    assert [each.communicate()[0] for each in others] == [b"2\n"] * 4
    assert len(journal_of(tmp_path).recent()) == 4


# Damage


def whole(folder: Path) -> Path:
    """Return a journal's file with a finished run; beside it lies another file."""
    (folder / "store.db").write_bytes(b"knowledge")
    journal = Journal(folder / "runs.db")
    journal.close()
    motet.run(row(3), id="a", home=folder)
    journal_of(folder).close()
    return folder / "runs.db"


DAMAGES = {
    "garbage": lambda data: b"no database at all" * 1000,
    "truncated": lambda data: data[: len(data) // 3],
    "zeros": lambda data: data[:4096] + bytes(len(data) - 4096),
    "a torn header": lambda data: data[:50] + b"\xff" * 50 + data[100:],
    "noise": lambda data: bytes(
        each ^ 0xFF if at > 4096 and at % 97 == 0 else each for at, each in enumerate(data)
    ),
}
OPEN = """
    import sys, motet
    plan = motet.Plan(); plan.add(len, [1, 2])
    try:
        import motet.runtime.runs as runs
        print(runs.get("a", home=sys.argv[1]).value)
        print(motet.run(plan, id="b", home=sys.argv[1]).value)
    except motet.MotetError as error:
        print(type(error).__name__, error)
"""


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named_and_nothing_else_touched(tmp_path: Path, damage: str) -> None:
    path = whole(tmp_path)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    for each in ("-wal", "-shm"):
        path.with_name(f"runs.db{each}").unlink(missing_ok=True)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    said = python(OPEN, tmp_path)
    assert said.startswith("StoreError"), said
    assert str(path) in said
    assert "damaged" in said
    assert (tmp_path / "store.db").read_bytes() == b"knowledge"
    if damage == "garbage":
        assert hashlib.sha256(path.read_bytes()).hexdigest() == before
        # Moved away, as the message says, a new one is made.
        for each in tmp_path.glob("runs.db*"):
            each.rename(each.with_name(f"old-{each.name}"))
        assert "no such run" in python(OPEN, tmp_path)


def test_a_value_that_is_damaged_harms_its_run_only(tmp_path: Path) -> None:
    motet.run(row(3), id="a", home=tmp_path)
    motet.run(row(3), id="b", home=tmp_path)
    db = apsw.Connection(str(tmp_path / "runs.db"))
    db.execute("UPDATE nodes SET value = '{\"$tuple\":' WHERE run = 'a' AND node = 'slow.3'")
    db.close()
    said = python(OPEN, tmp_path)
    assert said.startswith("RunError slow.3: the recorded value cannot be read"), said
    assert get("b", home=tmp_path).value == 1


def test_a_base_that_is_gone_is_named(tmp_path: Path) -> None:
    @motet.operator(effect="pure")
    def longer(texts: list[str]) -> list[str]:
        return [*texts, "new"]

    plan = motet.Plan()
    ref: object = ["x" * 5000]
    for _ in range(4):
        ref = plan.add(longer, ref)
    motet.run(plan, id="a", home=tmp_path)
    db = apsw.Connection(str(tmp_path / "runs.db"))
    db.execute("DELETE FROM nodes WHERE run = 'a' AND node = 'longer.2'")
    db.close()
    assert "StoreError the value of 'longer.3' builds on 'longer.2'" in python(OPEN, tmp_path)


def test_a_journal_that_is_lost_while_it_is_used_is_named(tmp_path: Path) -> None:
    async def scenario() -> None:
        task = asyncio.create_task(motet.arun(row(40), id="a", home=tmp_path))
        await asyncio.sleep(0.3)
        db = apsw.Connection(str(tmp_path / "runs.db"))
        db.execute("DROP TABLE nodes")
        db.close()
        with pytest.raises(motet.StoreError, match=r"runs\.db"):
            await asyncio.wait_for(task, 10)

    asyncio.run(scenario())


# Other versions

FIRST = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, trace_id TEXT NOT NULL, span_id TEXT NOT NULL, system TEXT NOT NULL,
    skill TEXT NOT NULL, question TEXT NOT NULL, plan TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed', 'cancelled')),
    started REAL NOT NULL, seconds REAL, value TEXT, error TEXT
) WITHOUT ROWID;
CREATE INDEX runs_by_time ON runs (system, started);
CREATE TABLE nodes (
    run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE, node TEXT NOT NULL,
    span_id TEXT NOT NULL, operator TEXT NOT NULL, method TEXT NOT NULL, choice TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed', 'cancelled')),
    started REAL NOT NULL, seconds REAL, input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0, cost REAL NOT NULL DEFAULT 0, rows INTEGER,
    note TEXT NOT NULL DEFAULT '', value TEXT, error TEXT, PRIMARY KEY (run, node)
) WITHOUT ROWID;
CREATE INDEX nodes_by_choice ON nodes (method, choice, started) WHERE status = 'done';
PRAGMA application_id = 0x4D4F5452;
PRAGMA user_version = 1;
"""
OLD_PLAN = """{"skill":"answer","output":"a","estimate":{},"warnings":[],"nodes":[]}"""


def test_a_journal_of_the_first_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    db = apsw.Connection(str(path))
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(FIRST)
    for number in range(50):
        db.execute(
            "INSERT INTO runs VALUES (?, 't', 's', 'shop', 'answer', '?', ?, ?, ?, 0.5, ?, NULL)",
            (f"r{number}", OLD_PLAN, ("done", "running")[number % 2], 1000.0 + number, '{"a":1}'),
        )
        db.execute(
            """INSERT INTO nodes VALUES (?, 'retrieve', 's', 'retrieve', 'retrieve.hybrid', 'bm25',
               'done', 1000.0, 0.25, 7, 3, 0.5, 8, 'note', '[1]', NULL)""",
            (f"r{number}",),
        )
    db.close()
    journal = Journal(path)
    assert len(journal.recent(limit=100)) == 50
    record = journal.get("r7")
    assert (record.status, record.kind, record.system, record.value) == (
        "running", "system", "shop", {"a": 1},
    )  # fmt: skip
    (span,) = record.nodes
    assert (span.node, span.value, span.status) == ("retrieve", [1], "done")
    assert (span.usage.input_tokens, span.usage.cost_usd, span.usage.rows) == (7, 0.5, 8)
    assert (span.parent, span.needs, span.attempts) == (None, (), 1)
    journal.close()
    assert Journal(path).check() == []
    assert motet.run(alone(double, 2), home=tmp_path).value == 4


def test_a_journal_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = whole(tmp_path)
    db = apsw.Connection(str(path))
    db.execute("PRAGMA user_version = 99")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    before = path.read_bytes()
    said = python(OPEN, tmp_path)
    assert "StoreError" in said
    assert "the store has schema 99" in said
    assert "use the newer Motet" in said
    assert path.read_bytes() == before


def test_another_programs_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    db = apsw.Connection(str(path))
    db.execute("CREATE TABLE mine (x)")
    db.close()
    before = path.read_bytes()
    assert "belongs to something else" in python(OPEN, tmp_path)
    assert path.read_bytes() == before


# What runs owe each other


def test_one_runs_bad_row_harms_no_other_run(tmp_path: Path) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    @motet.operator
    async def bad(x: int) -> None:
        await asyncio.sleep(0.01 * x)
        raise Mute

    async def scenario() -> list[motet.Run]:
        bads = [motet.arun(alone(bad, each), home=tmp_path) for each in range(5)]
        goods = [motet.arun(row(3), home=tmp_path) for _ in range(5)]
        return list(await asyncio.gather(*bads, *goods))

    runs = asyncio.run(scenario())
    assert [each.status for each in runs] == ["failed"] * 5 + ["done"] * 5
    assert statuses(runs[0]) == {"bad": "failed"}


def test_nothing_is_left_open_when_a_run_is_over(tmp_path: Path) -> None:
    began = time.monotonic()
    for _ in range(20):
        assert motet.run(alone(double, 1), home=tmp_path).value == 2
    assert time.monotonic() - began < 5
    record = journal_of(tmp_path).recent(limit=100)
    assert {each.status for each in record} == {"done"}
