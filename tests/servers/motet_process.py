"""The `motet` command as a person runs it: a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

MOTET = Path(sys.executable).with_name("motet")
KEY = "a-key-that-nobody-may-see"
SECRETS = {"PROVIDER_KEY": "a-provider-key-that-nobody-may-see"}
_FOREIGN = ("MOTET_", "OPENAI_", "LC_", "LANG", "HTTP_PROXY", "http_proxy")


def environment(**changes: str) -> dict[str, str]:
    """Return the environment without what could change a result, but the encoder's folder."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_FOREIGN) or name == "MOTET_CACHE"
    }
    return {**kept, "PYTHONWARNINGS": "error::ResourceWarning", **changes}


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


def motet(
    *words: str | bytes,
    at: Path,
    env: Mapping[str, str] | None = None,
    stdin: str | bytes = b"",
    within: Sequence[str] = (),
) -> Done:
    """Run the command in the folder; `within` is a program to run it through."""
    done = subprocess.run(
        [*within, MOTET, *words],
        cwd=at,
        env=environment(**(env or {})),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


class Served:
    """`motet serve` on a free port; a context manager. `log` holds what it wrote to stderr.

    Another `command` that announces an address is run in its place.
    """

    def __init__(
        self,
        at: Path,
        *words: str,
        env: Mapping[str, str] | None = None,
        command: str = "serve",
    ) -> None:
        self._command = command
        self._log = at / f"serve-{os.getpid()}.log"
        self._words = words
        self._at = at
        self._env = environment(**(env or {}))

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [MOTET, self._command, "--port", "0", "--json", *self._words],
                cwd=self._at,
                env=self._env,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log
        self.announced = json.loads(line)
        self.url: str = self.announced["url"].replace("0.0.0.0", "127.0.0.1")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.code = self.process.wait(20)

    @property
    def log(self) -> str:
        """What it wrote to stderr so far."""
        return self._log.read_text()
