"""A whole question at the size of the samples: CPU and wall time with the journal on.

`python bench/ask.py`: one process, every question asked once to warm up and then in turn;
questions come from `examples/kitchen/evals`. Includes planning, retrieval, reading by the
reader expert, citation, journal and spans.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

from motet.system import load

KITCHEN = Path(__file__).resolve().parent.parent / "examples" / "kitchen"
ROUNDS = 2


def cpu() -> float:
    """Return the CPU seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print p50 and p95."""
    lines = (KITCHEN / "evals" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines if line.strip()]
    with tempfile.TemporaryDirectory() as home:
        os.environ["MOTET_HOME"] = home
        with load(KITCHEN) as system:
            system.ingest()
            system.ask(questions[0], ingest=False)
            wall: list[float] = []
            used: list[float] = []
            for question in questions * ROUNDS:
                began, before = time.perf_counter(), cpu()
                system.ask(question, ingest=False)
                wall.append(1000 * (time.perf_counter() - began))
                used.append(1000 * (cpu() - before))
            for name, values in (("wall", wall), ("CPU", used)):
                cuts = statistics.quantiles(values, n=20)
                print(f"{name:5} p50 {cuts[9]:7.0f} ms   p95 {cuts[18]:7.0f} ms   n={len(values)}")


if __name__ == "__main__":
    main()
