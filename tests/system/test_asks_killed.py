"""Questions whose process is killed: another goes on, and asks no model twice that has answered."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from chat_scripts import Messages, Reply, Tools
from chat_server import ChatServer

import motet
from motet.runtime.journal import Journal
from motet.runtime.records import Record
from motet.system import load

RIGHT = "Nordlicht delivers the oak table to Oslo."
QUESTION = "Who delivers the oak table?"
ASK = """
import sys, motet
print(motet.load(sys.argv[1]).ask(sys.argv[2]).text)
"""


class Shop:
    """A system whose answers a second model judges; its first question kills who asks it."""

    def __init__(self, folder: Path, server: ChatServer) -> None:
        self.written = self.judged = 0
        self.victim: subprocess.Popen[bytes] | None = None
        (folder / "docs").mkdir()
        (folder / "docs" / "oak.md").write_text(f"# Oak\n\nThe oak costs 480 euro. {RIGHT}\n")
        lines = ["system: killed", "knowledge: [./docs]"]
        lines += ["think: {attempts: 2, aggregate: best, verify: judge}"]
        lines += ["pin: {answer: 2 x writer (best by judge)}", "models:"]
        for name, script in (("writer", self._write), ("judge", self._judge)):
            served = server.add_script(script)
            lines.append(f"  - {{use: test/{served}, as: {name}, base_url: '{server.base_url}'}}")
        self.path = folder / "motet.yaml"
        self.path.write_text("\n".join([*lines, ""]))

    def _write(self, messages: Messages, tools: Tools) -> Reply:
        self.written += 1
        return Reply(f"{RIGHT} So it is, {self.written} times [1].")

    def _judge(self, messages: Messages, tools: Tools) -> Reply:
        self.judged += 1
        if self.victim is not None:
            time.sleep(0.2)  # what is finished is recorded by then
            self.victim.kill()
            self.victim = None
        return Reply("0.9", formatted=False)

    def killed(self) -> Record:
        """Ask in a process that is killed when the judge is asked; return what is left."""
        command = [sys.executable, "-c", ASK, str(self.path), QUESTION]
        self.victim = process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, error = process.communicate(timeout=30)
        assert (process.returncode, out) == (-9, b""), error.decode()
        journal = Journal(self.path.parent / ".motet" / "runs.db")
        record = journal.get(journal.recent("killed", 1)[0].id)
        journal.close()
        return record


@pytest.fixture
def shop(tmp_path: Path, chat_server: ChatServer) -> Shop:
    return Shop(tmp_path, chat_server)


def test_another_process_goes_on(shop: Shop) -> None:
    before = shop.killed()
    assert before.status == "running"
    done = {span.node: span for span in before.nodes if span.status == "done"}
    assert len([node for node in done if node.startswith("answer/attempt")]) == 2
    system = load(shop.path)
    answer = system.resume(before.id)
    assert answer.text.startswith(RIGHT)
    assert shop.written == 2
    after = {span.node: span for span in system.journal.get(before.id).nodes}
    assert {node: after[node] for node in done} == done
    judged = shop.judged
    assert system.resume(before.id).text == answer.text
    assert (shop.written, shop.judged) == (2, judged)
    system.close()


class Overtaken(Journal):
    """A journal whose first reader is overtaken by another process."""

    def __init__(self, path: Path, overtake: Callable[[], object]) -> None:
        super().__init__(path)
        self._overtake: Callable[[], object] | None = overtake

    def get(self, run: str) -> Record:
        record = super().get(run)
        if self._overtake is not None:
            overtake, self._overtake = self._overtake, None
            overtake()
        return record


def test_who_comes_too_late_runs_nothing_again(shop: Shop) -> None:
    run = shop.killed().id
    other, late = load(shop.path), load(shop.path)
    judged: list[int] = []

    def overtake() -> None:
        other.resume(run)
        judged.append(shop.judged)

    late.journal = Overtaken(shop.path.parent / ".motet" / "runs.db", overtake)
    answer = late.resume(run)
    assert answer.text == other.resume(run).text
    assert (shop.written, [shop.judged]) == (2, judged)
    for each in (other, late):
        each.close()


def test_a_run_of_another_system_is_refused(shop: Shop, tmp_path: Path) -> None:
    before = shop.killed()
    (tmp_path / "other.yaml").write_text("system: other\nknowledge: [./docs]\n")
    system = load(tmp_path / "other.yaml")
    with pytest.raises(motet.UsageError, match="this is no run of 'other'"):
        system.resume(before.id)
    system.close()
