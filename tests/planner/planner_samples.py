"""What tests of the planner share: a system's means in a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from motet.core.passages import RetrievalMode
from motet.planner.cost import CostModel, Observed, Price
from motet.planner.planner import Answerer, Planner, Request

READER = Answerer("expert/reader", "answer.read")
LARGE = Answerer("openai/large", "answer.generate", price=Price(2.0, 8.0), local=False)
SMALL = Answerer("openai/small", "answer.generate", price=Price(0.1, 0.4), local=False)
LOCAL = Answerer("ollama/qwen", "answer.generate")
ALL_MODES: Mapping[RetrievalMode, str | None] = {"lexical": None, "dense": None, "hybrid": None}


@dataclass
class Past:
    """Statistics of past runs, as given."""

    runs: dict[tuple[str, str], Observed] = field(default_factory=dict)

    def observed(self, method: str, choice: str) -> Observed | None:
        return self.runs.get((method, choice))

    def add(
        self,
        method: str,
        choice: str,
        *seconds: float,
        cost: float = 0.0,
        quality: float | None = None,
    ) -> Past:
        tokens = 1000.0 if method == "answer.generate" else 0.0
        found = Observed(sorted(seconds), tokens, tokens / 10, cost, quality)
        self.runs[method, choice] = found
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


def request(*answerers: Answerer, **more: Any) -> Request:
    """Return a request with these answerers and every retrieval mode."""
    parts = {"skill": "answer", "retrieval": ALL_MODES, "has_knowledge": True, **more}
    return Request(answerers=answerers or (READER, LARGE, SMALL), **parts)


def planner(past: Past | None = None) -> Planner:
    """Return a planner that knows this past."""
    return Planner(CostModel(past or Past()))
