"""Runs with tools whose process is killed in the middle of a turn: nothing happens twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from chat_scripts import Call, Messages, Reply, Tools, content_text
from chat_server import ChatServer

PROGRAM = """
import os, signal, sys, time
from pathlib import Path

sys.path[:0] = sys.argv[1].split(os.pathsep)
import motet
from tool_runs import ToolRuns

home, base_url, method, model, run = sys.argv[2:]
log = Path(home) / "log.txt"


def note(what):
    with log.open("a") as file:
        file.write(what + "\\n")


def pay(amount: int) -> str:
    note(f"pay {amount}")
    return f"paid {amount}"


@motet.operator(effect="read")
def look(place: str) -> str:
    note(f"look {place}")
    return place.upper()


@motet.operator(effect="read")
def die(seconds: float) -> str:
    if (Path(home) / "died").exists():
        return "alive"
    (Path(home) / "died").touch()
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


asking = ToolRuns(Path(home), base_url, method, functions=[pay, look, die])
ran = asking.resume(run, model) if run else asking.ask(model)
print(ran.draft.text)
"""


def run_program(
    home: Path, server: ChatServer, method: str, model: str, run: str = ""
) -> subprocess.CompletedProcess[str]:
    paths = ":".join(str(Path(__file__).parent / each) for each in (".", "../servers"))
    command = [sys.executable, "-c", PROGRAM, paths, str(home), server.base_url, method, model, run]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def the_run(home: Path) -> str:
    from motet.runtime.journal import Journal

    journal = Journal(home / "runs.db")
    found = journal.recent("test", 1)[0].id
    journal.close()
    return found


def call(name: str, **arguments: object) -> Call:
    return Call(name, json.dumps(arguments))


CALLS = (
    call("pay", amount=1),
    call("look", place="here"),
    call("die", seconds=0.15),
    call("pay", amount=2),
    call("look", place="there"),
)


def turns(messages: Messages, tools: Tools) -> Reply | str:
    found = [content_text(each) for each in messages if each["role"] == "tool"]
    return Reply(calls=CALLS) if not found else f"{found}"


def plans(messages: Messages, tools: Tools) -> Reply | str:
    if not content_text(messages[0]).startswith("You plan"):
        return content_text(messages[-1]).rpartition("by id:\n")[2]
    names = "abcde"
    calls = [
        {"id": id, "tool": each.name, "arguments": json.loads(each.arguments)}
        for id, each in zip(names, CALLS, strict=True)
    ]
    return json.dumps({"calls": calls, "answer": "write"})


@pytest.mark.parametrize("delay", [0.0, 0.004, 0.02])
@pytest.mark.parametrize(("method", "script"), [("answer.turns", turns), ("answer.dag", plans)])
def test_nothing_happens_twice(tmp_path: Path, method: str, script: object, delay: float) -> None:
    with ChatServer(delay=delay) as server:
        model = server.add_script(script)  # type: ignore[arg-type]
        first = run_program(tmp_path, server, method, model)
        assert first.returncode == -signal.SIGKILL, first.stderr
        second = run_program(tmp_path, server, method, model, the_run(tmp_path))
    assert second.returncode == 0, second.stderr
    done = (tmp_path / "log.txt").read_text().splitlines()
    assert done.count("pay 1") == done.count("pay 2") == 1
    assert done.count("look here") == done.count("look there") == 1
    for each in ("paid 1", "paid 2", "HERE", "THERE", "alive"):
        assert each in second.stdout
