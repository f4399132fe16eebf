"""The worked example of tool calls, as a person runs it: server, tools, both ways to answer."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from motet_process import motet

from motet import spec
from motet.runtime.journal import Journal

CLOUDS = Path(__file__).resolve().parents[2] / "examples" / "clouds"
QUESTION = "Plot the stock prices of the three largest cloud providers"
LATENCY = 0.3
ANSWER = (
    "I drew the share prices into chart.svg. "
    "Last prices in USD: Amazon 219, Microsoft 422, Alphabet 189."
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The scripted server on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found: int = free.getsockname()[1]
    command = [sys.executable, str(CLOUDS / "model.py"), "--port", str(found)]
    server = subprocess.Popen([*command, "--latency", str(LATENCY)], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", found)) == 0:
                    break
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield found
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def clouds(tmp_path: Path, port: int) -> Path:
    """A copy of the example that asks that server."""
    folder = tmp_path / "clouds"
    shutil.copytree(CLOUDS, folder)
    declaration = (folder / "motet.yaml").read_text()
    (folder / "motet.yaml").write_text(declaration.replace(":9100/", f":{port}/"))
    return folder


def asked(folder: Path, model: str, question: str = QUESTION) -> Any:
    done = motet("ask", question, "--model", model, "--json", at=folder)
    assert done.code == 0, done.err
    return done.json


def nodes(folder: Path, run: str) -> list[Any]:
    journal = Journal(folder / ".motet" / "runs.db")
    found = journal.get(run).nodes
    journal.close()
    return list(found)


@pytest.mark.parametrize(("model", "turns"), [("scripted", 4), ("scripted (dag)", 2)])
def test_both_ways_draw_the_chart(clouds: Path, model: str, turns: int) -> None:
    answer = asked(clouds, model)
    assert answer["answer"] == ANSWER
    chart = (clouds / "chart.svg").read_text()
    assert all(name in chart for name in ("Amazon", "Microsoft", "Alphabet", "2024-12"))
    found = nodes(clouds, answer["run"])
    replies = [span for span in found if span.method == "answer.generate"]
    calls = [span for span in found if span.method == "call"]
    assert len(replies) == turns
    assert sorted(span.choice for span in calls) == [
        "draw_chart",
        "largest_providers",
        "share_prices",
        "share_prices",
        "share_prices",
    ]
    assert all(span.status == "done" for span in found)
    # What comes on top of the replies are calls of milliseconds, the engine, and loading it.
    seconds = answer["latency_ms"] / 1000
    assert turns * LATENCY <= seconds < turns * LATENCY + 1.0


def test_planned_calls_begin_before_the_plan_ends(clouds: Path) -> None:
    found = nodes(clouds, asked(clouds, "scripted (dag)")["run"])
    plan = next(span for span in found if span.operator == "plan_calls")
    first = next(span for span in found if span.choice == "largest_providers")
    assert first.started < plan.started + plan.seconds


def test_other_questions_are_answered_by_a_script(clouds: Path) -> None:
    for model in ("scripted", "scripted (dag)"):
        assert "I am a script" in asked(clouds, model, "Who are you?")["answer"]


def test_the_planner_weighs_both_ways(clouds: Path) -> None:
    done = motet("explain", QUESTION, at=clouds)
    assert done.code == 0, done.err
    assert "scripted (dag)" in done.out


def test_the_declaration_is_valid() -> None:
    assert spec.load(CLOUDS).system == "clouds"
