"""Ingests that run beside the server, one at a time per system."""

from __future__ import annotations

import asyncio

from motet.core.errors import MotetError
from motet.core.json import JSON
from motet.knowledge.ingest import Progress, Report
from motet.system import System


class Ingests:
    """Starts ingests in the background and tells where they stand."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._progress: dict[str, Progress] = {}
        self._errors: dict[str, str] = {}

    def start(self, system: System) -> None:
        """Start an ingest; one that runs is followed by another."""
        task = self._tasks.get(system.name)
        if task is not None and not task.done():
            self._again.add(system.name)
            return
        self._tasks[system.name] = asyncio.create_task(self._run(system))

    async def _run(self, system: System) -> None:
        while True:
            self._again.discard(system.name)
            self._errors.pop(system.name, None)
            try:
                await asyncio.to_thread(system.ingest, (), self._reporter(system))
            except MotetError as error:
                self._errors[system.name] = str(error)
            self._progress.pop(system.name, None)
            if system.name not in self._again:
                return

    def _reporter(self, system: System) -> Report:
        def report(progress: Progress) -> None:
            self._progress[system.name] = progress

        return report

    def state(self, system: System) -> dict[str, JSON]:
        """Return the documented state object; `error` says why the last ingest ended early."""
        task = self._tasks.get(system.name)
        progress = self._progress.get(system.name)
        return {
            "running": task is not None and not task.done(),
            "done": progress.done if progress else 0,
            "total": progress.total if progress else 0,
            "current": progress.current if progress else None,
            "error": self._errors.get(system.name),
        }

    async def stop(self) -> None:
        """Wait for what runs: sources are stored whole."""
        tasks = [task for task in self._tasks.values() if not task.done()]
        if tasks:
            await asyncio.wait(tasks)
