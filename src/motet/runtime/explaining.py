"""Written plans explained: what they are expected to take, and what happened beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Literal

from motet.core.errors import UsageError
from motet.core.json import dumps
from motet.planner.cost import CostModel, Look
from motet.planner.explain import to_json, to_text
from motet.planner.lowering import METHOD, UNKNOWN, lowered
from motet.planner.operator import Operator
from motet.planner.plan import Estimate, PhysicalPlan
from motet.planner.waterfall import to_html
from motet.planner.written import Plan, check
from motet.runtime.journal import Journal
from motet.runtime.run import Run
from motet.runtime.runs import journal_of
from motet.runtime.statistics import PastRuns

Format = Literal["text", "json", "html"]


def explain(
    plan: Plan | Run,
    *,
    want: object = None,
    analyze: Run | None = None,
    format: Format = "text",
    home: str | Path | None = None,
) -> str:
    """Return a plan, or a run's, in words: estimates, and with `analyze` what happened.

    Estimates are what the journal has measured of each operator, before that what its own
    options expect. `format` is "text", "json", or "html" for a waterfall in one file.
    Raises `PlanError` for a plan that cannot run.
    """
    if isinstance(plan, Run):
        return _shown(plan.record.physical(), plan, format)
    if not isinstance(plan, Plan):
        raise UsageError(f"expected a motet.Plan or Run, got {type(plan).__name__}")
    if format not in ("text", "json", "html"):
        raise UsageError(f"no such format: {format!r}", hint="text, json or html")
    return _shown(physical(plan, want, journal_of(home)), analyze, format)


def physical(plan: Plan, want: object, journal: Journal) -> PhysicalPlan:
    """Return a written plan with estimates."""
    if want is None:
        calls, want = check(plan, None), [plan.ref(each.id) for each in plan.nodes[-1:]]
    else:
        calls = check(plan, want)
    look = CostModel(PastRuns(journal)).look()
    estimates = {call.id: _estimate(look, call.operator) for call in calls}
    return lowered(plan.to_json(want), estimates)


def _estimate(look: Look, operator: Operator[..., object]) -> Estimate:
    settings = operator.settings
    past = look.known(METHOD, operator.choice).past.finished
    seconds = settings.seconds
    if seconds is None:  # nothing was expected, so what was measured is not drawn towards it
        seconds = median(each.seconds for each in past) if past else 0.0
    expected = replace(
        UNKNOWN,
        seconds=seconds,
        low=seconds / 2,
        high=seconds * 3,
        cost=settings.cost,
        cost_high=settings.cost,
        tokens=settings.tokens,
    )
    return look.estimate(METHOD, operator.choice, base=expected)


def _shown(plan: PhysicalPlan, run: Run | None, format: Format) -> str:
    actual = run.record.actual() if run is not None else None
    if format == "json":
        return dumps(to_json(plan, actual), indent=2)
    if format == "html":
        return to_html(plan, actual or {}, title=plan.skill)
    return to_text(plan, actual)
