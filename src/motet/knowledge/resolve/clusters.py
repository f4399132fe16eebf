"""Groups of records that are one thing, from scored pairs, without chains.

Greedy agglomeration by average link, as in correlation clustering (Bansal, Blum and Chawla
2004): two groups join where the mean of the log-odds over all their pairs is high enough and
nothing keeps any of their members apart. A component's groups depend on nothing outside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import combinations

from motet.knowledge.resolve.matcher import log_odds

Pair = tuple[str, str]
Score = Callable[[str, str], float]
"""The probability that two are one; 0 where something keeps them apart."""
UPPER = 0.9
"""Probability from which two are taken to be one."""
LOWER = 0.5
"""Probability from which a person is asked."""
MARGIN = 1.0
"""Log-odds by which one of two that exclude each other must be likelier to be chosen."""
MOST_COMPARED = 24
"""Members of a component of which every pair is compared; beyond, only the given ones."""
_UNKNOWN = -1.0


@dataclass(frozen=True, slots=True)
class Links:
    """Scored pairs (smaller uid first) and what people decided of pairs."""

    scores: Mapping[Pair, float]
    same: Collection[Pair] = ()
    different: Collection[Pair] = ()


def ordered(one: str, two: str) -> Pair:
    """Return a pair, the smaller uid first."""
    return (one, two) if one < two else (two, one)


def components(links: Links, uids: Iterable[str], upper: float = UPPER) -> list[frozenset[str]]:
    """Return what hangs together by likely pairs or by decisions, in order of the least uid."""
    parent: dict[str, str] = {uid: uid for uid in uids}

    def root(uid: str) -> str:
        while parent[uid] != uid:
            parent[uid] = parent[parent[uid]]
            uid = parent[uid]
        return uid

    likely = (pair for pair, score in links.scores.items() if score >= upper)
    for one, two in (*likely, *links.same):
        low, high = ordered(root(one), root(two))
        parent[high] = low
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for uid in parent:
        groups[root(uid)].add(uid)
    return [frozenset(groups[uid]) for uid in sorted(groups)]


def clusters(
    component: Collection[str], links: Links, score: Score, upper: float = UPPER
) -> list[frozenset[str]]:
    """Part a component into things; the result depends on no order.

    `score` is asked for pairs that have none yet; of a large component only whether something
    excludes them, and only where groups are about to join.
    """
    odds = _odds(component, links, score)
    _leave_ambiguous(odds, log_odds(upper))
    groups = _decided(component, links)
    forbidden = {ordered(*pair) for pair in links.different}
    return _agglomerated(groups, odds, forbidden, log_odds(upper), score)


def _odds(component: Collection[str], links: Links, score: Score) -> dict[Pair, float]:
    """Return the log-odds of all pairs, of a large component only of those that have a score."""
    if len(component) > MOST_COMPARED:
        inside = set(component)
        given = sorted(pair for pair in links.scores if inside.issuperset(pair))
        return {pair: log_odds(links.scores[pair]) for pair in given}
    odds = {}
    for one, two in combinations(sorted(component), 2):
        chance = links.scores.get((one, two))
        odds[one, two] = log_odds(score(one, two) if chance is None else chance)
    return odds


def _leave_ambiguous(odds: dict[Pair, float], enough: float) -> None:
    """Take back pairs of one that might as well be either of two that exclude each other."""
    near: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for (one, two), value in odds.items():
        if value >= enough:
            near[one].append((two, value))
            near[two].append((one, value))
    taken = set()
    for uid, others in near.items():
        for one, value in others:
            for two, rival in others:
                excluded = one < two and odds.get((one, two), 0.0) <= EXCLUDED
                if excluded and abs(value - rival) < MARGIN:
                    taken |= {ordered(uid, one), ordered(uid, two)}
    for pair in taken:
        odds[pair] = min(odds[pair], 0.0)


EXCLUDED = log_odds(0.0)
"""Log-odds of two that something keeps apart."""


def _decided(component: Collection[str], links: Links) -> list[frozenset[str]]:
    inside = set(component)
    same = [pair for pair in links.same if inside.issuperset(pair)]
    return components(Links({}, same), component)


@dataclass(slots=True)
class _Between:
    """What is known between two groups: the sum of log-odds, of how many pairs, what excludes."""

    total: float = 0.0
    known: int = 0
    apart: bool = False

    def add(self, other: _Between) -> None:
        self.total += other.total
        self.known += other.known
        self.apart |= other.apart

    def mean(self, pairs: int) -> float:
        """Return the mean over all pairs of the groups, the unknown ones being unlikely."""
        return (self.total + _UNKNOWN * (pairs - self.known)) / pairs


def _agglomerated(
    groups: list[frozenset[str]],
    odds: Mapping[Pair, float],
    forbidden: Collection[Pair],
    enough: float,
    score: Score,
) -> list[frozenset[str]]:
    """Join the two groups of the highest mean until none is high enough."""
    members = {min(group): set(group) for group in groups}
    home = {uid: name for name, group in members.items() for uid in group}
    between: defaultdict[str, dict[str, _Between]] = defaultdict(dict)
    for pair in sorted({*odds, *forbidden}):
        one, two = (home.get(uid) for uid in pair)
        if one is None or two is None or one == two:
            continue
        held = between[one].setdefault(two, _Between())
        between[two][one] = held
        value = odds.get(pair)
        apart = pair in forbidden or (value is not None and value <= EXCLUDED)
        held.add(_Between(value or 0.0, value is not None, apart))
    heap: list[tuple[float, str, str, int, int]] = []
    for one, others in between.items():
        for two in others:
            _offer(heap, one, two, members, between, enough)
    while heap:
        _, one, two, *sizes = heappop(heap)
        if sizes != [len(members.get(one, ())), len(members.get(two, ()))]:
            continue
        cross = (ordered(a, b) for a in members[one] for b in members[two])
        if any(pair not in odds and score(*pair) <= 0.0 for pair in cross):
            between[one][two].apart = True
            continue
        members[one] |= members.pop(two)
        for other, held in between.pop(two).items():
            del between[other][two]
            if other != one:
                joined = between[one].setdefault(other, _Between())
                joined.add(held)
                between[other][one] = joined
        for other in between[one]:
            _offer(heap, *ordered(one, other), members, between, enough)
    return sorted((frozenset(each) for each in members.values()), key=min)


def _offer(
    heap: list[tuple[float, str, str, int, int]],
    one: str,
    two: str,
    members: Mapping[str, set[str]],
    between: Mapping[str, Mapping[str, _Between]],
    enough: float,
) -> None:
    """Queue two groups that may join; stale once either of them grows."""
    held, sizes = between[one][two], (len(members[one]), len(members[two]))
    mean = round(held.mean(sizes[0] * sizes[1]), 9)
    if one < two and not held.apart and mean >= enough:
        heappush(heap, (-mean, one, two, *sizes))
