"""Values that grow from node to node: only what is new is kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from motet.core.deltas import between
from motet.core.json import dumps

REMEMBERED = 8
WORTH = 0.75
"""Share of a text that must be new at most, for it to be kept against another."""


class Growth:
    """The large values of a run that were last made, to keep the next ones against.

    A conversation that each step makes longer is kept once, not once per step.
    """

    LEAST = 1024
    """Characters from which on a value is worth comparing."""

    def __init__(self) -> None:
        self._recent: OrderedDict[str, tuple[object, str]] = OrderedDict()

    def kept(
        self, node: str, value: object, text: str, needs: Sequence[str], args: Sequence[object]
    ) -> tuple[str, str]:
        """Return what to keep of a value's text, and against what: JSON `[node, head, tail]`.

        It is compared with the recent values among the node's inputs and children, and with
        the value itself where a node only passes it on.
        """
        best, base = text, ""
        for other, (earlier, known) in self._recent.items():
            given = other in needs or other.startswith(f"{node}/")
            if not given and not any(each is earlier for each in (value, *args)):
                continue
            delta = between(known, text)
            if len(delta.middle) < min(len(best), WORTH * len(text)):
                best, base = delta.middle, dumps([other, delta.head, delta.tail])
        self._recent[node] = (value, text)
        if len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)
        return best, base
