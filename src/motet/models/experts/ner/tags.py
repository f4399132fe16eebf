"""Tags: what each unit of a text is, and the names that the best sequence of them spells."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LABELS = ("person", "organisation", "place", "misc")
OUTSIDE = 0
COUNT = 1 + 2 * len(LABELS)
"""Outside, then for every label the tag that begins a name and the one that goes on with it."""

IMPOSSIBLE = -1e4
_MOST_ODDS = 30.0


def begin(label: str) -> int:
    """Return the tag that begins a name of this label."""
    return 1 + 2 * LABELS.index(label)


def follows(tag: int, before: int | None) -> bool:
    """Whether a tag may stand after another, or first: a name goes on only where one is."""
    goes_on = tag != OUTSIDE and tag % 2 == 0
    return not goes_on or before in (tag, tag - 1)


def best_tags(
    emissions: NDArray[np.float32], transitions: NDArray[np.float32], first: NDArray[np.float32]
) -> list[int]:
    """Return the sequence of highest score (Viterbi 1967).

    `emissions` has shape (units, tags), `transitions` (tag before, tag), `first` (tags).
    """
    import numpy as np

    if not len(emissions):
        return []
    score = first + emissions[0]
    origins = np.empty(emissions.shape, np.int8)
    for place in range(1, len(emissions)):
        paths = score[:, None] + transitions
        origins[place] = paths.argmax(axis=0)
        score = paths.max(axis=0) + emissions[place]
    tags = [int(score.argmax())]
    for place in range(len(emissions) - 1, 0, -1):
        tags.append(int(origins[place, tags[-1]]))
    return tags[::-1]


def names(tags: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """Yield (first unit, unit after the last, label) of the names, in order."""
    place = 0
    while place < len(tags):
        opened = place
        place += 1
        if tags[opened] == OUTSIDE:
            continue
        while place < len(tags) and tags[place] == tags[opened] + 1:
            place += 1
        yield opened, place, LABELS[(tags[opened] - 1) // 2]


def sureness(scores: NDArray[np.float32], tags: Sequence[int], sure: NDArray[np.float32]) -> float:
    """Return the probability that a name's ends and label are right.

    It is a logistic function of the log-odds of the least likely of its tags; `sure` holds the
    slope and the constant. `scores` has shape (units of the name, tags).
    """
    odds = float(sure[0]) * least_odds(scores, tags) + float(sure[1])
    return 1.0 / (1.0 + math.exp(-max(-_MOST_ODDS, min(_MOST_ODDS, odds))))


def least_odds(scores: NDArray[np.float32], tags: Sequence[int]) -> float:
    """Return the least log-odds of a tag against all others of its unit."""
    return min(_odds(row, tag) for row, tag in zip(scores.tolist(), tags, strict=True))


def _odds(row: list[float], tag: int) -> float:
    others = row[:tag] + row[tag + 1 :]
    most = max(others)
    return row[tag] - most - math.log(math.fsum(math.exp(each - most) for each in others))
