"""What tests of the planner share: a system's means in a line."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from motet.core.passages import RetrievalMode
from motet.planner import statistics
from motet.planner.cost import CostModel, Price
from motet.planner.objective import Limits
from motet.planner.planner import Answerer, Planner, Request
from motet.planner.request import OfferedTool
from motet.planner.statistics import Finished, Scored

READER = Answerer("expert/reader", "answer.read")
LARGE = Answerer("openai/large", "answer.generate", price=Price(2.0, 8.0), local=False)
SMALL = Answerer("openai/small", "answer.generate", price=Price(0.1, 0.4), local=False)
LOCAL = Answerer("ollama/qwen", "answer.generate")
LOOKUP = OfferedTool("lookup", "read")
SEND = OfferedTool("send", "once")
ALL_MODES: Mapping[RetrievalMode, str | None] = {"lexical": None, "dense": None, "hybrid": None}


class Past:
    """Statistics of past runs, as given."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], statistics.Past] = {}
        self.reads = 0

    def version(self) -> Hashable:
        return object()

    def past(self, method: str, choice: str) -> statistics.Past:
        self.reads += 1
        return self.found.get((method, choice), statistics.Past())

    def add(
        self,
        method: str,
        choice: str,
        *seconds: float,
        cost: float = 0.0,
        quality: float | None = None,
        task: str = "",
    ) -> Past:
        """Replace what is known; seconds are newest first, one a minute, scored 30 times."""
        tokens = (1000, 100) if method == "answer.generate" else (0, 0)
        finished = [
            Finished(1.7e9 - 60 * n, each, *tokens, cost, task) for n, each in enumerate(seconds)
        ]
        scored: Sequence[Scored] = [] if quality is None else [Scored(quality, task)] * 30
        self.found[method, choice] = statistics.Past(finished, scored)
        return self


def measured(**answerers: float) -> Past:
    """Return a past in which everything was measured; `answerers` are medians by suffix."""
    past = Past()
    for mode, seconds in (("lexical", 0.006), ("dense", 0.02), ("hybrid", 0.03)):
        past.add("retrieve.search", mode, *[seconds] * 9)
    past.add("cite.check", "engine", *[0.001] * 9)
    past.add("answer.read", READER.name, *[answerers.get("reader", 0.4)] * 9)
    for each in (LARGE, SMALL, LOCAL):
        seconds = answerers.get(each.name.partition("/")[2], 2.0)
        past.add("answer.generate", each.name, *[seconds] * 9)
    return past


def request(*answerers: Answerer, budget_usd: float | None = None, **more: Any) -> Request:
    """Return a request with these answerers and every retrieval mode."""
    parts = {"skill": "answer", "retrieval": ALL_MODES, "has_knowledge": True, **more}
    if budget_usd is not None:
        parts["limits"] = Limits(cost=budget_usd)
    return Request(answerers=answerers or (READER, LARGE, SMALL), **parts)


def planner(past: Past | None = None) -> Planner:
    """Return a planner that knows this past."""
    return Planner(CostModel(past or Past()))
