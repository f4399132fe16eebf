"""Gateways side by side, in turn, before one simulated provider.

    python bench/gateway/compare.py [ROW]... [--repeat N] [--seconds S] [--only PEER]

Rows: requests, streams, throughput, prompt, start. Every repetition measures every gateway once,
freshly started, in an order that rotates; medians are printed, with each one's ratio to Motet.
After each measurement the simulator's count must equal what the clients got.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from peers import PEERS, Peer, Setting, Started
from processes import Running, cpu, free_port, resident

HERE = Path(__file__).resolve().parent
MESSAGES = [{"role": "user", "content": "Say seven words, please."}]
Figures = dict[str, float]


@dataclass(frozen=True)
class Bench:
    """A simulator that runs, a gateway that has answered before it, and how long to measure."""

    simulator: Running
    gateway: Started
    seconds: float
    ready: float
    """Seconds from the gateway's start to its first answer."""

    @property
    def pid(self) -> int:
        """The gateway's process."""
        return self.gateway.running.pid

    def reset(self) -> None:
        """Let the simulator count from nothing, once requests given up before are through."""
        seen = -1
        while seen != (seen := self.sent()["requests"]):
            time.sleep(0.3)
        self.simulator.request("POST", "/reset")

    def sent(self) -> dict[str, int]:
        """Return what the simulator counted."""
        counted: dict[str, int] = json.loads(self.simulator.request("GET", "/stats")[1])
        return counted


@dataclass(frozen=True)
class Row:
    """A row of the table; the first figure gives the ratios."""

    title: str
    figures: tuple[str, ...]
    measure: Callable[[Bench], Figures]
    workers: int = 1
    warm: bool = True


def body(model: str = "sim", *, stream: bool = False, prompt: str | None = None) -> bytes:
    """Return a request's JSON."""
    messages = MESSAGES if prompt is None else [{"role": "user", "content": prompt}]
    asked = {"model": model, "messages": messages, "max_tokens": 200}
    return json.dumps(asked | ({"stream": True} if stream else {})).encode()


