"""How much to think, as chat completions say it: `reasoning_effort`, and OpenRouter's `reasoning`.

https://openrouter.ai/docs/use-cases/reasoning-tokens
"""

from __future__ import annotations

from typing import cast, get_args

from motet.core.chat import Effort, Thinking
from motet.core.json import JSON
from motet.models.dialects.openai.given import Given
from motet.models.providers import Flavour

_EFFORTS = frozenset(get_args(Effort))
_LOW, _MEDIUM = 4096, 16384
"""Budgets in tokens below which little and a middling effort are meant."""


def read_thinking(given: Given, lost: list[str]) -> tuple[Thinking | None, dict[str, JSON]]:
    """Return what is said, and what must pass as it is because we do not know the effort."""
    extra: dict[str, JSON] = {}
    effort = given.text("reasoning_effort")
    budget: int | None = None
    summary: str | None = None
    if (reasoning := given.within("reasoning")) is not None:
        effort = reasoning.text("effort") or effort
        budget = reasoning.integer("max_tokens")
        summary = "none" if reasoning.flag("exclude") else None
        if reasoning.flag("enabled") is False:
            effort = "none"
        lost += [reasoning.at(name) for name in reasoning.rest()]
    if effort is not None and effort not in _EFFORTS:
        extra["reasoning_effort"] = effort
        effort = None
    if effort is None and budget is None and summary is None:
        return None, extra
    return Thinking(cast("Effort | None", effort), budget, summary), extra


def write_thinking(thinking: Thinking | None, flavour: Flavour, lost: list[str]) -> dict[str, JSON]:
    """Return the fields; where there is no budget to be said, the nearest effort stands for it."""
    if thinking is None:
        return {}
    if thinking.adaptive:
        lost.append("thinking.adaptive")
    effort = thinking.effort
    reasoning: dict[str, JSON] = {}
    if flavour == "extended":
        if thinking.budget is not None and (thinking.budget > 0 or effort is not None):
            reasoning["max_tokens"] = thinking.budget
        if thinking.summary == "none":
            reasoning["exclude"] = True
    elif thinking.budget is not None and (thinking.budget > 0 or effort is not None):
        lost.append("thinking.budget")
    if thinking.summary is not None and "exclude" not in reasoning:
        lost.append("thinking.summary")
    if effort is None and thinking.budget is not None and "max_tokens" not in reasoning:
        effort = _effort(thinking.budget)
    fields: dict[str, JSON] = {} if effort is None else {"reasoning_effort": effort}
    return {**fields, "reasoning": reasoning} if reasoning else fields


def _effort(budget: int) -> Effort:
    if budget <= 0:
        return "none"
    if budget < _LOW:
        return "low"
    return "medium" if budget < _MEDIUM else "high"
