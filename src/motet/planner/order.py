"""An order in which the inputs of nodes come before them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from motet.core.errors import PlanError


def ordered(
    roots: Iterable[str],
    needs: Callable[[str], Sequence[str]],
    shown: Callable[[Sequence[str]], str],
) -> tuple[str, ...]:
    """Return the roots and all that they need, in their order where edges allow.

    Sorts without recursion: plans may be deep. `needs` gives what a node needs, and may raise
    for one that is not there; `shown` writes a cycle's nodes, each before what it needs.
    Raises `PlanError` for a cycle.
    """
    done: dict[str, None] = {}
    for root in roots:
        path: dict[str, int] = {}
        stack = [root]
        while stack:
            current = stack[-1]
            if current in done:
                stack.pop()
                continue
            needed = needs(current)
            step = path.get(current, 0)
            if step == len(needed):
                done[current] = None
                path.pop(current, None)
                stack.pop()
                continue
            path[current] = step + 1
            below = needed[step]
            if below in path:
                names = list(path)
                cycle = [*names[names.index(below) :], below]
                raise PlanError(f"a cycle: {shown(cycle)}", where=below)
            stack.append(below)
    return tuple(done)
