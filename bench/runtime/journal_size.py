"""The journal's size after 200 growing steps, over the size of the new data.

`python bench/runtime/journal_size.py`, in the environment of `bench/peers.txt`. Each step adds a
message of 1 KB to a conversation: `history` returns the whole of it, `message` the new one only.
Files are measured after their write-ahead log was checkpointed.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from functools import partial
from pathlib import Path

from harness import Comparison, Figures, Side
from messages import new_bytes

LANGGRAPH = ("langgraph", "langgraph-checkpoint-sqlite")


def sized(path: Path, seed: int, steps: int) -> Figures:
    """Return the size of an SQLite file beside that of the data."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    size = sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))
    return {"times": size / new_bytes(seed, steps), "kb": size / 1000}


def motet(form: str, seed: int, steps: int) -> Figures:
    """Measure a form of `motet_growth`."""
    import motet_growth

    if len(getattr(motet_growth, form)(seed, steps)) != steps:
        raise ValueError("the conversation is not whole")
    return sized(Path(os.environ["MOTET_HOME"], "runs.db"), seed, steps)


def langgraph(form: str, seed: int, steps: int) -> Figures:
    """Measure a form of `langgraph_growth`."""
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph_growth import growth

    with SqliteSaver.from_conn_string("growth.db") as saver:
        config = {"configurable": {"thread_id": "growth"}, "recursion_limit": steps + 10}
        end = growth(form, seed, steps, saver).invoke({"messages": []}, config)
        if len(end["messages"]) != steps:
            raise ValueError(f"{len(end['messages'])} messages of {steps}")
    return sized(Path("growth.db"), seed, steps)


SIDES = (
    Side("motet, history", partial(motet, "rewritten")),
    Side("motet, history (workflow)", partial(motet, "looped")),
    Side("motet, message", partial(motet, "added")),
    Side("langgraph, history", partial(langgraph, "rewritten"), LANGGRAPH),
    Side("langgraph, message (reducer)", partial(langgraph, "added"), LANGGRAPH),
    Side("langgraph, message (deltas, beta)", partial(langgraph, "deltas"), LANGGRAPH),
)

if __name__ == "__main__":
    comparison = Comparison(
        "The journal after 200 growing steps",
        SIDES,
        {"times": "times the new data", "kb": "KB"},
        sizes=(200,),
        repetitions=3,
    )
    sys.exit(comparison.main())
