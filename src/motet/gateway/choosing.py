"""Which of a route's models are asked for a request, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from motet.core.json import JSON
from motet.gateway.asked import Asked
from motet.gateway.denial import Denial
from motet.gateway.served import ServedModel
from motet.models.resilience.health import Health
from motet.models.resilience.tries import Tried
from motet.models.routing.candidate import Candidate, unable
from motet.models.routing.goal import Goal
from motet.models.routing.quality import Evaluated
from motet.models.routing.router import Router
from motet.models.routing.signals import Signals, signals


class Chooser:
    """Orders models by what a request needs; `auto` by what was learned of them too."""

    def __init__(self, health: Health, records: Iterable[Evaluated] = ()) -> None:
        """`records` are evaluated answers, from which `auto` knows who is good at what."""
        self.router = Router(health, records)
        self._candidates: dict[str, Candidate] = {}

    def order(self, asked: Asked) -> tuple[Sequence[ServedModel], dict[str, JSON]]:
        """Return the models in the order in which to ask them, and why, for the trace.

        Of a name's stand-ins, those that cannot take the request are left out; the model
        that was asked for by its name is always asked. Raises `Denial` where nobody can
        take it, or it cannot be read.
        """
        route = asked.route
        if route.goal is None and len(route.models) == 1:
            return route.models, {}
        needed = signals(asked.incoming.request)
        if route.goal is None:
            able = [each for each in route.models[1:] if self._unable(each, needed) is None]
            return [route.models[0], *able], {}
        by_name = {each.name: each for each in route.models}
        candidates = [self._candidate(each) for each in route.models]
        choice = self.router.choose(candidates, needed, cast(Goal, route.goal))
        if not choice.names:
            why = "; ".join(f"{name}: {reason}" for name, reason in choice.excluded)
            raise Denial(400, f"no model can take this request: {why}", code="no_model")
        return [by_name[name] for name in choice.names], {"choice": choice.shown()}

    def fits(self, asked: Asked, model: ServedModel, tried: Tried) -> str | None:
        """Return why a model cannot take a request that another could not take either."""
        return self._unable(model, signals(asked.incoming.request))

    def _unable(self, model: ServedModel, needed: Signals) -> str | None:
        return unable(self._candidate(model), needed)

    def _candidate(self, model: ServedModel) -> Candidate:
        found = self._candidates.get(model.name)
        if found is None:
            found = self._candidates[model.name] = _candidate(model)
        return found


def _candidate(model: ServedModel) -> Candidate:
    card = model.card
    inputs = card.input_modalities
    return Candidate(
        model.name,
        model.context,
        card.max_output,
        None if inputs is None else frozenset[str](inputs),
        card.tools,
        card.structured,
        model.local,
        model.pricing,
    )
