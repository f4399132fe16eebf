"""What a comparison says of models, by domain, for routing to learn from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from motet.core.clock import now

if TYPE_CHECKING:
    from motet.cli.compare_asking import Candidate
    from motet.learning.comparison import Comparison
    from motet.learning.quality import Row


def rows(comparison: Comparison, candidates: Sequence[Candidate]) -> list[Row]:
    """Return a row for each model, domain and system; domains are those that routing sees."""
    from motet.learning.quality import Row
    from motet.models.routing.domains import domain

    seen = [domain(each.text).name for each in comparison.questions.questions]
    # A model that answered a question for several candidates was asked that question once.
    answers: dict[tuple[str, str, str | None], dict[int, list[float]]] = {}
    for who in candidates:
        within = who.within.name if who.within is not None else None
        for place, each in enumerate(comparison.outcomes[who.name]):
            if each.model is not None:
                key = each.model, seen[place], within
                answers.setdefault(key, {}).setdefault(place, []).append(each.score)
    scores = {
        key: [math.fsum(each) / len(each) for each in found.values()]
        for key, found in answers.items()
    }
    at = round(now(), 3)
    return [
        Row(
            model,
            kind,
            comparison.questions.digest,
            comparison.scorer,
            within,
            len(found),
            round(math.fsum(found) / len(found), 6),
            at,
        )
        for (model, kind, within), found in sorted(scores.items(), key=lambda each: str(each[0]))
    ]
