"""How well models write tool calls: judged after their answers, for the choice among them."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import ToolCall
from motet.core.errors import ProviderError
from motet.core.json import JSON
from motet.gateway.attempt import Attempt
from motet.gateway.denial import Denial
from motet.gateway.passthrough import Passthrough
from motet.models.dialects.registry import DIALECTS
from motet.models.resilience.calls import outcome
from motet.models.resilience.health import Health
from motet.tools.validation import problems


def judge(attempt: Attempt, health: Health) -> None:
    """Tell health how each call of a finished answer turned out, where tools were offered."""
    asked = attempt.asked
    if not asked.body.get("tools"):
        return
    try:
        calls = _calls(attempt)
        tools = asked.incoming.request.tools if calls else ()
    except (ProviderError, Denial):
        return  # the provider took what we cannot read; nothing is known of its calls
    for call in calls:
        health.called(attempt.model.name, outcome(call, tools, _fits))


def _calls(attempt: Attempt) -> tuple[ToolCall, ...]:
    answering = attempt.answering
    if not isinstance(answering, Passthrough):
        return answering.tool_calls()
    answer = answering.answer(DIALECTS[attempt.asked.dialect].reader(attempt.model.name))
    return answer.tool_calls if answer is not None else ()


def _fits(schema: Mapping[str, JSON], value: JSON) -> bool:
    return not problems(schema, value)
