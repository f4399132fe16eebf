"""Combinations of choices, one a node: what they add up to, and which is the best.

Combinations multiply, so they are never listed: nodes are decided one after the other, and
of the partial plans only those are carried on that no other beats in every figure. Every
ranking by constraints and preferences is monotone in the figures, so the best one survives.
"""

from __future__ import annotations

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
            partials = _undominated(
                (_weights(each.figures, limits, each.ends, needed), each.names(), each)
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


def _weights(
    found: Figures,
    limits: Limits,
    ends: Mapping[str, float] | None = None,
    needed: Iterable[str] = (),
) -> Weights:
    """Return the figures that count, and the ends of nodes that others still wait for."""
    waited = [ends[each] for each in sorted(needed) if each in ends] if ends else []
    return (-found.quality, found.cost, found.seconds, *limited(found, limits), *waited)


def _undominated(
    found: Iterable[tuple[Weights, tuple[str, ...], Candidate]],
) -> list[Candidate]:
    """Return those that no other beats or equals in all weights; of equals the first by name."""
    kept: list[tuple[Weights, Candidate]] = []
    for weights, _, each in sorted(found, key=lambda item: item[:2]):
        if not any(all(map(le, better, weights)) for better, _ in kept):
            kept.append((weights, each))
    return [each for _, each in kept]
