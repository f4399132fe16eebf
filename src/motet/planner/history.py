"""What was measured, held still: plans change when estimates move, not with every run."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from motet.core.clock import tick
from motet.planner.drift import Drift, find_drift
from motet.planner.samples import median, quantile
from motet.planner.statistics import Finished, Past, Statistics

ENOUGH = 50
"""Finished nodes from which on a few more change nothing that cannot wait."""
LONGEST = 30 * 86400.0
"""Seconds; what claims to have taken longer was measured by a clock that jumped."""
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """The past of a method and choice, cleaned. `edition` grows when it moves materially.

    Where a drift was noticed, `finished` holds what came after it only.
    """

    edition: int
    past: Past
    drift: Drift | None

    @property
    def empty(self) -> bool:
        """Whether nothing was measured."""
        return not self.past.finished and not self.past.scored


class History:
    """Remembers the statistics of each method and choice until they change materially.

    Where there are many, they are read anew only after `patience` seconds. Safe to use from
    several threads.
    """

    def __init__(self, statistics: Statistics, patience: float = 0.0) -> None:
        self._statistics = statistics
        self._patience = patience
        self._known: dict[Key, Known] = {}
        self._figures: dict[Key, Mapping[str, _Figures]] = {}
        self._read: dict[Key, Past] = {}
        self._read_at: dict[Key, tuple[Hashable, float]] = {}
        self._lock = threading.Lock()

    def version(self) -> Hashable:
        """Return a token that differs once more was measured."""
        return self._statistics.version()

    def of(self, method: str, choice: str, version: Hashable) -> Known:
        """Return what is known; statistics of an older version are read anew."""
        key = method, choice
        with self._lock:
            if key in self._known and self._is_fresh(key, version):
                return self._known[key]
            read = self._statistics.past(method, choice)
            if key in self._known and read is self._read.get(key):
                self._read_at[key] = version, tick()
                return self._known[key]
            self._read[key] = read
            past = _clean(read)
            drift = find_drift(past.finished)
            figures = _figures(past, drift)
            self._read_at[key] = version, tick()
            known = self._known.get(key)
            if known is None or _moved(self._figures[key], figures):
                recent = past.finished[: drift.count] if drift else past.finished
                edition = known.edition + 1 if known else 0
                self._known[key] = Known(edition, Past(recent, past.scored), drift)
                self._figures[key] = figures
            return self._known[key]

    def _is_fresh(self, key: Key, version: Hashable) -> bool:
        seen, when = self._read_at[key]
        many = len(self._known[key].past.finished) >= ENOUGH
        return seen == version or (many and tick() - when < self._patience)


def _clean(past: Past) -> Past:
    """Leave out what cannot have happened: clocks jump, records are damaged."""
    finished = tuple(
        each
        for each in past.finished
        if 0 <= each.seconds < LONGEST and 0 <= each.cost < math.inf
        if min(each.input_tokens, each.output_tokens) >= 0
    )
    return Past(finished, tuple(each for each in past.scored if 0 <= each.score <= 1))


@dataclass(frozen=True, slots=True)
class _Figures:
    """What counts as a material change when it moves."""

    size: int
    seconds: float
    high: float
    tokens: float
    cost: float
    scored: int
    score: float

    def differ(self, other: _Figures) -> bool:
        return (
            (self.size, self.scored) != (other.size, other.scored)
            or _apart(self.seconds, other.seconds, 0.1)
            or _apart(self.high, other.high, 0.25)
            or _apart(self.tokens, other.tokens, 0.1)
            or _apart(self.cost, other.cost, 0.1)
            or abs(self.score - other.score) > 0.02
        )


def _figures(past: Past, drift: Drift | None) -> Mapping[str, _Figures]:
    """Return the figures of all tasks together, and of each."""
    tasks = {each.task for each in past.finished} | {each.task for each in past.scored}
    found = {"*": _figure(past, drift is not None)}
    if len(tasks) > 1:
        for task in tasks:
            finished = [each for each in past.finished if each.task == task]
            scored = [each for each in past.scored if each.task == task]
            found[f"={task}"] = _figure(Past(finished, scored), False)
    return found


def _figure(past: Past, drifted: bool) -> _Figures:
    seconds = sorted(each.seconds for each in past.finished)
    scores = [each.score for each in past.scored]
    return _Figures(
        size=-1 - _size(len(seconds)) if drifted else _size(len(seconds)),
        seconds=median(seconds) if seconds else 0.0,
        high=quantile(seconds, 0.9) if seconds else 0.0,
        tokens=_mean(past.finished, lambda each: each.input_tokens + each.output_tokens),
        cost=_mean(past.finished, lambda each: each.cost),
        scored=_size(len(scores)),
        score=math.fsum(scores) / len(scores) if scores else 0.0,
    )


def _mean(finished: Sequence[Finished], of: Callable[[Finished], float]) -> float:
    return math.fsum(of(each) for each in finished) / len(finished) if finished else 0.0


def _size(count: int) -> int:
    """Return a number that changes when a count grows by about 40%."""
    return count if count < 5 else 5 + int(2 * math.log2(count / 5))


def _apart(one: float, other: float, share: float) -> bool:
    return abs(one - other) > share * max(abs(one), abs(other)) + 1e-9


def _moved(old: Mapping[str, _Figures], new: Mapping[str, _Figures]) -> bool:
    return old.keys() != new.keys() or any(old[each].differ(new[each]) for each in old)
