"""What tests of written plans share: small operators, and plans of one node."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import motet


def alone(operator: Any, *args: object, **kwargs: object) -> motet.Plan:
    """Return a plan of one node."""
    plan = motet.Plan()
    plan.add(operator, *args, **kwargs)
    return plan


def ends(plan: motet.Plan, home: Path, within: float = 10.0, **options: Any) -> motet.Run:
    """Run a plan that must end in time."""
    return asyncio.run(asyncio.wait_for(motet.arun(plan, home=home, **options), within))


def statuses(run: motet.Run) -> dict[str, str]:
    """Return the statuses of a run's nodes by their ids."""
    return {each.id: each.status for each in run.nodes}
