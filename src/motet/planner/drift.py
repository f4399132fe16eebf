"""Noticing that something takes longer, or less, than it used to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from motet.core.clock import iso
from motet.planner.samples import median
from motet.planner.statistics import Finished

WINDOW = 20
"""Newest nodes that are held against the earlier ones; fewer where there are few."""
LEAST = 30
"""Nodes from which on a change can be told."""
CHANGE = 1.5
"""Ratio of the medians that is worth a word."""
SURE = 4.0
"""Standard deviations of the rank sum by chance; high, because every plan asks anew."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What is newer than `since` (the newest `count` nodes) takes `ratio` times as long.

    `now` and `before` are medians in seconds.
    """

    count: int
    now: float
    before: float
    since: float

    @property
    def ratio(self) -> float:
        """The new median by the old one."""
        return self.now / max(self.before, 1e-9)

    def words(self) -> str:
        """Say it."""
        day = iso(self.since)[:16].replace("T", " ") if 0 < self.since < 4e9 else "the last few"
        change = f"{_shown(self.now)}, was {_shown(self.before)}"
        return f"takes {self.ratio:.1f}x what it took before {day} ({change})"


def find_drift(finished: Sequence[Finished]) -> Drift | None:
    """Compare the newest nodes with the earlier ones; `finished` is newest first.

    Mann and Whitney's rank test (1947) with correction for ties: outliers count by rank
    only. Nodes of one task are compared, the one most frequent of late: other requests are
    no drift.
    """
    if len(finished) < LEAST:
        return None
    tasks = Counter(each.task for each in finished[:WINDOW])
    [(task, _)] = tasks.most_common(1)
    places = [place for place, each in enumerate(finished) if each.task == task]
    count = min(WINDOW, len(places) // 3)
    new = [finished[place].seconds for place in places[:count]]
    old = [finished[place].seconds for place in places[count:]]
    if len(places) < LEAST or not _differ(median(new), median(old)):
        return None
    if abs(_rank_sum_deviation(new, old)) < SURE:
        return None
    last = places[count - 1]
    return Drift(last + 1, median(new), median(old), finished[last].started)


def _differ(now: float, before: float) -> bool:
    low, high = sorted((max(now, 1e-9), max(before, 1e-9)))
    return high >= CHANGE * low


def _rank_sum_deviation(new: Sequence[float], old: Sequence[float]) -> float:
    """Return by how many standard deviations the new ones' ranks are above chance."""
    pooled = sorted([*((each, 1) for each in new), *((each, 0) for each in old)])
    total = len(pooled)
    rank_sum, ties, start = 0.0, 0.0, 0
    while start < total:
        end = start
        while end < total and pooled[end][0] == pooled[start][0]:
            end += 1
        rank = (start + 1 + end) / 2
        rank_sum += rank * sum(mark for _, mark in pooled[start:end])
        ties += (end - start) ** 3 - (end - start)
        start = end
    expected = len(new) * (total + 1) / 2
    variance = len(new) * len(old) / 12 * (total + 1 - ties / (total * (total - 1)))
    return (rank_sum - expected) / math.sqrt(variance) if variance > 0 else 0.0


def _shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
