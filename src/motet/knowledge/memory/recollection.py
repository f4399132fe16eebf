"""The memory of one user or session, as one run meets it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from motet.core.passages import Passage
from motet.knowledge.memory.memory import Memory
from motet.knowledge.provenance.viewer import Viewer

NODE = "remember"
"""The node that remembers: together with its run, the key of an episode."""


@dataclass(frozen=True, slots=True)
class RunMemory:
    """Implements `Recollection`. `at` is when the question came, in seconds since 1970.

    What is kept passes `screen` first, as the answer does on its way out.
    """

    memory: Memory
    viewer: Viewer
    run: str
    at: float
    screen: Callable[[str], str]

    def recall(self, question: str, *, k: int) -> Sequence[Passage]:
        """Return the k best passages of what this viewer may see."""
        return self.memory.recall(question, viewer=self.viewer, k=k)

    def remember(self, said: str, answer: str | None, cites: Sequence[str]) -> int | None:
        """Remember what was said and answered; see `Recollection`."""
        kept = self.memory.remember(
            said,
            answer=None if answer is None else self.screen(answer),
            at=self.at,
            user=self.viewer.user,
            session=self.viewer.session,
            run=self.run,
            node=NODE,
            cites=cites,
        )
        return None if kept is None else len(kept.facts)
