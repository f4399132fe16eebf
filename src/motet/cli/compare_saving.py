"""What a comparison says of models, by domain, for routing to learn from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from motet.core.clock import now

if TYPE_CHECKING:
    from motet.cli.compare_asking import Candidate
    from motet.learning.comparison import Comparison
    from motet.models.routing.evaluations import Row


def domain(question: str) -> str:
    """Return what routing takes a question to be about."""
    from motet.core.chat import ChatRequest, Message
    from motet.models.routing.signals import signals

    return signals(ChatRequest((Message("user", question),))).domain


def rows(comparison: Comparison, candidates: Sequence[Candidate]) -> list[Row]:
    """Return a row for each model, domain and system; domains are those that routing sees."""
    from motet.models.routing.evaluations import Row

    seen = [domain(each.text) for each in comparison.questions.questions]
    # A model that answered a question for several candidates was asked that question once.
    answers: dict[tuple[str, str, str | None], dict[int, list[float]]] = {}
    for who in candidates:
        within = who.within.name if who.within is not None else None
        for place, each in enumerate(comparison.outcomes[who.name]):
            if each.model is not None:
                key = each.model, seen[place], within
                answers.setdefault(key, {}).setdefault(place, []).append(each.score)
    at = round(now(), 3)
    return [
        Row(
            model,
            kind,
            [round(math.fsum(each) / len(each), 6) for each in found.values()],
            comparison.questions.digest,
            comparison.scorer,
            within,
            at,
        )
        for (model, kind, within), found in sorted(answers.items(), key=lambda each: str(each[0]))
    ]
