"""One name at a place: which of several recognisers is believed where they overlap.

In this order; at equal level the longer name first, then the earlier, then the surer one:
1. names from keys and names of rows, the user's own words for things;
2. titles of documents;
3. what rows refer to without a row of its own, and names less their legal form;
4. names that a recogniser (expert, model or pattern) found;
5. first words of companies' names, and what is left of companies that only texts name.

Where a recogniser found exactly the words of any of the others, the other is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from motet.core.graph import Mention, Producer
from motet.knowledge.entities.forms import RANKS
from motet.knowledge.entities.gazetteer import Hit
from motet.knowledge.entities.recognition import Recognised

_SCORES = {0: 1.0, 1: 0.9, 2: 0.9, 3: 0.8, 4: 0.6, 5: 0.6}
_RECOGNISED = RANKS["short"]
GAZETTEER = Producer("gazetteer", "1")


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    level: float
    mentions: tuple[Mention, ...]


def mentions(hits: Sequence[Hit], recognised: Iterable[Recognised]) -> list[Mention]:
    """Return the mentions of a text, none overlapping but those of one ambiguous name."""
    candidates = [_of_hit(hit) for hit in hits]
    spans = {(hit.start, hit.end) for hit in hits}
    for each in recognised:
        named = each.named
        if (named.start, named.end) not in spans:
            candidates.append(_of_name(each))
    candidates.sort(key=_precedence)
    taken: list[tuple[int, int]] = []
    found: list[Mention] = []
    for candidate in candidates:
        if all(candidate.end <= low or high <= candidate.start for low, high in taken):
            taken.append((candidate.start, candidate.end))
            found += candidate.mentions
    return sorted(found, key=lambda each: (each.start, each.end, each.entity))


def _precedence(candidate: _Candidate) -> tuple[object, ...]:
    length = candidate.end - candidate.start
    first = candidate.mentions[0]
    return (candidate.level, -length, candidate.start, -first.score, first.entity, first.producer)


def _of_hit(hit: Hit) -> _Candidate:
    score = _SCORES[hit.rank] / len(hit.entities)
    found = tuple(Mention(entity, hit.start, hit.end, score, GAZETTEER) for entity in hit.entities)
    return _Candidate(hit.start, hit.end, hit.rank, found)


def _of_name(each: Recognised) -> _Candidate:
    named = each.named
    mention = Mention(each.entity, named.start, named.end, named.score, each.producer)
    return _Candidate(named.start, named.end, _RECOGNISED + 0.5, (mention,))
