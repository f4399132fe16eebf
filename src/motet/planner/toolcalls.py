"""A chat model that calls tools: turn by turn, or all calls planned at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from motet.planner.making import Maker
from motet.planner.plan import Alternative, Effect, Estimate, Part
from motet.planner.priors import CALLS_PER_LEVEL, TURNS_LEVELS

_STRENGTH: Mapping[Effect, int] = {"pure": 0, "read": 1, "idempotent": 2, "once": 3}


def with_tools(maker: Maker, alone: Alternative) -> Iterator[Alternative]:
    """Yield both ways in which a model that answers `alone` can use the request's tools.

    Turn by turn it sees each result before it goes on; a graph of calls takes two turns
    whatever depends on what.
    """
    asked, call = _calls(maker)
    parts = [
        Part(
            "turn",
            "answer",
            alone.method,
            alone.choice,
            "read",
            times=TURNS_LEVELS + 1,
            estimate=alone.estimate,
        ),
        *asked,
        call,
    ]
    yield maker.composite(alone.choice, "answer.turns", parts, alone)
    parts[0] = replace(parts[0], operator="plan_calls", times=2)
    yield maker.composite(f"{alone.choice} (dag)", "answer.dag", parts, alone)


def _calls(maker: Maker) -> tuple[list[Part], Part]:
    """Return the calls as one part, after an approval where any tool asks for one."""
    tools = [each for each in maker.request.tools if each.unavailable is None]
    names = [each.name for each in tools]
    guarded = [each.name for each in tools if each.approve]
    effect = max((each.effect for each in tools), key=lambda each: _STRENGTH[each])
    call = Part(
        "call",
        "call",
        "call",
        ", ".join(names[:3]) + (", ..." if len(names) > 3 else ""),
        effect,
        needs=("approve",) if guarded else ("turn",),
        arguments={"tools": names, "levels": TURNS_LEVELS},
        times=TURNS_LEVELS * CALLS_PER_LEVEL,
        estimate=_typical(maker, names),
    )
    if not guarded:
        return [], call
    approve = Part(
        "approve",
        "approve",
        "approve",
        "a person",
        "idempotent",
        needs=("turn",),
        arguments={"tools": guarded},
        when="one of these is called",
    )
    return [approve], call


def _typical(maker: Maker, names: list[str]) -> Estimate:
    """Return the estimate of the tool in the middle by time."""
    each = sorted((maker.estimate("call", name) for name in names), key=lambda e: e.seconds)
    return each[len(each) // 2]
