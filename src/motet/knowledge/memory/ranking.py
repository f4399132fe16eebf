"""Which of what is remembered has to do with a question, and what still holds of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.text import normalised
from motet.knowledge.memory.episodes import Episode
from motet.knowledge.memory.facts import Fact

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_WORDS = 0.2
"""The share of a question's terms from which on an episode has to do with it."""
LEAST_COSINE = 0.35
"""The cosine to a question from which on it does."""
OLDER = 0.8
"""What a fact counts that a newer one contradicts; both stay."""
ANSWERED = 0.5
"""What an answer counts that was once given: what it was taken from says it first."""
ENDED = 0.5
"""What a fact counts that was said to hold no longer."""


@dataclass(frozen=True, slots=True)
class Relevance:
    """How near an episode is to a question: the share of its terms, and the cosine if known."""

    words: float
    cosine: float | None

    @property
    def score(self) -> float:
        """The mean of what is known, at most 1."""
        return self.words if self.cosine is None else (self.words + max(self.cosine, 0.0)) / 2

    @property
    def enough(self) -> bool:
        """Whether the episode has to do with the question at all."""
        near = self.cosine is not None and self.cosine >= LEAST_COSINE
        return near or self.words >= LEAST_WORDS


def cosine(question: NDArray[np.float32], vector: NDArray[np.float16]) -> float:
    """Return the cosine of two unit vectors of shape (d,)."""
    return float(question @ vector.astype(question.dtype))


def standing(episodes: Sequence[Episode], at: float) -> dict[str, float]:
    """Return what each episode counts, by id: less where its facts are contradicted or over.

    Facts contradict each other that give one property of one subject different values; the
    newest of those that hold at the time counts in full.
    """
    told: dict[tuple[str | None, str], list[tuple[Episode, Fact]]] = defaultdict(list)
    for episode in episodes:
        for fact in episode.facts:
            told[_subject(fact, episode), fact.property].append((episode, fact))
    counts: dict[str, float] = {each.id: 1.0 for each in episodes}
    for facts in told.values():
        current = [each for each in facts if not each[1].ends]
        over = {each[0].id for each in current if _is_over(each, facts, at)}
        holding = [each for each in current if each[0].id not in over]
        newest = max((each[0].at for each in holding), default=None)
        values = {normalised(each[1].value) for each in holding}
        for episode, _ in current:
            older = len(values) > 1 and newest is not None and episode.at < newest
            factor = ENDED if episode.id in over else OLDER if older else 1.0
            counts[episode.id] = min(counts[episode.id], factor)
    return counts


def _subject(fact: Fact, episode: Episode) -> str:
    return f"user {episode.user or episode.session}" if fact.subject is None else fact.subject


def _is_over(told: tuple[Episode, Fact], facts: Sequence[tuple[Episode, Fact]], at: float) -> bool:
    """Whether a fact ended by itself, or a later one of the same value says that it did."""
    episode, fact = told
    if fact.valid_to is not None and fact.valid_to <= at:
        return True
    return any(
        other.ends and later.at >= episode.at and normalised(other.value) == normalised(fact.value)
        for later, other in facts
    )
