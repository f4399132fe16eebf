"""The candidates of one request in the order in which they are to be tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from motet.models.resilience.health import Health
from motet.models.resilience.policy import Policy
from motet.models.resilience.tries import C
from motet.models.resilience.verdict import Verdict


@dataclass(slots=True)
class Place(Generic[C]):
    """A candidate: how many tries it has left, from when on, and whether others go first."""

    candidate: C
    left: int
    ready: float = 0.0
    failures: int = 0
    slow: bool = False

    @property
    def name(self) -> str:
        """The candidate's name."""
        return self.candidate.name


class Line(Generic[C]):
    """Says who is next. Times are seconds on the loop's clock."""

    def __init__(self, candidates: Sequence[C], policy: Policy, health: Health) -> None:
        self._policy = policy
        self._health = health
        self.places = [Place(candidate, policy.retries + 1) for candidate in candidates]

    def next(self, now: float) -> tuple[Place[C], float] | None:
        """Take the next place and how long to wait first; None where nobody is left.

        The first in order that can be asked soon; if all must be waited for, the one that is
        ready first. Who denied us or was slow comes after the others.
        """
        able = [place for place in self.places if place.left and self._health.allows(place.name)]
        waits = {id(place): self._wait(place, now) for place in able}
        soon = [place for place in able if waits[id(place)] <= self._policy.patience]
        if soon:
            place = min(soon, key=self._behind)
        elif able:
            place = min(able, key=lambda place: waits[id(place)])
        else:
            return None
        wait = waits[id(place)]
        if wait > self._policy.longest_wait:
            return None
        place.left -= 1
        return place, wait

    def second(self, beside: Place[C], now: float) -> Place[C] | None:
        """Take a place for a hedge: the same candidate, or the next that is ready."""
        if not self._policy.hedge_elsewhere:
            return beside if self._health.allows(beside.name) else None
        for place in self.places:
            able = place is not beside and place.left and self._health.allows(place.name)
            if able and not self._wait(place, now):
                place.left -= 1
                return place
        return None

    def failed(
        self, place: Place[C], found: Verdict, retry_after: float | None, now: float
    ) -> None:
        """Note a failure, so that `next` knows when the candidate may be asked again."""
        place.failures += 1
        if not found.may_pass:
            place.left = 0
            return
        place.slow = found is Verdict.SLOW
        delay = self._policy.backoff(place.failures)
        # Others got the same time to wait: come back a little after each other.
        place.ready = now + (delay if retry_after is None else retry_after + 0.1 * delay)

    def untried(self, now: float) -> list[tuple[Place[C], Verdict, str]]:
        """Return the places that were never tried: what would have come of it, and why."""
        return [
            (place, *self._reason(place, now))
            for place in self.places
            if place.left and not place.failures
        ]

    def wait(self) -> float | None:
        """Return the shortest time that was announced before somebody may be asked again."""
        names = [place.name for place in self.places]
        waits = (max(self._health.busy(name), self._health.rests(name)) for name in names)
        return min((wait for wait in waits if wait), default=None)

    def _reason(self, place: Place[C], now: float) -> tuple[Verdict, str]:
        if not self._health.allows(place.name):
            rest = self._health.rests(place.name)
            return Verdict.FAULT, f"left alone for {rest:.0f} s, as it failed again and again"
        return Verdict.BUSY, f"asked us to wait for {self._wait(place, now):.0f} s"

    def _wait(self, place: Place[C], now: float) -> float:
        return max(place.ready - now, self._health.busy(place.name), 0.0)

    def _behind(self, place: Place[C]) -> tuple[bool, bool]:
        return self._health.barred(place.name), place.slow
