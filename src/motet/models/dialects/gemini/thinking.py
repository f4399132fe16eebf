"""How much a model thinks: `thinkingConfig`, both ways.

https://ai.google.dev/gemini-api/docs/thinking; the budgets of efforts are those by which
https://ai.google.dev/gemini-api/docs/openai translates them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from motet.core.chat import Effort, Thinking
from motet.core.json import JSON
from motet.models.dialects.gemini.fields import Fields
from motet.models.dialects.gemini.versions import always_thinks, is_second

_BUDGETS: Mapping[Effort, int] = {
    "none": 0,
    "minimal": 1024,
    "low": 1024,
    "medium": 8192,
    "high": 24576,
    "xhigh": 24576,
    "max": 24576,
}
_LEVELS = ("minimal", "low", "medium", "high")
_ADAPTIVE = -1


def written_thinking(thinking: Thinking, model: str, lost: list[str]) -> dict[str, JSON]:
    """Return the `thinkingConfig` for the model; what it cannot say is added to `lost`."""
    config: dict[str, JSON] = {}
    if thinking.budget is not None or (thinking.adaptive and thinking.effort is None):
        config["thinkingBudget"] = _ADAPTIVE if thinking.budget is None else thinking.budget
        if thinking.effort is not None:
            lost.append("thinking.effort")
        if thinking.adaptive and thinking.budget is not None:
            lost.append("thinking.adaptive")
    elif thinking.effort is not None:
        config |= _effort(thinking.effort, model, lost)
        if thinking.adaptive:
            lost.append("thinking.adaptive")
    if thinking.summary is not None:
        config["includeThoughts"] = thinking.summary != "none"
        if thinking.summary not in ("none", "auto"):
            lost.append("thinking.summary")
    return config


def _effort(effort: Effort, model: str, lost: list[str]) -> dict[str, JSON]:
    if is_second(model):
        return {"thinkingBudget": _BUDGETS[effort]}
    level = {"none": "minimal", "xhigh": "high", "max": "high"}.get(effort, effort)
    if level == "minimal" and always_thinks(model):
        level = "low"
    if level != effort:
        lost.append("thinking.effort")
    return {"thinkingLevel": level.upper()}


def read_thinking(fields: Fields, lost: list[str]) -> Thinking:
    """Read a `thinkingConfig`. Raises `BadRequest`."""
    budget = fields.integer("thinkingBudget")
    level = (fields.text("thinkingLevel") or "").lower()
    shown = fields.flag("includeThoughts")
    if level not in ("", "thinking_level_unspecified", *_LEVELS):
        raise fields.wrong("thinkingLevel", f"one of {', '.join(_LEVELS).upper()}")
    lost += fields.unknown()
    adaptive = budget is not None and budget < 0
    return Thinking(
        effort=cast(Effort, level) if level in _LEVELS else None,
        budget=None if adaptive else budget,
        summary=None if shown is None else "auto" if shown else "none",
        adaptive=adaptive,
    )
