"""Random unbalanced DAGs of nodes that sleep, and what each must give."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chains import advance

_MEDIAN, _SIGMA = 0.018, 0.9
_SHORTEST, _LONGEST = 0.005, 0.4


@dataclass(frozen=True)
class Dag:
    """Nodes in an order of dependence; the last one needs, directly or not, all others."""

    seed: int
    needs: tuple[tuple[int, ...], ...]
    seconds: tuple[float, ...]

    def critical_path(self, seconds: Mapping[int, float] | Sequence[float]) -> float:
        """Return the least time in which nodes of those durations can be done."""
        ends: list[float] = []
        for node, needs in enumerate(self.needs):
            ends.append(seconds[node] + max((ends[need] for need in needs), default=0.0))
        return ends[-1]

    def value(self, node: int, inputs: Sequence[int]) -> int:
        """Return what a node computes from the values of its needs."""
        return advance(self.seed + sum(inputs), node)

    def expected(self) -> int:
        """Return the value of the last node."""
        values: list[int] = []
        for node, needs in enumerate(self.needs):
            values.append(self.value(node, [values[need] for need in needs]))
        return values[-1]


def random_dag(seed: int) -> Dag:
    """Return a DAG of 10 to 40 nodes; each sleeps log-normally, mostly 5 to 60 ms, some 400."""
    source = random.Random(seed)
    count = source.randint(10, 40)
    reach = source.randint(2, 20)
    needs: list[tuple[int, ...]] = []
    for node in range(count - 1):
        near = range(max(0, node - reach), node)
        wanted = min(len(near), source.choice((0, 1, 1, 1, 1, 2, 3)))
        needs.append(tuple(sorted(source.sample(near, wanted))))
    used = {need for each in needs for need in each}
    needs.append(tuple(node for node in range(count - 1) if node not in used))
    slept = (source.lognormvariate(0, _SIGMA) * _MEDIAN for _ in range(count))
    seconds = tuple(min(max(each, _SHORTEST), _LONGEST) for each in slept)
    return Dag(seed, tuple(needs), seconds)
