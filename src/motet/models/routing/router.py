"""A router: what was learned of models, and choices made by it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from motet.core.chat import ChatRequest
from motet.models.resilience.health import Health
from motet.models.routing.candidate import Candidate
from motet.models.routing.choice import Choice, choose
from motet.models.routing.goal import Goal, Limits
from motet.models.routing.quality import Evaluated, Quality
from motet.models.routing.signals import Signals, signals


class Router:
    """Chooses among candidates; learns from evaluations and from what health measures.

    It keeps nothing itself: records are given anew to each process. With `explore` the
    expected quality is sampled instead of taken, so that little known models get tried.
    """

    def __init__(
        self,
        health: Health | None = None,
        records: Iterable[Evaluated] = (),
        *,
        explore: random.Random | None = None,
    ) -> None:
        self.health = health or Health()
        self.quality = Quality()
        self._explore = explore
        self.learn(records)

    def learn(self, records: Iterable[Evaluated]) -> None:
        """Learn from evaluated answers. Raises `ValueError` on a score outside 0 to 1.

        A record's domain is what `signals` gave for its request, so that what is learned is
        looked up by the same measure, right or wrong.
        """
        self.quality.learn(records)

    def choose(
        self,
        candidates: Sequence[Candidate],
        request: ChatRequest | Signals,
        goal: Goal = "balanced",
        *,
        limits: Limits | None = None,
        pins: Sequence[str] = (),
        local: bool = False,
    ) -> Choice:
        """Return the candidates in the order in which to ask them; see `choice.choose`."""
        needed = request if isinstance(request, Signals) else signals(request)
        return choose(
            candidates,
            needed,
            goal,
            quality=self.quality,
            health=self.health,
            limits=limits or Limits(),
            pins=pins,
            local=local,
            draw=self._explore.gauss if self._explore else None,
        )
