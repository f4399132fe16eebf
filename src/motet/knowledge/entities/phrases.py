"""Relations that sentences state: a phrase between two mentions, and mere co-mention."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from motet.core.graph import Mention, Producer, Relation
from motet.core.text import sentences

PHRASES = Producer("phrases", "1")
TOGETHER = "mentioned with"
MOST = 8
"""Entities of one sentence that are paired; a longer list says little about each pair."""
APART = 80
"""Code points between two mentions up to which what stands there relates them."""

_BE = r"(?:is|was|are|were|be|been|being|has been|have been|had been|will be)"
_DET = r"(?:the|a|an|our|its|their|his|her)"
_BY = (
    "supplied|delivered|made|manufactured|produced|designed|drawn|founded|owned|written|led"
    "|published|tested|bought|sold|built|developed|directed|composed|performed|operated|used"
    "|acquired|replaced|followed|created|invented|married|represented|managed|employed|born"
    "|based|located|headquartered|situated|sawn|grown|shipped|installed|named|shown|caused"
)
_VERB = (
    "supplies|supplied|delivers|delivered|makes|made|manufactures|produces|produced|designs"
    "|designed|drew|founded|owns|owned|wrote|leads|led|heads|headed|runs|replaces|replaced"
    "|acquires|acquired|buys|bought|sells|sold|uses|used|tests|tested|audits|audited|contains"
    "|includes|requires|employs|represents|directed|composed|performed|married|proposes"
    "|proposed|supports|matches|fits|follows|precedes|causes|caused|recalls|recalled|built"
)
_PASSIVE = re.compile(
    rf"[,\s]*(?:(?:which|that|who)\s)?(?:{_BE}\s)?(?:\w+ly\s)?(?P<verb>{_BY})\s"
    rf"(?P<prep>by|from|in|to|at|for|with|on|of)\s(?:{_DET}\s)?(?:[\w-]+\s){{0,2}}$"
)
_ACTIVE = re.compile(
    rf"[,\s]*(?:(?:which|that|who|and|also|now|will|has|have|can)\s)*(?P<verb>{_VERB})\s"
    rf"(?:(?P<prep>by|from|in|to|at|for|with)\s)?(?:{_DET}\s)?(?:[\w-]+\s){{0,2}}$"
)
_NOUN = re.compile(
    rf"[,\s(]*(?:{_BE}\s)?(?:{_DET}\s)?(?P<noun>(?:[a-z][\w-]*\s){{0,3}}[a-z][\w-]*)\s"
    rf"(?P<prep>of|at|for)\s(?:{_DET}\s)?$"
)
_PART = re.compile(
    rf"[,\s]*(?:{_BE}\s)?(?:an?\s)?(?P<phrase>part of|member of|belongs to|subsidiary of|owner of"
    rf"|successor of|predecessor of|son of|daughter of|capital of|sister of|brother of)\s"
    rf"(?:{_DET}\s)?$"
)
_ROLE = (
    "ceo|cto|cfo|director|manager|head|chair|chairman|president|founder|owner|lead|leader"
    "|administrator|officer|engineer|author|member|part|capital|son|daughter|wife|husband|father"
    "|mother|supplier|maker|manufacturer|producer|customer|dealer|subsidiary|version|edition"
)
_IS_ROLE = re.compile(rf"\b(?:{_ROLE})\b")


def stated(text: str, found: Sequence[Mention]) -> Iterator[Relation]:
    """Yield the relations between neighbouring mentions of each sentence of a text."""
    for low, high in sentences(text):
        inside = [m for m in found if low <= m.start and m.end <= high and m.start < m.end]
        for left, right in pairwise(inside):
            between = text[left.end : right.start]
            kind = relating(between) if right.start >= left.end else None
            if kind is not None and left.entity != right.entity:
                score = round(0.7 * min(left.score, right.score), 4)
                yield Relation(
                    left.entity, kind, right.entity, left.start, right.end, score, PHRASES
                )
        yield from _together(inside)


def relating(between: str) -> str | None:
    """Return the type of the relation that the words between two names state, else None."""
    if not 2 < len(between) <= APART or "\n\n" in between:
        return None
    line = " ".join(between.split())
    line = f" {line} "
    for pattern in (_PART, _PASSIVE, _ACTIVE):
        match = pattern.fullmatch(line)
        if match is not None:
            parts = match.groupdict()
            verb = parts.get("phrase") or parts["verb"]
            return f"{verb} {parts['prep']}" if parts.get("prep") else verb
    match = _NOUN.fullmatch(line)
    if match is not None and _IS_ROLE.search(match["noun"]):
        return f"{match['noun']} {match['prep']}"
    return None


def _together(inside: Sequence[Mention]) -> Iterator[Relation]:
    """Yield each pair of entities of a sentence once, in the order of their identity."""
    first: dict[object, Mention] = {}
    for mention in inside:
        first.setdefault(mention.entity, mention)
    if len(first) > MOST:
        return
    for one, other in combinations(sorted(first.values(), key=lambda m: m.entity), 2):
        start, end = min(one.start, other.start), max(one.end, other.end)
        score = round(0.3 * min(one.score, other.score), 4)
        yield Relation(one.entity, TOGETHER, other.entity, start, end, score, PHRASES)
