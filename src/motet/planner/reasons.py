"""Why an alternative was chosen, and why the others were not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from motet.planner.objective import Figures, Limits, Objective, excesses, misses, rank
from motet.planner.plan import Alternative, Rejection

SHOWN = 6
"""Composite alternatives that are named when rejected; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """Compares the chosen plan with the same plan but for one choice."""

    objective: Objective
    limits: Limits
    figures: Callable[[Sequence[Alternative]], Figures]
    chosen: tuple[Alternative, ...]

    def why(self, position: int, choices: Sequence[Alternative], pinned: bool) -> str:
        """Return why the choice at a position was made."""
        chosen = self.chosen[position]
        if pinned:
            return "pinned"
        if len(choices) == 1:
            return "the only way"
        if all(each.unavailable for each in choices if each is not chosen):
            return "the only one available"
        if misses(self.figures(self.chosen), self.objective):
            return "nearest to the objective"
        if not self.objective.prefer:
            return "best among the plans that meet the objective"
        return f"best {self.objective.prefer[0]} among the plans that meet the objective"

    def rejections(
        self, position: int, choices: Sequence[Alternative], pinned: bool
    ) -> tuple[Rejection, ...]:
        """Return the other choices with the reason against each.

        Of the composite ones, which multiply, the best few are named.
        """
        others = [each for each in choices if each is not self.chosen[position]]
        simple = [each for each in others if not each.parts]
        composite = sorted((e for e in others if e.parts), key=lambda e: self._rank(position, e))
        named = [*simple, *composite[:SHOWN]]
        found = [
            Rejection(
                each.choice,
                self._why_not(position, each, pinned),
                None if each.unavailable else each.estimate,
            )
            for each in named
        ]
        if rest := len(composite) - SHOWN if len(composite) > SHOWN else 0:
            found.append(Rejection(f"{rest} more combinations", "none ranks higher", None))
        return tuple(found)

    def _with(self, position: int, other: Alternative) -> Figures:
        return self.figures((*self.chosen[:position], other, *self.chosen[position + 1 :]))

    def _rank(self, position: int, other: Alternative) -> tuple[object, ...]:
        found = self._with(position, other)
        return (*rank(found, self.objective, self.limits), other.choice)

    def _why_not(self, position: int, other: Alternative, pinned: bool) -> str:
        if other.unavailable is not None:
            return other.unavailable
        if pinned:
            return "another choice is pinned"
        best, rival = self.figures(self.chosen), self._with(position, other)
        over = excesses(rival, self.limits)
        if len(over) > len(excesses(best, self.limits)):
            return f"above the budget: {over[0]}"
        known = {each.goal for each in misses(best, self.objective)}
        fresh = [each for each in misses(rival, self.objective) if each.goal not in known]
        return fresh[0].text if fresh else _compared(rival, best, self.objective)


def _compared(rival: Figures, best: Figures, objective: Objective) -> str:
    for goal in objective.order:
        if goal == "quality" and rival.quality < best.quality - 5e-4:
            return f"lower quality: {rival.quality:.2f} < {best.quality:.2f}"
        if goal == "latency" and rival.seconds > best.seconds + 5e-4:
            return f"slower: {rival.seconds:.2f} s > {best.seconds:.2f} s"
        if goal == "cost" and rival.cost > best.cost + 5e-7:
            return f"dearer: ${rival.cost:.4f} > ${best.cost:.4f}"
    return "no better; the first by name is taken"
