"""Start-up: CPU of importing each library, and of `motet --help`.

`python bench/runtime/imports.py`, in the environment of `bench/peers.txt`. `added` has an empty
interpreter's CPU subtracted, `cpu` has not.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from functools import partial
from pathlib import Path

from harness import Comparison, Figures, Side

MOTET = Path(sys.executable).with_name("motet")
IMPORTS = {
    "motet": ("import motet", "motet"),
    "motet, the engine": ("from motet import Plan, operator, run, workflow", "motet"),
    "langgraph": ("from langgraph.graph import StateGraph", "langgraph"),
    "langgraph, SQLite": (
        "from langgraph.checkpoint.sqlite import SqliteSaver",
        "langgraph-checkpoint-sqlite",
    ),
    "dbos": ("from dbos import DBOS", "dbos"),
    "llama-index-workflows": ("from workflows import Workflow", "llama-index-workflows"),
    "pydantic-graph": ("from pydantic_graph import GraphBuilder", "pydantic-graph"),
    "pydantic-ai": ("from pydantic_ai import Agent", "pydantic-ai-slim"),
    "pydantic-ai, OpenAI": (
        "from pydantic_ai import Agent; from pydantic_ai.models.openai import OpenAIChatModel",
        "pydantic-ai-slim",
    ),
    "openai-agents": ("from agents import Agent", "openai-agents"),
    "langchain": ("from langchain.agents import create_agent", "langchain"),
    "langchain, OpenAI": (
        "from langchain.agents import create_agent; from langchain_openai import ChatOpenAI",
        "langchain",
    ),
}


def cpu_ms(*command: str) -> float:
    """Return the user and system CPU of a command, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def imported(statement: str, _seed: int, _size: int) -> Figures:
    """Measure a statement twice, as the first time may have to compile."""
    cpu_ms(sys.executable, "-c", statement)
    whole = cpu_ms(sys.executable, "-c", statement)
    return {"added": whole - cpu_ms(sys.executable, "-c", "pass"), "cpu": whole}


def helped(_seed: int, _size: int) -> Figures:
    """Measure `motet --help`."""
    whole = cpu_ms(str(MOTET), "--help")
    return {"added": whole - cpu_ms(sys.executable, "-c", "pass"), "cpu": whole}


SIDES = (
    *(Side(name, partial(imported, code), (need,)) for name, (code, need) in IMPORTS.items()),
    Side("motet --help", helped),
)

if __name__ == "__main__":
    comparison = Comparison(
        "Start-up",
        SIDES,
        {"added": "import ms CPU", "cpu": "process ms CPU"},
        repetitions=7,
    )
    sys.exit(comparison.main())
