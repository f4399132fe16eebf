"""Who runs a run: one process, by a lock that goes with it."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from motet.core.errors import RunOwned, StoreError
from motet.runtime.ownership import owned_file

HOLDER = """
    import sys, time
    from pathlib import Path
    from motet.core.errors import RunOwned
    from motet.runtime.ownership import owned_file
    found = owned_file(Path(sys.argv[1]))
    for run in sys.argv[2:]:
        try:
            found.take(run)
            print("took", flush=True)
        except RunOwned:
            print("owned", flush=True)
    time.sleep(30)
"""


def holder(path: Path, *runs: str) -> tuple[subprocess.Popen[bytes], list[str]]:
    """Start a process that takes runs; return it and what it could take."""
    command = [sys.executable, "-c", textwrap.dedent(HOLDER), str(path), *runs]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, [process.stdout.readline().decode().strip() for _ in runs]


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_a_run_is_owned_until_it_is_given_back(tmp_path: Path) -> None:
    found = owned_file(tmp_path / "runs.lock")
    assert found is owned_file(tmp_path / "." / "runs.lock")
    found.take("a")
    assert found.is_owned("a")
    assert not found.is_owned("b")
    with pytest.raises(RunOwned, match="a: this process is running it already"):
        found.take("a")
    found.give_back("a")
    found.give_back("never taken")
    assert not found.is_owned("a")
    found.take("a")
    found.give_back("a")


def test_another_process_owns_what_it_took_until_it_dies(tmp_path: Path) -> None:
    path = tmp_path / "runs.lock"
    found = owned_file(path)
    found.take("mine")
    process, said = holder(path, "mine", "theirs")
    assert said == ["owned", "took"]
    assert found.is_owned("theirs")
    with pytest.raises(RunOwned, match="theirs: another process is running it"):
        found.take("theirs")
    assert found.is_owned("mine")
    process.send_signal(signal.SIGSTOP)
    assert found.is_owned("theirs")
    end(process)
    assert not found.is_owned("theirs")
    found.take("theirs")
    for run in ("mine", "theirs"):
        found.give_back(run)


def test_looking_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "runs.lock"
    process, _ = holder(path)
    found = owned_file(path)
    for _ in range(200):
        assert not found.is_owned("a")
    found.take("a")
    found.give_back("a")
    end(process)


def test_a_fork_owns_nothing(tmp_path: Path) -> None:
    path = tmp_path / "runs.lock"
    code = f"""
        import os, sys
        from pathlib import Path
        from motet.core.errors import RunOwned
        from motet.runtime.ownership import owned_file
        path = Path({str(path)!r})
        owned_file(path).take("a")
        child = os.fork()
        if child == 0:
            try:
                owned_file(path).take("a")
                print("child took it", flush=True)
            except RunOwned:
                print("child may not", flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        print(owned_file(path).is_owned("a"))
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        code = "import sys; from pathlib import Path; from motet.runtime.ownership import *;"
        code += "print(owned_file(Path(sys.argv[1])).is_owned('a'))"
        os.execv(sys.executable, [sys.executable, "-c", code, str(path)])
    """
    out = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True
    )
    # What is replaced by `exec` gives its files back: they are closed then.
    assert out.stdout.split("\n") == ["child may not", "True", "False", ""], out.stderr


def test_a_place_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"runs\.lock: cannot be opened"):
        owned_file(tmp_path / "nowhere" / "runs.lock")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        owned_file(tmp_path / "folder")
