"""A process that has imported everything and forks children to be killed: quicker than starting.

Run as a script it reads one JSON object per line, forks, and answers with one.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Nursery:
    """The process, as a test sees it; a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def run(
        self, folder: Path, *, resume: bool = False, kill: float | None = None, count: int = 1
    ) -> list[str]:
        """Run the plan in new processes; return what each printed last, empty if it was killed.

        `kill` is the seconds after which they are killed.
        """
        asked = {"folder": str(folder), "resume": resume, "kill": kill, "count": count}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        found: list[str] = json.loads(self._process.stdout.readline())
        return found


def fork(asked: Mapping[str, Any]) -> tuple[int, int]:
    """Fork a child that runs the plan; return its id and what it prints to."""
    import killed_plan

    out, into = os.pipe()
    child = os.fork()
    if child:
        os.close(into)
        return child, out
    os.dup2(into, 1)
    random.seed()
    try:
        killed_plan.main(Path(asked["folder"]), resume=asked["resume"])
    finally:
        os._exit(0)


def serve() -> None:
    """Fork what is asked for, until nobody asks."""
    for line in sys.stdin:
        asked = json.loads(line)
        children = [fork(asked) for _ in range(asked["count"])]
        files = [os.fdopen(out) for _, out in children]
        for file in files:
            file.readline()
        if asked["kill"] is not None:
            time.sleep(asked["kill"])
            for child, _ in children:
                os.kill(child, signal.SIGKILL)
        said = [file.read().strip() for file in files]
        for child, _ in children:
            os.waitpid(child, 0)
        for file in files:
            file.close()
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    serve()
