"""`motet worker`."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from motet.core.errors import UsageError
from motet.core.json import JSON, dumps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motet.runtime.journal import Journal

LOOK_SECONDS = 0.2
"""How often worker processes are looked after."""


@click.command(
    epilog="Example: motet worker --journal postgresql://me@db/motet --operators flow.py -n 4"
)
@click.option(
    "--journal",
    envvar="MOTET_JOURNAL",
    metavar="URL",
    required=True,
    help="The PostgreSQL database of the runs; default: MOTET_JOURNAL.",
)
@click.option(
    "--operators",
    multiple=True,
    metavar="FILE|MODULE",
    help="A Python file or module with operators; may be repeated.",
)
@click.option("-n", "processes", type=click.IntRange(1, 1000), default=1, show_default=True)
@click.option(
    "--at-once",
    type=click.IntRange(1, 10_000),
    default=10,
    show_default=True,
    help="Calls that each process carries out at once.",
)
@click.option("--json", "as_json", is_flag=True, help="Announce the workers as JSON.")
@click.option("--tended", is_flag=True, hidden=True)  # say nothing; stop when stdin ends
def command(
    journal: str,
    operators: tuple[str, ...],
    processes: int,
    at_once: int,
    as_json: bool,
    tended: bool,
) -> None:
    """Carry out queued runs, from PostgreSQL.

    The runs are those that `motet.submit` has queued. Workers on any number of machines
    share the runs of one database. Each process owns some of the runs and carries out calls
    of all of them. What a worker held when it dies, others take over. Told to stop (SIGTERM,
    Ctrl+C), it ends the calls it has begun, for 10 seconds.

    What stands under `if __name__ == "__main__"` in FILE does not run.
    """
    from motet.runtime.journal import Journal
    from motet.runtime.tasks import Tasks

    opened = Journal(journal)
    Tasks(opened)
    if not tended:
        _announce(opened.name, processes, at_once, as_json)
    if processes == 1:
        _work(opened, operators, at_once, tended=tended)
        return
    opened.close()
    words = ["--tended", "--at-once", str(at_once)]
    for each in operators:
        words += ["--operators", each]
    _Supervisor(words, {"MOTET_JOURNAL": journal}).run(processes)


def _announce(journal: str, processes: int, at_once: int, as_json: bool) -> None:
    numbers: dict[str, JSON] = {"processes": processes, "at_once": at_once}
    found: JSON = {"schema_version": 1, "journal": journal, **numbers}
    text = f"Working for {journal}: processes {processes}, calls at once in each {at_once}"
    click.echo(dumps(found) if as_json else text)


def _work(journal: Journal, operators: Sequence[str], at_once: int, *, tended: bool) -> None:
    from motet.runtime.workers import Worker

    logging.basicConfig(format="motet: %(message)s", level=logging.WARNING)
    sys.path.insert(0, str(Path.cwd()))
    given = [each for name in operators for each in _operators(name)]

    async def work() -> None:
        worker = Worker(journal, given, at_once=at_once)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, worker.leave)
        if tended:
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), worker.leave)
        await worker.run()

    asyncio.run(work())


def _operators(name: str) -> Sequence[Any]:
    """Import a file or module, and return its operators and functions. Raises `UsageError`."""
    from motet.cli.operators import MAIN, functions_of, operators_in

    path = Path(name)
    if path.suffix == ".py" or path.exists():
        if not path.is_file():
            raise UsageError("no such file", where=f"--operators {name}")
        recorded = {"operators": [{"file": str(path.resolve()), "module": MAIN}]}
        return operators_in(path, recorded)
    try:
        return functions_of(importlib.import_module(name), name)
    except ModuleNotFoundError as error:
        raise UsageError(str(error), where=f"--operators {name}") from error


class _Supervisor:
    """Keeps a number of worker processes going; one that dies is replaced."""

    def __init__(self, words: Sequence[str], environment: dict[str, str]) -> None:
        self._command = [sys.executable, "-m", "motet", "worker", *words]
        self._environment = {**os.environ, **environment}
        self._running: list[subprocess.Popen[bytes]] = []
        self._leaving = False

    def run(self, count: int) -> None:
        """Run until told to stop, and then until every process has stopped."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._leave)
        self._running = [self._start() for _ in range(count)]
        while self._running:
            for each in [each for each in self._running if each.poll() is not None]:
                self._running.remove(each)
                self._replace(each.returncode)
            time.sleep(LOOK_SECONDS)

    def _replace(self, code: int) -> None:
        if self._leaving:
            return
        if code > 0:
            self._leave()  # it cannot work, and has said why
            return
        click.echo(f"motet: a worker died ({code}), another starts", err=True)
        self._running.append(self._start())

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command, stdin=subprocess.PIPE, env=self._environment, start_new_session=True
        )

    def _leave(self, *_: object) -> None:
        self._leaving = True
        for each in self._running:
            each.terminate()
