"""Combinations of choices, one a node: what they add up to, and which is the best.

Combinations multiply, so they are never listed: nodes are decided one after the other, and
of the partial plans only those are carried on that no other beats in every figure. Every
ranking by constraints and preferences is monotone in the figures, so the best one survives.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import le
from typing import NamedTuple, TypeVar

from motet.planner.objective import Figures, Limits, Objective, figures_of, limited, rank
from motet.planner.plan import QUESTION, Alternative, Node

Options = Sequence[Sequence[Alternative]]
"""The alternatives that may be chosen, node by node."""
Weights = tuple[float, ...]
"""Figures of which less is better."""
Candidate = TypeVar("Candidate")


class _Partial(NamedTuple):
    """The choices for the first nodes: what they add up to, and when each node ends."""

    choices: tuple[Alternative, ...]
    figures: Figures
    ends: Mapping[str, float]

    def names(self) -> tuple[str, ...]:
        return tuple(each.choice for each in self.choices)


_NONE = _Partial((), Figures(1.0, 0.0, 0.0), {QUESTION: 0.0})


class Combining:
    """Combines alternatives of the nodes of one plan, inputs first."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = nodes
        self._figures: dict[int, tuple[Alternative, Figures]] = {}

    def best(
        self, options: Options, objective: Objective, limits: Limits
    ) -> tuple[Alternative, ...]:
        """Return the choices of a combination that none ranks before.

        Of choices equal in every figure the first by name is taken, in whatever order they
        were given.
        """
        partials = [_NONE]
        for position, node in enumerate(self._nodes):
            needed = {each for later in self._nodes[position + 1 :] for each in later.inputs}
            needed.add(self._nodes[-1].id)
            worth = self._worth_trying(options[position], limits)
            grown = [self._grown(each, node, choice) for each in partials for choice in worth]
            waited = _waited(grown, needed)
            partials = _undominated(
                (
                    (*_weights(each.figures, limits), *(each.ends[name] for name in waited)),
                    each.names(),
                    each,
                )
                for each in grown
            )
        return min(
            partials, key=lambda p: (*rank(_rounded(p.figures), objective, limits), p.names())
        ).choices

    def figures(self, choices: Sequence[Alternative]) -> Figures:
        """Return what a combination of choices adds up to."""
        partial = _NONE
        for node, choice in zip(self._nodes, choices, strict=True):
            partial = self._grown(partial, node, choice)
        return _rounded(partial.figures)

    def _worth_trying(self, choices: Iterable[Alternative], limits: Limits) -> list[Alternative]:
        """Leave out what another alternative of the same node beats in every figure."""
        return _undominated(
            (_weights(self._of(each), limits), (each.choice,), each) for each in choices
        )

    def _of(self, choice: Alternative) -> Figures:
        found = self._figures.get(id(choice))
        if found is None:
            # The alternative is kept too, so that its id stays its own.
            found = choice, figures_of(choice.estimate, choice.parts)
            self._figures[id(choice)] = found
        return found[1]

    def _grown(self, partial: _Partial, node: Node, choice: Alternative) -> _Partial:
        each, so_far = self._of(choice), partial.figures
        end = max((partial.ends[i] for i in node.inputs), default=0.0) + each.seconds
        found = Figures(
            so_far.quality * each.quality,
            max(so_far.seconds, end),
            so_far.cost + each.cost,
            so_far.bill + each.bill,
            so_far.tokens + each.tokens,
            so_far.calls + each.calls,
        )
        return _Partial((*partial.choices, choice), found, {**partial.ends, node.id: end})


def _rounded(found: Figures) -> Figures:
    return found._replace(
        quality=round(found.quality, 6),
        seconds=round(found.seconds, 6),
        cost=round(found.cost, 9),
        bill=round(found.bill, 9),
    )


def _weights(found: Figures, limits: Limits) -> Weights:
    return (-found.quality, found.cost, found.seconds, *limited(found, limits))


def _waited(partials: Sequence[_Partial], needed: set[str]) -> list[str]:
    """Return the nodes whose ends others wait for, where they are not the plan's own end."""
    known = [each for each in sorted(needed) if each != QUESTION and each in partials[0].ends]
    return [n for n in known if any(p.ends[n] != p.figures.seconds for p in partials)]


def _undominated(
    found: Iterable[tuple[Weights, tuple[str, ...], Candidate]],
) -> list[Candidate]:
    """Return those that no other beats or equals in all weights; of equals the first by name."""
    ordered = sorted(found, key=lambda item: item[:2])
    seen: _Stairs | _Heap = _Stairs() if len(ordered[0][0]) == 3 else _Heap()
    return [each for weights, _, each in ordered if seen.takes(weights)]


class _Heap:
    """Weights of any number, in ascending order of the first: each is held against all."""

    def __init__(self) -> None:
        self._kept: list[Weights] = []

    def takes(self, weights: Weights) -> bool:
        """Keep weights that none kept beats or equals; say whether."""
        if any(all(map(le, better, weights)) for better in self._kept):
            return False
        self._kept.append(weights)
        return True


class _Stairs:
    """Weights of three, in ascending order of the first: the other two make stairs.

    Only the lowest step to the left of a new one can beat it (Kung et al. 1975).
    """

    def __init__(self) -> None:
        self._left: list[float] = []
        self._low: list[float] = []

    def takes(self, weights: Weights) -> bool:
        """Keep weights that none kept beats or equals; say whether."""
        _, left, low = weights
        place = bisect_right(self._left, left)
        if place and self._low[place - 1] <= low:
            return False
        place = bisect_left(self._left, left)
        end = place
        while end < len(self._low) and self._low[end] >= low:
            end += 1
        self._left[place:end] = [left]
        self._low[place:end] = [low]
        return True
