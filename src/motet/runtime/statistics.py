"""What the journal measured, as the planner asks for it."""

from __future__ import annotations

from collections.abc import Hashable

from motet.core.clock import tick
from motet.planner.statistics import Finished, Past, Scored
from motet.runtime.journal import Journal

RECENT = 200
"""Finished and scored nodes per method and choice that estimates are made from."""

# What a node's children used (their ids start with its own and a slash) counts as its own.
_FINISHED = """
WITH recent AS (
    SELECT run, node, started, seconds, task FROM nodes
    WHERE method = ?1 AND choice = ?2 AND status = 'done' AND method <> ''
    ORDER BY started DESC LIMIT ?3
)
SELECT recent.started, recent.seconds, sum(used.input_tokens), sum(used.output_tokens),
       sum(used.cost), recent.task
FROM recent JOIN nodes AS used ON used.run = recent.run
     AND used.node >= recent.node AND used.node < recent.node || '0'
     AND (used.node = recent.node OR used.node > recent.node || '/')
WHERE recent.seconds IS NOT NULL
GROUP BY recent.run, recent.node, recent.started, recent.seconds, recent.task
ORDER BY recent.started DESC
"""
_SCORED = """
SELECT avg(scores.score), nodes.task FROM nodes JOIN scores USING (run, node)
WHERE method = ?1 AND choice = ?2 AND status = 'done' AND method <> ''
GROUP BY nodes.run, nodes.node ORDER BY max(nodes.started) DESC LIMIT ?3
"""


class PastRuns:
    """Reads the statistics of past runs from the journal.

    What this process records is seen at once, what others do after `patience` seconds.
    """

    def __init__(self, journal: Journal, patience: float = 0.0) -> None:
        self._journal = journal
        self._patience = patience
        self._read: dict[tuple[str, str], tuple[Hashable, float, Past]] = {}
        self._unscored: Hashable = None

    def version(self) -> Hashable:
        """Return a token that differs once any process has written to the journal."""
        return self._journal.version()

    def past(self, method: str, choice: str) -> Past:
        """Return the recent finished and scored nodes of a method and choice, newest first.

        The same object again where nothing new was recorded.
        """
        tally = self._journal.tally(method, choice)
        seen = self._read.get((method, choice))
        if seen is not None and seen[0] == tally and tick() - seen[1] < self._patience:
            return seen[2]
        past = self._queried(method, choice)
        self._read[method, choice] = tally, tick(), past
        return past

    def _queried(self, method: str, choice: str) -> Past:
        values = (method, choice, RECENT)
        finished = [Finished(*each) for each in self._journal.select(_FINISHED, values)]
        if not self._evaluated():
            return Past(finished)
        return Past(finished, [Scored(*each) for each in self._journal.select(_SCORED, values)])

    def _evaluated(self) -> bool:
        """Whether anything was ever scored; asked once a version, since most journals say no."""
        version = self.version()
        if version == self._unscored:
            return False
        if self._journal.select("SELECT 1 FROM scores LIMIT 1", ()):
            return True
        self._unscored = version
        return False
