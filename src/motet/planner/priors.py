"""What is expected before anything was measured. Every figure says where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prior:
    """An expectation before any measurement; `tokens` are (in, out), `calls` of models."""

    quality: float
    seconds: float
    tokens: tuple[int, int] = (0, 0)
    calls: int = 0


# Quality priors: of retrieval the share of questions whose answer is among twelve passages, of
# answering the F1 of the answer. Retrieval was measured on the reader's three tuning articles,
# reading on its nine held-out ones (bench/RESULTS.md); quoting and chat models are guesses that
# evaluation replaces.
PRIORS = {
    ("retrieve.search", "lexical"): Prior(0.965, 0.010),
    ("retrieve.search", "dense"): Prior(0.968, 0.020),
    ("retrieve.search", "hybrid"): Prior(0.983, 0.025),
    ("retrieve.nothing", "nothing"): Prior(1.0, 0.0),
    ("recall.search", "memory"): Prior(1.0, 0.010),
    ("gather.merge", "engine"): Prior(1.0, 0.001),
    ("remember.write", "engine"): Prior(1.0, 0.010),
    ("answer.read", ""): Prior(0.59, 0.25),
    ("answer.quote", ""): Prior(0.45, 0.01),
    ("answer.generate", ""): Prior(0.85, 2.0, (2200, 150), calls=1),
    ("extract.generate", ""): Prior(0.75, 4.0, (2400, 400), calls=1),
    ("verify.answerable", ""): Prior(1.0, 0.001),
    ("verify.support", ""): Prior(1.0, 0.002),
    ("verify.ask", ""): Prior(1.0, 1.0, (1600, 10), calls=1),
    ("aggregate.vote", ""): Prior(1.0, 0.001),
    ("aggregate.best", ""): Prior(1.0, 0.002),
    ("aggregate.judge", ""): Prior(1.0, 1.2, (2600, 10), calls=1),
    ("call", ""): Prior(1.0, 0.5, calls=1),
    # Somebody wrote it for this very purpose; what it takes only runs can tell.
    ("operator.run", ""): Prior(0.95, 1.0),
    ("cite.check", "engine"): Prior(1.0, 0.001),
}
USUAL_PRICE = 2.0
"""USD per million output tokens of a chat model of that quality."""
BY_PRICE = 0.03
"""How much more of the answers is right for ten times the price (a guess on the careful side)."""
PRICED = (0.76, 0.91)
"""The least and the most that a price alone can promise."""
LOCAL_CHAT = Prior(0.75, 6.0, (2200, 150), calls=1)
"""A chat model on this machine: free, slower, smaller."""
LOCAL_FACTOR = 3.0
"""How much longer other requests take a chat model on this machine."""


@dataclass(frozen=True, slots=True)
class Check:
    """How well a verifier tells: the share of right answers it accepts, and of wrong ones."""

    right: float
    wrong: float


# `answerable` was measured on the reader's tuning articles (bench/thinking.py --calibrate);
# the others are guesses.
CHECKS = {
    "verify.answerable": Check(0.60, 0.34),
    "verify.support": Check(0.90, 0.70),
    "verify.ask": Check(0.92, 0.35),
}
SHARED_FAILURES = 0.2
"""By how much a second model's chance to be right sinks where the first was wrong (a guess)."""

GAINS = {"vote": 0.20, "best": 0.25, "judge": 0.35}
"""The share of wrong answers that many attempts put right, by how they become one.

Guesses on the careful side: self-consistency put 24% to 41% of wrong answers right with forty
attempts at arithmetic (Wang et al. 2022), where answers are short and chance errors common.
"""
HALF_GAIN = 3
"""Attempts beyond the first that bring half of that gain (a guess)."""

TURNS_LEVELS = 2
"""Levels of calls that depend on each other in a request that needs tools (a guess)."""
CALLS_PER_LEVEL = 2
"""Calls of tools on one level (a guess)."""
WITH_TOOLS = 0.15
"""The share of answers wrong without tools that are right with them (a guess)."""
DAG_LOSS = 0.03
"""What quality loses when all calls are planned before any result is seen (a guess)."""
