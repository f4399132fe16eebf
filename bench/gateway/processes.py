"""Processes under test: started, asked until they answer, measured with all their children."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Self

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
PATIENCE = 90.0


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tree(root: int) -> list[int]:
    """Return a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def cpu(root: int) -> float:
    """Return the CPU seconds, user and system, that a process tree has used."""
    total = 0
    for pid in tree(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / _TICK


def resident(root: int) -> float:
    """Return the MB of memory that a process tree holds; shared pages count in each process."""
    pages = 0
    for pid in tree(root):
        try:
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except OSError:
            continue
    return pages * _PAGE / 1e6


class Running:
    """A server process: started on entering, stopped on leaving; its output is in `log`."""

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        log: Path,
        *,
        at: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port
        self.log = log
        self._command = command
        self._at = at
        self._env = env

    def __enter__(self) -> Self:
        self.started = time.monotonic()
        with self.log.open("wb") as out:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._at,
                env=self._env,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the process; kill it if it does not stop by itself."""
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill the process and its workers at once."""
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Send one request; raises `OSError` where nobody listens."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body or None, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def await_answer(self, body: bytes, headers: Mapping[str, str]) -> float:
        """Return the seconds from the start to the first completion that is answered 200."""
        until = time.monotonic() + PATIENCE
        last: object = "nothing"
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                last = self.request("POST", "/v1/chat/completions", body, headers)
            except OSError as error:
                last = error
            else:
                if last[0] == 200:
                    return time.monotonic() - self.started
            time.sleep(0.02)
        raise RuntimeError(f"{self._command[0]}: no answer ({last}); see {self.log}")
