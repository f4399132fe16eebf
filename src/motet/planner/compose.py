"""How estimates add up: of a whole plan, and of a node that is made of parts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from motet.planner.durations import NOTHING, Duration, at_once, in_turn, longest_of
from motet.planner.plan import QUESTION, Basis, Estimate, Node, Part, PhysicalNode
from motet.planner.priors import (
    CHECKS,
    DAG_LOSS,
    GAINS,
    HALF_GAIN,
    SHARED_FAILURES,
    WITH_TOOLS,
    Check,
)

LIGHT = 0.005
"""Seconds below which it does not matter whether a step was measured."""
Composer = Callable[[Sequence[Part]], Estimate]
"""Estimates a composite node from its parts, which carry estimates of their own."""


def whole(nodes: Sequence[Node | PhysicalNode], estimates: Sequence[Estimate]) -> Estimate:
    """Return the estimate of a plan: inputs first, the last node its result.

    Time is that of the critical path, money and tokens add, quality multiplies.
    """
    finish: dict[str, float] = {QUESTION: 0.0}
    times: dict[str, Duration] = {QUESTION: NOTHING}
    for node, each in zip(nodes, estimates, strict=True):
        finish[node.id] = max((finish[i] for i in node.inputs), default=0.0) + each.seconds
        waited = at_once([times[i] for i in node.inputs])
        times[node.id] = in_turn([waited, time_of(each)])
    end = max(finish.values())
    last = at_once([times[node.id] for node in nodes if finish[node.id] == end])
    return _together(estimates, Duration(end, min(end, last.low), max(end, last.high)))


def time_of(estimate: Estimate) -> Duration:
    """Return the time of an estimate."""
    return Duration(estimate.seconds, estimate.low, estimate.high)


def _together(estimates: Sequence[Estimate], time: Duration) -> Estimate:
    """Add what adds and multiply quality; errors of quality are independent."""
    quality = math.prod(each.quality for each in estimates)
    low = math.hypot(*((e.quality - e.quality_low) / max(e.quality, 1e-9) for e in estimates))
    high = math.hypot(*((e.quality_high - e.quality) / max(e.quality, 1e-9) for e in estimates))
    return Estimate(
        quality=round(quality, 6),
        seconds=round(time.seconds, 6),
        low=round(time.low, 6),
        high=round(time.high, 6),
        cost=round(math.fsum(each.cost for each in estimates), 9),
        tokens=sum(each.tokens for each in estimates),
        basis=_basis(estimates),
        samples=min((e.samples for e in _weighty(estimates)), default=0),
        quality_low=round(max(0.0, quality * (1 - low)), 4),
        quality_high=round(min(1.0, quality * (1 + high)), 4),
        scored=min((e.scored for e in estimates if e.quality < 1), default=0),
        cost_high=round(math.fsum(max(e.cost, e.cost_high) for e in estimates), 9),
        calls=sum(each.calls for each in estimates),
    )


def _weighty(estimates: Sequence[Estimate]) -> Sequence[Estimate]:
    return [each for each in estimates if each.seconds >= LIGHT] or estimates


def _basis(estimates: Sequence[Estimate]) -> Basis:
    measured = all(each.basis == "measured" for each in _weighty(estimates))
    return "measured" if measured else "prior"


def cascade(parts: Sequence[Part]) -> Estimate:
    """Estimate a cheap answer, its check, and a dear one where the check fails.

    Time and money are means: neither of the two cases stands for both.
    """
    cheap, check, dear = (_estimate(each) for each in parts)
    rates = CHECKS[parts[1].method]
    again = 1 - cheap.quality * rates.right - (1 - cheap.quality) * rates.wrong
    quick, slow = in_turn(_times(cheap, check)), in_turn(_times(cheap, check, dear))
    base = _together((cheap, check, dear), slow)
    quality = _cascaded(cheap.quality, dear.quality, rates)
    low = _cascaded(cheap.quality_low, dear.quality_low, rates)
    high = _cascaded(cheap.quality_high, dear.quality_high, rates)
    return replace(
        base,
        quality=round(quality, 6),
        quality_low=round(min(quality, low), 4),
        quality_high=round(max(quality, high), 4),
        seconds=round(quick.seconds + again * dear.seconds, 6),
        low=round(quick.low if again < 0.9 else slow.low, 6),
        high=round(slow.high if again > 0.1 else quick.high, 6),
        cost=round(cheap.cost + check.cost + again * dear.cost, 9),
        tokens=round(cheap.tokens + check.tokens + again * dear.tokens),
        scored=min(cheap.scored, dear.scored),
    )


def _cascaded(cheap: float, dear: float, check: Check) -> float:
    """Return the share of right answers.

    A right cheap answer is kept, or replaced by the dear one's; a wrong one is replaced only
    where the check notices. The dear model, right in `dear` of all cases, is right less often
    where the cheap one was wrong: both find the same questions hard.
    """
    if cheap <= 0:
        return (1 - check.wrong) * dear
    hard = dear * (1 - SHARED_FAILURES)
    easy = min(1.0, (dear - (1 - cheap) * hard) / cheap)
    right = cheap * (check.right + (1 - check.right) * easy)
    return right + (1 - cheap) * (1 - check.wrong) * hard


def aggregate(parts: Sequence[Part]) -> Estimate:
    """Estimate attempts at once (as many as their model takes), and how they become one."""
    attempt, last = parts[0], parts[-1]
    one = _estimate(attempt)
    width = min(attempt.times, int(str(attempt.arguments.get("at_once", attempt.times))))
    rounds = math.ceil(attempt.times / width)
    stages = [in_turn([longest_of(width, time_of(one))] * rounds)]
    stages += [longest_of(each.times, time_of(_estimate(each))) for each in parts[1:]]
    every = [_estimate(each) for each in parts for _ in range(each.times)]
    kind = last.method.partition(".")[2]
    gain = GAINS[kind] * (attempt.times - 1) / (attempt.times - 1 + HALF_GAIN)
    return replace(
        _together(every, in_turn(stages)),
        quality=round(one.quality + (1 - one.quality) * gain, 6),
        quality_low=round(one.quality_low + (1 - one.quality_low) * gain, 4),
        quality_high=round(one.quality_high + (1 - one.quality_high) * gain, 4),
        scored=0,
    )


def turns(parts: Sequence[Part]) -> Estimate:
    """Estimate a model that calls tools turn by turn: it waits for each level of calls."""
    return _with_tools(parts, 0.0)


def dag(parts: Sequence[Part]) -> Estimate:
    """Estimate a model that plans all calls in one turn and answers in a second one."""
    return _with_tools(parts, DAG_LOSS)


def _with_tools(parts: Sequence[Part], loss: float) -> Estimate:
    model, calls = parts[0], parts[-1]
    one, call = _estimate(model), _estimate(calls)
    levels = int(str(calls.arguments["levels"]))
    level = longest_of(max(1, round(calls.times / levels)), time_of(call))
    every = [one] * model.times + [call] * calls.times
    time = in_turn([time_of(one)] * model.times + [level] * levels)
    return replace(
        _together(every, time),
        quality=round(_aided(one.quality, loss), 6),
        quality_low=round(_aided(one.quality_low, loss), 4),
        quality_high=round(_aided(one.quality_high, loss), 4),
        scored=0,
    )


def _aided(quality: float, loss: float) -> float:
    return (quality + (1 - quality) * WITH_TOOLS) * (1 - loss)


def _estimate(part: Part) -> Estimate:
    assert part.estimate is not None
    return part.estimate


def _times(*estimates: Estimate) -> list[Duration]:
    return [time_of(each) for each in estimates]
