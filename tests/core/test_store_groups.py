"""Writers of several threads and processes: shared commits, fair turns, failures of their own."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from motet.core.errors import StoreError
from motet.core.store import Database, Migration, rows
from motet.core.store.turns import Turn

TABLES = (Migration("numbers", "CREATE TABLE numbers (n INTEGER PRIMARY KEY)"),)


def together(*bodies: threading.Thread) -> None:
    for each in bodies:
        each.start()
    for each in bodies:
        each.join(30)


def numbers(database: Database) -> list[int]:
    with database.read() as db:
        return [n for (n,) in rows(db, "SELECT n FROM numbers ORDER BY n")]


def test_threads_share_commits_and_no_failure(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db", TABLES, application_id=1, fair=True)
    failed: list[int] = []
    holding = threading.Event()

    def hold() -> None:
        with database.write() as db:
            holding.set()
            time.sleep(0.05)
            db.execute("INSERT INTO numbers VALUES (0)")

    def add(n: int) -> None:
        holding.wait(10)
        try:
            with database.write() as db:
                db.execute("INSERT INTO numbers VALUES (?)", (n,))
                if n % 5 == 3:
                    raise ValueError(n)
        except ValueError:
            failed.append(n)
        else:
            assert n in numbers(database)  # committed, not only written

    adding = [threading.Thread(target=add, args=(n,)) for n in range(1, 41)]
    together(threading.Thread(target=hold), *adding)
    assert sorted(failed) == [n for n in range(1, 41) if n % 5 == 3]
    assert numbers(database) == [n for n in range(41) if n not in failed]
    database.close()


def test_a_commit_that_fails_fails_all_its_writes(tmp_path: Path) -> None:
    tables = """CREATE TABLE parents (n INTEGER PRIMARY KEY);
                CREATE TABLE numbers (n INTEGER PRIMARY KEY REFERENCES parents
                                      DEFERRABLE INITIALLY DEFERRED);"""
    database = Database(tmp_path / "a.db", (Migration("t", tables),), application_id=1)
    refused: list[int] = []
    begun, waiting = threading.Event(), threading.Event()

    def add(n: int) -> None:
        try:
            with database.write() as db:
                begun.set()
                waiting.wait(10)
                db.execute("INSERT INTO numbers VALUES (?)", (n,))
        except Exception as error:
            assert "FOREIGN KEY" in str(error)
            refused.append(n)

    first = threading.Thread(target=add, args=(1,))
    first.start()
    begun.wait(10)
    second = threading.Thread(target=add, args=(2,))
    second.start()
    time.sleep(0.02)
    waiting.set()
    for each in (first, second):
        each.join(10)
    assert sorted(refused) == [1, 2]
    assert numbers(database) == []
    database.close()


HOLD = """
import sys, time
from pathlib import Path
from motet.core.store.turns import Turn
turn = Turn(Path(sys.argv[1]), 5)
turn.take()
print("taken", flush=True)
time.sleep(60)
"""


def test_the_turn_of_another_process(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    command = [sys.executable, "-c", HOLD, str(path)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == "taken\n"
        turn = Turn(path, 0.05)
        with pytest.raises(StoreError, match=r"a.db: the store is locked by another process"):
            turn.take()
        holder.kill()
        holder.wait()
        turn.take()  # the dead have none
        turn.give()
        turn.close()
