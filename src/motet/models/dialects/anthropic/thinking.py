"""How much to think: `thinking` and `output_config.effort`.

Models up to Claude 4.5 take a budget in tokens; later ones think adaptively and take an
effort (https://docs.anthropic.com/en/docs/build-with-claude/adaptive-thinking). What an
Anthropic client asked for passes as it is; other clients' wishes become the model's own kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast, get_args

from motet.core.chat import (
    ChatRequest,
    Effort,
    Message,
    NamedTool,
    Reasoning,
    Thinking,
    ToolChoice,
)
from motet.core.json import JSON
from motet.models.dialects.anthropic.fields import Fields, wrong
from motet.models.dialects.anthropic.own import is_own

_LEAST_BUDGET = 1024
_SHARES: Mapping[Effort, float] = {
    "minimal": 0.1,
    "low": 0.2,
    "medium": 0.5,
    "high": 0.8,
    "xhigh": 0.9,
    "max": 0.95,
}
"""Parts of the output that efforts become, where only budgets are known, as OpenRouter has it."""
_TAKES_BUDGET = re.compile(r"claude-(3|(opus|sonnet|haiku)-4(?![-.][6-9](\D|$)))")
_DISPLAYS: Mapping[str, str] = {"summarized": "auto", "omitted": "none"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request says of thinking: the two fields as they go into the body."""

    thinking: dict[str, JSON] | None = None
    effort: str | None = None


def read_thinking(thinking: Fields | None, effort: str | None, path: str) -> Thinking | None:
    """Read the wish, None where there is none; an effort stands at `path`. Raises `BadRequest`.

    A kind of thinking that is not known leaves its fields unread.
    """
    if effort is not None and effort not in get_args(Effort):
        raise wrong(path, "low, medium, high, xhigh or max")
    level = cast("Effort | None", effort)
    kind = None if thinking is None else thinking.value.get("type")
    if thinking is None or kind not in ("enabled", "disabled", "adaptive"):
        return None if level is None else Thinking(level)
    thinking.get("type")
    display = thinking.maybe_text("display")
    if display is not None and display not in _DISPLAYS:
        raise wrong(thinking.at("display"), "summarized or omitted")
    budget = 0 if kind == "disabled" else thinking.integer("budget_tokens")
    if kind == "enabled" and budget is None:
        thinking.required("budget_tokens")
    return Thinking(
        effort=level,
        budget=budget,
        summary=_DISPLAYS[display] if display is not None else None,
        adaptive=kind == "adaptive",
    )


def write_thinking(thinking: Thinking, lost: list[str]) -> Wish:
    """Write a wish as it is; `lost` takes what cannot be said."""
    effort = thinking.effort
    if effort == "minimal":
        lost.append("thinking.effort")
        effort = "low"
    if effort == "none" or thinking.budget == 0:
        return Wish({"type": "disabled"}, None if effort == "none" else effort)
    if thinking.adaptive:
        written: dict[str, JSON] = {"type": "adaptive"}
    elif thinking.budget is not None:
        written = {"type": "enabled", "budget_tokens": thinking.budget}
    else:
        lost += ["thinking.summary"] if thinking.summary is not None else []
        return Wish(effort=effort)
    if thinking.summary is not None:
        written["display"] = "omitted" if thinking.summary == "none" else "summarized"
    lost += ["thinking.summary"] if thinking.summary in ("concise", "detailed") else []
    return Wish(written, effort)


def suited(request: ChatRequest, model: str, limit: int, lost: list[str]) -> Thinking | None:
    """Return what another dialect's client wishes in the kind that the model takes.

    `limit` is the most tokens of the answer, of which thoughts are a part. None where there
    is no wish, or where the API would refuse it with the rest of the request; `lost` says so.
    """
    thinking = request.thinking
    if thinking is None or thinking.effort == "none" or thinking.budget == 0:
        return thinking
    takes_budget = _TAKES_BUDGET.match(model) is not None
    if _forces_tool(request.tool_choice) or (takes_budget and _lacks_thoughts(request.messages)):
        lost.append("thinking")
        return None
    if not takes_budget:
        return _adaptive(thinking, lost) if model.startswith("claude-") else thinking
    budget = thinking.budget or int(limit * _SHARES[thinking.effort or "medium"])
    budget = max(_LEAST_BUDGET, min(budget, limit - 1))
    if budget < limit:
        return Thinking(budget=budget, summary=thinking.summary)
    lost.append("thinking")
    return None


def _adaptive(thinking: Thinking, lost: list[str]) -> Thinking:
    lost += ["thinking.budget"] if thinking.budget is not None else []
    return replace(thinking, budget=None, adaptive=True)


def _forces_tool(choice: ToolChoice | None) -> bool:
    return choice == "required" or isinstance(choice, NamedTool)


def _lacks_thoughts(messages: Sequence[Message]) -> bool:
    """Whether calls are being answered whose turn does not begin with the model's own thoughts."""
    if not messages or messages[-1].role != "tool":
        return False
    turn = next((each for each in reversed(messages) if each.role == "assistant"), None)
    first = turn.parts[0] if turn is not None and turn.parts else None
    return not (isinstance(first, Reasoning) and is_own(first.seal))