def wrk(bench: Bench, asked: bytes, connections: int, seconds: float) -> Figures:
    """Run wrk against the gateway; raises `RuntimeError` where the counts do not agree."""
    bench.reset()
    with tempfile.NamedTemporaryFile() as file:
        file.write(asked)
        file.flush()
        url = f"http://127.0.0.1:{bench.gateway.running.port}/v1/chat/completions"
        command = ("wrk", "-t1", f"-c{connections}", f"-d{round(seconds)}s", "--timeout", "60s")
        env = {**os.environ, "BODY": file.name, "HEADERS": bench.gateway.lines}
        before = cpu(bench.pid)
        done = subprocess.run(
            (*command, "-s", str(HERE / "requests.lua"), url),
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        used = cpu(bench.pid) - before
    found = json.loads(done.stdout.splitlines()[-1])
    hits = bench.sent()["requests"]
    # wrk leaves at its deadline: at most one request of each connection is under way then.
    if (
        not found["requests"]
        or found["refused"]
        or found["broken"]
        or not 0 <= hits - found["requests"] <= connections
    ):
        raise RuntimeError(f"the provider saw {hits} requests, the clients {found}")
    return {
        "µs CPU/request": used / found["requests"] * 1e6,
        "requests/s": found["requests"] / found["seconds"],
        "p50 ms": found["p50"],
        "p99 ms": found["p99"],
    }


def streams(port: int, lines: str, *more: str) -> dict[str, list[float]]:
    """Run 40 streams of 50 events a second, thrice."""
    asked = body("sim-e100-r50", stream=True).decode()
    command = (sys.executable, str(HERE / "streams.py"), str(port), asked, "--headers", lines)
    done = subprocess.run((*command, *more), capture_output=True, text=True, check=True)
    found: dict[str, list[float]] = json.loads(done.stdout)
    return found


def measure_streams(bench: Bench) -> Figures:
    """Streamed events: CPU of each, and the time to the first beside the provider's own."""
    alone = streams(bench.simulator.port, "")
    bench.reset()
    before = cpu(bench.pid)
    through = streams(bench.gateway.running.port, bench.gateway.lines)
    used = cpu(bench.pid) - before
    sent = bench.sent()
    if through["failures"] or sent["completed"] != through["complete"]:
        raise RuntimeError(f"{through['failures'][:3]}: {through['complete']} of {sent}")
    own, seen = quantiles(alone["first"], n=100), quantiles(through["first"], n=100)
    return {
        "µs CPU/event": used / sent["events"] * 1e6,
        "added p50 ms": (seen[49] - own[49]) * 1000,
        "added p99 ms": (seen[98] - own[98]) * 1000,
        "stream s": median(through["whole"]),
    }


def measure_prompt(bench: Bench) -> Figures:
    """A prompt of 300 KB."""
    asked = body(prompt="Motet sings. " * (300 * 1024 // 13))
    found = wrk(bench, asked, 4, bench.seconds)
    return {"ms CPU/request": found["µs CPU/request"] / 1000, "requests/s": found["requests/s"]}


def measure_start(bench: Bench) -> Figures:
    """From the start to the first answer, and the memory then and under load."""
    first = resident(bench.pid)
    wrk(bench, body(), 16, bench.seconds)
    return {"s to first 200": bench.ready, "MB then": first, "MB later": resident(bench.pid)}


ROWS = {
    "requests": Row(
        "CPU per request (wrk, 16 connections, one worker)",
        ("µs CPU/request", "requests/s", "p50 ms", "p99 ms"),
        lambda bench: wrk(bench, body(), 16, bench.seconds),
    ),
    "streams": Row(
        "CPU per streamed event (40 streams x 50/s, one worker)",
        ("µs CPU/event", "added p50 ms", "added p99 ms", "stream s"),
        measure_streams,
    ),
    "throughput": Row(
        "Throughput (wrk, 64 connections, 2 workers where it has workers)",
        ("requests/s", "µs CPU/request", "p50 ms", "p99 ms"),
        lambda bench: wrk(bench, body(), 64, bench.seconds),
        workers=2,
    ),
    "prompt": Row("A prompt of 300 KB", ("ms CPU/request", "requests/s"), measure_prompt),
    "start": Row(
        "Start and memory", ("s to first 200", "MB then", "MB later"), measure_start, warm=False
    ),
}


@contextmanager
def bench(peer: Peer, workers: int, seconds: float, *, warm: bool) -> Iterator[Bench]:
    """Yield a gateway before a simulator, both fresh; `warm`: after a second of requests."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        port = free_port()
        script = (sys.executable, str(HERE / "simulator.py"), "--port", str(port))
        simulator = stack.enter_context(Running(script, port, folder / "simulator"))
        simulator.await_answer(body(), {})
        place = peer.find()
        assert place is not None
        started = peer.start(place, Setting(folder, port, workers if peer.workers else 1))
        running = stack.enter_context(started.running)
        ready = running.await_answer(
            body(), {"Content-Type": "application/json", **started.headers}
        )
        given = Bench(simulator, started, seconds, ready)
        if warm:
            wrk(given, body(), 16, 3)
        yield given


@dataclass
class Found:
    """What was measured of one gateway in one row."""

    figures: list[Figures] = field(default_factory=list)
    failure: str = ""

    def typical(self, name: str) -> float | None:
        """Return the median of a figure."""
        return median(each[name] for each in self.figures) if self.figures else None


def run(row: Row, peers: Sequence[Peer], repeat: int, seconds: float) -> dict[str, Found]:
    """Measure every gateway so many times, in turn."""
    found = {peer.name: Found() for peer in peers}
    for turn in range(repeat):
        order = [*peers[turn % len(peers) :], *peers[: turn % len(peers)]]
        for peer in order:
            try:
                with bench(peer, row.workers, seconds, warm=row.warm) as given:
                    figures = row.measure(given)
            except (RuntimeError, subprocess.CalledProcessError) as error:
                found[peer.name].failure = str(error)
                print(f"  {peer.name}: {error}", file=sys.stderr, flush=True)
            else:
                found[peer.name].figures.append(figures)
    return found


def show(row: Row, found: dict[str, Found]) -> None:
    """Print a table."""
    print(f"\n### {row.title}\n")
    print(f"| gateway | {' | '.join(row.figures)} | ratio to motet |")
    print("|---|" + "---|" * (len(row.figures) + 1))
    own = found["motet"].typical(row.figures[0]) if "motet" in found else None
    for name, each in found.items():
        typical = [each.typical(figure) for figure in row.figures]
        cells = ["-" if value is None else f"{value:,.4g}" for value in typical]
        ratio = f"{typical[0] / own:.2f}" if own and typical[0] is not None else "-"
        note = f" ({each.failure[:60]})" if each.failure else ""
        print(f"| {name}{note} | {' | '.join(cells)} | {ratio} |", flush=True)


def main() -> int:
    """Measure the rows that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], metavar="ROW")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--only", action="append", choices=[peer.name for peer in PEERS])
    given = parser.parse_args()
    wanted = [peer for peer in PEERS if not given.only or peer.name in given.only]
    peers = [peer for peer in wanted if peer.find() is not None]
    print(f"Python {platform.python_version()}, {platform.platform()}, {os.cpu_count()} CPUs")
    for peer in wanted:
        print(f"- {peer.name}: {peer.keeps if peer in peers else 'not installed, skipped'}")
    for name in given.rows or ROWS:
        show(ROWS[name], run(ROWS[name], peers, given.repeat, given.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
