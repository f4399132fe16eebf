"""Making alternatives: each with its estimate, composite ones from their parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.json import JSON
from motet.planner.cost import HERE, Charge, Look
from motet.planner.operators import composer
from motet.planner.plan import Alternative, Effect, Estimate, Part
from motet.planner.request import Request

ENGINE = "engine"
"""The choice where the engine itself does it."""
REPEATABLE: frozenset[Effect] = frozenset({"pure", "read"})


class Maker:
    """Makes alternatives for one request from the estimates of one moment."""

    def __init__(self, look: Look, request: Request) -> None:
        self._look = look
        self.request = request
        self.answerers = {each.name: each for each in request.answerers}

    def estimate(
        self, method: str, choice: str, charge: Charge = HERE, base: Estimate | None = None
    ) -> Estimate:
        """Return the estimate of a method and choice for this kind of request."""
        task = self.request.task
        return self._look.estimate(method, choice, task=task, charge=charge, base=base)

    def simple(
        self,
        method: str,
        choice: str,
        arguments: Mapping[str, JSON] | None = None,
        *,
        charge: Charge = HERE,
        unavailable: str | None = None,
    ) -> Alternative:
        """Return an alternative that is one step."""
        estimate = self.estimate(method, choice, charge)
        return Alternative(choice, method, estimate, arguments or {}, unavailable)

    def composite(
        self, choice: str, method: str, parts: Sequence[Part], like: Alternative | None = None
    ) -> Alternative:
        """Return an alternative that takes several parts; arguments and availability as `like`."""
        compose = composer(method)
        assert compose is not None
        return Alternative(
            choice=choice,
            method=method,
            estimate=self.estimate(method, choice, base=compose(parts)),
            arguments=like.arguments if like else {},
            unavailable=like.unavailable if like else None,
            parts=tuple(parts),
        )

    def step(
        self, operator: str, method: str, choice: str, charge: Charge = HERE, **arguments: JSON
    ) -> Part:
        """Return a part that is one step, named after its operator."""
        estimate = self.estimate(method, choice, charge)
        return Part(
            operator, operator, method, choice, "read", arguments=arguments, estimate=estimate
        )


def as_part(name: str, each: Alternative) -> Part:
    """Return an answering alternative as a part of another."""
    return Part(
        name,
        "answer",
        each.method,
        each.choice,
        "read",
        arguments=each.recorded(),
        estimate=each.estimate,
    )


def repeatable(each: Alternative) -> bool:
    """Whether running it more than once, or in vain, changes nothing outside."""
    return all(part.effect in REPEATABLE for part in each.parts if part.operator == "call")
