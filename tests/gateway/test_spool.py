"""The spool: what is on it survives, half-written lines do not, a full disk is said."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from motet.core.errors import StoreError
from motet.gateway.ledger.lines import aborted, closed, left_open, opened_line, void_line
from motet.gateway.ledger.spool import Head, Spool, orphan

HEAD = Head("spool_1", "ledger_1", 1)
LINES = [b'["one"]\n', b'["two"]\n', b'["three"]\n']


def written(folder: Path, *lines: bytes) -> Spool:
    spool = Spool(folder, HEAD)
    for line in lines:
        spool.add(line)
    spool.commit()
    return spool


def test_what_is_committed_is_read(tmp_path: Path) -> None:
    spool = written(tmp_path, *LINES)
    assert spool.read(spool.start, 1000) == b"".join(LINES)
    assert spool.read(spool.start, 12) == LINES[0]  # whole lines only
    assert spool.read(spool.start + len(LINES[0]), 1000) == b"".join(LINES[1:])
    assert spool.read(spool.size, 1000) == b""
    spool.add(b"later\n")
    assert spool.read(spool.size, 1000) == b""
    spool.leave()


def test_a_new_generation_keeps_what_it_is_told_and_the_rest(tmp_path: Path) -> None:
    spool = written(tmp_path, *LINES)
    spool.renew(spool.start + len(LINES[0]), b"kept\n")
    assert spool.head == Head("spool_1", "ledger_1", 2)
    assert spool.read(spool.start, 1000) == b"kept\n" + LINES[1] + LINES[2]
    spool.add(b"new\n")
    spool.commit()
    assert spool.read(spool.start, 1000).endswith(b'three"]\nnew\n')
    assert [each.name for each in tmp_path.iterdir()] == ["spool_1.spool"]
    spool.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_spool_is_held_by_its_process(tmp_path: Path) -> None:
    path = tmp_path / "spool_1.spool"
    spool = written(tmp_path, *LINES)
    with orphan(path) as found:
        assert found is None
    spool.renew(spool.start, b"")
    with orphan(path) as found:
        assert found is None
    spool.leave()
    with orphan(path) as found:
        assert found is not None
        assert found.head == Head("spool_1", "ledger_1", 2)
        assert found.data.endswith(b"".join(LINES))
        with orphan(path) as other:
            assert other is None
    with orphan(tmp_path / "none.spool") as found:
        assert found is None


def test_a_half_written_line_is_no_line(tmp_path: Path) -> None:
    written(tmp_path, *LINES).leave()
    path = tmp_path / "spool_1.spool"
    path.write_bytes(path.read_bytes()[:-3])
    with orphan(path) as found:
        assert found is not None
        assert found.data.endswith(LINES[1])


def test_what_is_no_spool_has_no_head(tmp_path: Path) -> None:
    for text in ("", "x", "[]\n", '{"holder": "a"}\n', "\udcff"):
        (tmp_path / "odd.spool").write_text(text, errors="surrogateescape")
        with orphan(tmp_path / "odd.spool") as found:
            assert found is not None
            assert found.head is None


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="calls cannot be recorded"):
        Spool(tmp_path / "file" / "spool", HEAD)


FULL = """
import resource, signal, sys
from pathlib import Path
from motet.core.errors import StoreError
from motet.gateway.ledger.spool import Head, Spool

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
spool = Spool(Path(sys.argv[1]), Head("spool_1", "ledger_1", 1))
resource.setrlimit(resource.RLIMIT_FSIZE, (spool.size + 25, resource.RLIM_INFINITY))
spool.add(b"1234567890123456789\\n")
spool.commit()
for _ in range(2):
    try:
        spool.add(b"another 7890\\n")
        spool.commit()
        raise SystemExit("a full disk was not noticed")
    except StoreError as error:
        print(error.message)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
spool.commit()
assert spool.read(spool.start, 1000) == b"1234567890123456789\\n" + b"another 7890\\n" * 2
"""


def test_a_full_disk_is_said_and_leaves_no_half_line(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["the disk is full, calls cannot be recorded"] * 2


def test_lines_say_what_was_left_open() -> None:
    def opened(id: str, attempt: int) -> bytes:
        where = ("key_1", "ops", "ann", "desk", "run_1", "chat", "openai", "small")
        return opened_line((id, attempt, 1.5, *where, 7, 7, 0))

    lines = [opened("a", 1), opened("a", 2), opened("b", 1), opened("c", 1)]
    lines += [b'[1,0,0,"a",1]\n', void_line("b", 1), opened("a", 2)]
    found = left_open(lines)
    assert [each[:2] for each in found] == [("a", 2), ("c", 1)]
    row = aborted(found[1])
    assert row[:7] == [1, 7, 0, "c", 1, 1.5, "aborted"]
    assert list(closed([lines[0], void_line("b", 1)])) == []
