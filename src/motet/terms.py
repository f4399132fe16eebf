"""What declarations, requests and records mean to the planner and to runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from motet.core.answers import Answer, Draft, Spent
from motet.core.chat import Message
from motet.core.errors import UsageError
from motet.core.json import JSON
from motet.planner.objective import Objective
from motet.planner.plan import PhysicalPlan
from motet.planner.request import Thinking
from motet.runtime.budget import Budget
from motet.runtime.records import Record, Usage
from motet.spec.types import Declaration

MAX_QUESTION = 100_000
"""Characters; reading one of this length takes about a second."""


def answered(record: Record) -> Answer:
    """Return the answer of a run that is done."""
    spans = {span.node: span for span in record.nodes}
    draft = cast("Mapping[str, Any]", spans[record.physical().output].value)
    return Answer.from_json(cast("Mapping[str, Any]", record.value), draft["text"])


def answer(record: Record, draft: Draft, used: Usage, seconds: float) -> Answer:
    """Return the answer that a run's last draft makes."""
    return Answer(
        system=record.system,
        text=draft.text,
        marked=draft.marked,
        citations=draft.citations,
        abstained=draft.abstained,
        model=draft.model,
        run=record.id,
        usage=Spent(used.input_tokens, used.output_tokens, used.cost_usd, seconds),
    )


def check_question(question: str) -> None:
    """Raise `UsageError` for a text that no system can be asked."""
    if not question.strip():
        raise UsageError("the question is empty")
    if len(question) > MAX_QUESTION:
        raise UsageError(
            f"the question is longer than {MAX_QUESTION} characters",
            hint="ingest long texts and ask about them",
        )
    try:
        question.encode()
    except UnicodeEncodeError as error:
        raise UsageError("the question holds half a character (a lone surrogate)") from error


def objective(declared: Declaration) -> Objective:
    """Return the declared constraints and what is preferred among plans that keep to them."""
    goal = declared.objective
    return Objective(goal.quality, goal.latency, goal.cost, declared.prefer)


def thinking(declared: Declaration) -> Thinking:
    """Return how much deep thinking is declared."""
    think = declared.think
    return Thinking(think.attempts, think.aggregate, think.verify) if think else Thinking()


def idle_parts(declared: Declaration) -> list[str]:
    """Return the parts of a declaration that are checked but not acted on by this version."""
    parts = {
        "tools that are not Python functions": any(e.python is None for e in declared.tools),
    }
    return [name for name, present in parts.items() if present]


def told(history: Sequence[Message]) -> dict[str, JSON]:
    """Return earlier turns as a run's record keeps them."""
    turns: list[JSON] = [{"role": each.role, "content": each.text} for each in history]
    return {"history": turns} if turns else {}


def recalled(record: Record) -> list[Message]:
    """Return the earlier turns that a record keeps."""
    found = cast("Sequence[Mapping[str, Any]]", record.extra.get("history", ()))
    return [Message(each["role"], each["content"]) for each in found]


def budget(declared: Declaration) -> Budget | None:
    """Return what the declared budget means to the planner and to a run."""
    found = declared.guard.budget
    return Budget(found.cost, found.tokens, found.time, found.calls) if found else None


def answering(plan: PhysicalPlan) -> str:
    """Return who will answer."""
    return next(node.choice for node in plan.nodes if node.operator in ("answer", "extract"))
