"""SIGKILL at random points of a run of 61 nodes, then two processes resume it at once.

`python bench/runtime/kill.py [--kills 100]`. Half the runs are plans, half workflows. What the
journal says is done is read after the kill, from outside; what ran is told by a file to which
every node appends. A person's part (a `once` call in doubt) is played by looking in that file.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kill_work import BRANCHES, EFFECTS, LENGTH, RUN, expected, is_once, name, value_of

WORK = Path(__file__).resolve().parent / "kill_work.py"
NODES = [(branch, index) for branch in range(BRANCHES) for index in range(LENGTH)]
LATEST = 0.14
"""Seconds after the start within which a run is killed; undisturbed it takes about 0.1."""
_NODE = re.compile(r"b\d+s\d+")


@dataclass(frozen=True)
class Line:
    """What a node left: which process ran it, and when."""

    process: int
    at: int
    node: str


class Killed:
    """One run in a folder of its own."""

    def __init__(self, folder: Path, form: str, seed: int) -> None:
        """Take what to run where."""
        self.folder, self.form, self.seed = folder, form, seed
        self._surroundings = {**os.environ, "MOTET_HOME": str(folder / "home")}

    def begin(self, verb: str) -> subprocess.Popen[str]:
        """Start a process and wait until it is ready to run."""
        process = subprocess.Popen(
            [sys.executable, str(WORK), verb, self.form, str(self.seed)],
            cwd=self.folder,
            env=self._surroundings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        return process

    def lines(self) -> list[Line]:
        """Return what the nodes left."""
        path = self.folder / EFFECTS
        if not path.exists():
            return []
        parts = (line.split() for line in path.read_text(encoding="ascii").splitlines())
        return [Line(int(process), int(at), node) for process, at, node in parts]

    def done(self) -> set[str]:
        """Return the nodes that the journal knows as done."""
        path = self.folder / "home" / "runs.db"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            query = "SELECT node FROM nodes WHERE run = ? AND status = 'done'"
            rows = connection.execute(query, (RUN,)).fetchall()
        return {found[0] for (node,) in rows if (found := _NODE.findall(node))}

    def answer(self, node: str) -> None:
        """Say about a call in doubt what the file says."""
        found = _NODE.findall(node)[-1]
        at = next(each for each in NODES if name(*each) == found)
        ran = any(line.node == found for line in self.lines())
        value = str(value_of(self.seed, *at)) if ran else "retry"
        command = [sys.executable, str(WORK), "answer", node, value]
        subprocess.run(command, cwd=self.folder, env=self._surroundings, check=True)


def go(process: subprocess.Popen[str]) -> None:
    """Let a process that is ready run."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Return what a process said at its end."""
    text, _ = process.communicate(timeout=60)
    if process.returncode:
        raise SystemExit(f"a process failed with {process.returncode}: {text}")
    return json.loads(text)


def kill_once(form: str, seed: int) -> Counter[str]:
    """Kill a run at a random point, resume it, and count what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        run = Killed(Path(folder), form, seed)
        process = run.begin("start")
        go(process)
        time.sleep(random.Random(seed).uniform(0, LATEST))
        process.kill()
        process.wait()
        before, done = Counter(line.node for line in run.lines()), run.done()
        return judged(run, before, done, resumed(run))


def resumed(run: Killed) -> dict[str, Any]:
    """Resume with two processes at once until there is a result."""
    for _ in range(50):
        pair = [run.begin("resume"), run.begin("resume")]
        for process in pair:
            go(process)
        answers = [told(process) for process in pair]
        ended = [each for each in answers if each["status"] != "refused"]
        if any(each["status"] == "done" for each in ended):
            return next(each for each in ended if each["status"] == "done")
        waiting = {node for each in ended for node in each["pending"]}
        for node in waiting:
            run.answer(node)
        if not waiting:
            process = run.begin("start")
            go(process)
            again = told(process)
            if again["status"] == "done":
                return again
    raise SystemExit(f"the run of seed {run.seed} did not end: {answers}")


def judged(run: Killed, before: Counter[str], done: set[str], said: dict[str, Any]) -> Counter[str]:
    """Count what is wrong with a run that was killed and resumed."""
    lines = run.lines()
    after = Counter(line.node for line in lines)
    once = {name(*at) for at in NODES if is_once(*at)}
    return Counter(
        {
            "runs": 1,
            "done when killed": len(done),
            "in flight, run again": sum(
                after[node] > before[node] > 0 for node in after if node not in done
            ),
            "DONE BUT RUN AGAIN": sum(after[node] > before[node] for node in done),
            "ONCE BUT RUN TWICE": sum(after[node] > 1 for node in once),
            "LOST": sum(after[name(*at)] == 0 for at in NODES),
            "OTHER RESULT": int(said["value"] != expected(run.seed)),
            "TWO OWNERS": int(_overlapping(lines)),
        }
    )


def _overlapping(lines: list[Line]) -> bool:
    """Whether two processes left lines in turn."""
    spans = {line.process: (line.at, line.at) for line in reversed(lines)}
    for line in lines:
        spans[line.process] = (spans[line.process][0], line.at)
    ordered = sorted(spans.values())
    return any(later[0] < earlier[1] for earlier, later in itertools.pairwise(ordered))


def main() -> int:
    """Kill, resume and count; fail where anything is wrong."""
    parser = argparse.ArgumentParser(description="Kill runs at random points and resume them.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found: Counter[str] = Counter()
    for number in range(options.kills):
        form = ("plan", "workflow")[number % 2]
        found += kill_once(form, options.seed * 10_000 + number)
    for text in ("done when killed", "in flight, run again"):
        print(f"{text}: {found[text] / found['runs']:.1f} a run")
    wrong = 0
    for text in ("DONE BUT RUN AGAIN", "ONCE BUT RUN TWICE", "LOST", "OTHER RESULT", "TWO OWNERS"):
        print(f"{text.lower()}: {found[text]} in {found['runs']} runs")
        wrong += found[text]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
