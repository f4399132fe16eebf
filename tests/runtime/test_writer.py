"""Group commit: everything posted is written, in order, and who must know is told."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Collection

import pytest

from motet.core.errors import MotetBug, StoreError
from motet.runtime.writer import GroupWriter

Row = tuple[str, int]


class Paper:
    """What is written, group by group; `broken` says which rows cannot be."""

    def __init__(self) -> None:
        self.groups: list[list[Row]] = []
        self.broken: set[Row] = set()
        self.gate = threading.Event()
        self.gate.set()

    def write(self, rows: list[Row], owners: Collection[str]) -> None:
        assert {owner for owner, _ in rows} <= set(owners)
        self.gate.wait(10)
        if self.broken & set(rows):
            raise OSError("the paper is torn")
        self.groups.append(list(rows))

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group]


def test_what_is_posted_is_written_in_order() -> None:
    paper = Paper()
    writer = GroupWriter(paper.write)
    for number in range(1000):
        writer.post("a", number, ("a", number))
    writer.wait()
    assert paper.rows == [("a", number) for number in range(1000)]
    assert len(paper.groups) < 500
    writer.close()


def test_a_row_replaces_the_one_that_still_waits() -> None:
    paper = Paper()
    paper.gate.clear()
    writer = GroupWriter(paper.write)
    writer.post("a", "first", ("a", 0))
    time.sleep(0.05)  # the first group is being written
    for number in (1, 2, 3):
        writer.post("a", "key", ("a", number))
        writer.post("a", f"other{number}", ("a", 10 * number))
    paper.gate.set()
    writer.wait()
    assert paper.groups == [[("a", 0)], [("a", 3), ("a", 10), ("a", 20), ("a", 30)]]
    writer.close()


def test_who_waits_is_told_after_the_writing() -> None:
    paper = Paper()
    writer = GroupWriter(paper.write)
    for number in range(200):
        writer.post("a", number, ("a", number))
        if number % 10 == 0:
            writer.wait()
            assert paper.rows[-1] == ("a", number)
    writer.close()


def test_a_failure_reaches_its_owner_only() -> None:
    paper = Paper()
    paper.broken = {("a", 1)}
    writer = GroupWriter(paper.write)
    writer.post("a", 1, ("a", 1))
    with pytest.raises(StoreError, match="cannot be written: the paper is torn"):
        writer.wait()
    with pytest.raises(StoreError):
        writer.post("a", 2, ("a", 2))
    writer.post("b", 1, ("b", 1))
    writer.wait()
    assert paper.rows == [("b", 1)]
    writer.forget("a")
    writer.post("a", 3, ("a", 3))
    writer.wait()
    assert paper.rows == [("b", 1), ("a", 3)]
    writer.close()


def test_after_a_failure_nothing_more_of_its_owner_is_written() -> None:
    paper = Paper()
    paper.broken = {("a", 1)}
    paper.gate.clear()
    writer = GroupWriter(paper.write)
    told: list[tuple[str, BaseException | None]] = []
    done = threading.Event()
    writer.post("a", 1, ("a", 1))
    time.sleep(0.05)  # the group that cannot be written is being written
    writer.post("a", 2, ("a", 2))
    writer.post("b", 1, ("b", 1))
    writer.flush(lambda error: told.append(("a", error)), "a")
    writer.flush(lambda error: told.append(("b", error)), "b")
    writer.flush(lambda error: (told.append(("", error)), done.set())[0])
    paper.gate.set()
    assert done.wait(5)
    assert paper.rows == [("b", 1)]
    assert [(name, type(error)) for name, error in told] == [
        ("a", StoreError), ("b", type(None)), ("", StoreError),
    ]  # fmt: skip
    writer.wait()
    writer.forget("a")
    writer.close()


def test_many_threads_post_and_wait() -> None:
    paper = Paper()
    writer = GroupWriter(paper.write)

    def work(name: str) -> None:
        dice = random.Random(name)
        for number in range(100):
            writer.post(name, (name, number), (name, number))
            if dice.random() < 0.1:
                writer.wait()
                assert (name, number) in paper.rows

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcdef"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    writer.close()
    for name in "abcdef":
        assert [row for row in paper.rows if row[0] == name] == [(name, n) for n in range(100)]


def test_closing_writes_what_is_left() -> None:
    paper = Paper()
    writer = GroupWriter(paper.write)
    writer.post("a", 1, ("a", 1))
    writer.close()
    assert paper.rows == [("a", 1)]
    with pytest.raises(MotetBug, match="closed"):
        writer.post("a", 2, ("a", 2))
