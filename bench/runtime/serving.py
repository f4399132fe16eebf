"""The scripted model as a process: nothing of it is loaded where agents are measured."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER = Path(__file__).resolve().parent / "server.py"


@contextmanager
def serving(*options: str, server: Path = SERVER) -> Iterator[str]:
    """Run a server while the body of the `with` does; give its base URL, its first line."""
    command = [sys.executable, str(server), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
