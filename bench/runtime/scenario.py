"""What the scripted model asks for, known to its server and to those who check the answer."""

from __future__ import annotations

import random

TOOLS = 10
CALL_MS = 30
FIRST_TOOL_MS, OTHER_TOOL_MS = 300, 20
ANSWER_MS = 15
FLOOR_MS = CALL_MS + FIRST_TOOL_MS + ANSWER_MS
"""The first call is complete, its tool done, and the model has answered: nothing is sooner."""


def numbers(question: str, calls: int) -> list[int]:
    """Return the number that each call passes: another question, other numbers."""
    source = random.Random(question)
    return [source.randrange(1_000_000) for _ in range(calls)]


def answer(question: str, calls: int) -> str:
    """Return what the model says at last: the sum of what the tools gave."""
    return f"The sum is {sum(number + 1 for number in numbers(question, calls))}."
