"""One SQLite file: transactions, migrations, and every way a file can be unusable."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest

from motet.core.errors import StoreError
from motet.core.store import Database, Migration, row, rows

OURS = 0x11223344
NOTES = (Migration("notes", "CREATE TABLE notes (note TEXT NOT NULL UNIQUE)"),)


def opened(path: Path, migrations: tuple[Migration, ...] = NOTES, busy: int = 200) -> Database:
    return Database(path, migrations, application_id=OURS, busy_milliseconds=busy)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = opened(tmp_path / "notes.db")
    yield found
    found.close()


def add(database: Database, note: str) -> None:
    with database.write() as db:
        db.execute("INSERT INTO notes VALUES (?)", (note,))


def notes(database: Database) -> list[str]:
    with database.read() as db:
        return [each[0] for each in rows(db, "SELECT note FROM notes ORDER BY note")]


def test_what_was_written_is_read_and_stays(tmp_path: Path) -> None:
    first = opened(tmp_path / "deep" / "notes.db")
    add(first, "a")
    assert notes(first) == ["a"]
    first.close()
    again = opened(tmp_path / "deep" / "notes.db")
    assert notes(again) == ["a"]
    again.close()


def test_an_error_takes_the_whole_transaction_back(database: Database) -> None:
    with pytest.raises(RuntimeError, match="no more"), database.write() as db:
        db.execute("INSERT INTO notes VALUES ('a')")
        raise RuntimeError("no more")
    assert notes(database) == []
    add(database, "b")
    assert notes(database) == ["b"]


def test_a_write_within_a_write_belongs_to_it(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as db:
        db.execute("INSERT INTO notes VALUES ('a')")
        add(database, "b")
        raise RuntimeError
    assert notes(database) == []


def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError), database.read() as db:
        db.execute("INSERT INTO notes VALUES ('a')")


def test_reads_go_on_while_another_thread_writes(database: Database) -> None:
    add(database, "a")
    with database.write() as db, ThreadPoolExecutor(1) as pool:
        db.execute("INSERT INTO notes VALUES ('b')")
        assert pool.submit(notes, database).result(5) == ["a"]
    assert notes(database) == ["a", "b"]


def test_threads_write_one_after_the_other(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: add(database, f"{n:03}"), range(100)))
    assert len(notes(database)) == 100


def test_threads_that_end_leave_no_open_files(database: Database) -> None:
    def look() -> int:
        thread = threading.Thread(target=notes, args=(database,))
        thread.start()
        thread.join()
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    before = look()
    for _ in range(30):
        look()
    assert look() <= before + 3


def test_migrations_run_once_and_in_order(tmp_path: Path) -> None:
    opened(tmp_path / "notes.db").close()

    def fill(db: apsw.Connection) -> None:
        db.execute("UPDATE notes SET stars = 5")

    more = (*NOTES, Migration("stars", "ALTER TABLE notes ADD COLUMN stars"), Migration("f", fill))
    for _ in range(2):
        database = opened(tmp_path / "notes.db", more)
        with database.read() as db:
            assert row(db, "PRAGMA user_version") == (3,)
            assert row(db, "SELECT stars FROM notes") is None
        database.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    opened(tmp_path / "notes.db").close()

    def fail(db: apsw.Connection) -> None:
        db.execute("DROP TABLE notes")
        raise RuntimeError("cannot")

    with pytest.raises(RuntimeError):
        opened(tmp_path / "notes.db", (*NOTES, Migration("bad", fail)))
    database = opened(tmp_path / "notes.db")
    assert notes(database) == []
    database.close()


def test_a_newer_schema_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    opened(path, (*NOTES, Migration("more", "CREATE TABLE more (x)"))).close()
    with pytest.raises(StoreError, match="has schema 2, this Motet knows 1") as caught:
        opened(path)
    assert str(path) in str(caught.value)


def test_another_programs_file_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with apsw.Connection(str(path)) as theirs:
        theirs.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    theirs.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="belongs to something else"):
        opened(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"hello", b"x" * 5000, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.db"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        opened(path)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "notes.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        opened(tmp_path / "notes.db")
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be made"):
        opened(tmp_path / "file" / "notes.db")


@pytest.mark.parametrize("seed", range(8))
def test_flipped_bits_are_damage_or_harmless(tmp_path: Path, seed: int) -> None:
    whole = opened(tmp_path / "whole.db")
    for number in range(400):
        add(whole, f"{number} " + "note " * 20)
    whole.close()
    content = (tmp_path / "whole.db").read_bytes()
    chance = random.Random(seed)
    for turn in range(12):
        path = tmp_path / f"{turn}.db"
        damaged = bytearray(content)
        for _ in range(chance.choice([1, 20, 400])):
            place = chance.randrange(len(damaged) if chance.random() < 0.6 else 200)
            damaged[place] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        use(path)


def use(path: Path) -> None:
    """Everything works on the file, or one line says why not."""
    try:
        database = opened(path)
    except StoreError as error:
        assert str(path) in str(error)
        return
    try:
        notes(database)
        add(database, "one more")
        database.check()
    except StoreError as error:
        assert "\n" not in str(error)
    finally:
        database.close()


HOLD = """
import sys, apsw
db = apsw.Connection(sys.argv[1])
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_lock_of_another_process(tmp_path: Path) -> None:
    database = opened(tmp_path / "notes.db")
    command = [sys.executable, "-c", HOLD, str(database.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match="locked by another process"):
            add(database, "a")
        assert notes(database) == []
        other.communicate()
    add(database, "a")
    assert notes(database) == ["a"]
    database.close()


OPEN = """
import sys
from pathlib import Path
from motet.core.store import Database, Migration
sys.stdin.read()
steps = [Migration(f"t{n}", f"CREATE TABLE t{n} (x)") for n in range(20)]
Database(Path(sys.argv[1]), steps, application_id=1).close()
"""


def test_many_processes_make_one_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN, str(tmp_path / "notes.db")]
    openers = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(6)]
    for opener in openers:  # each waits for the end of its input, so that all start together
        assert opener.stdin is not None
        opener.stdin.close()
    assert [opener.wait(30) for opener in openers] == [0] * 6
