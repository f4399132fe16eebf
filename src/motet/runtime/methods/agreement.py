"""Which drafts say the same, as far as words can tell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from motet.core.answers import Draft
from motet.core.text import content_terms, normalised, words

SHARED = 0.6
"""Share of the words of both that drafts of several words must have in common."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NOT = frozenset("no not never none nor without n't cannot".split())


def groups(drafts: Sequence[Draft]) -> list[list[int]]:
    """Return the places of drafts that say the same, grouped in order of their first one."""
    found: list[list[int]] = []
    for place, draft in enumerate(drafts):
        for group in found:
            if same(drafts[group[0]], draft):
                group.append(place)
                break
        else:
            found.append([place])
    return found


def same(one: Draft, other: Draft) -> bool:
    """Whether two drafts say the same: the same figures, as often denied, most words shared.

    A short one agrees with a long one that holds all its words.
    """
    if one.abstained or other.abstained:
        return one.abstained and other.abstained
    if normalised(one.text) == normalised(other.text):
        return True
    if _figures(one) != _figures(other) or _denials(one) != _denials(other):
        return False
    mine, theirs = set(content_terms(one.text)), set(content_terms(other.text))
    if not mine or not theirs:
        return False
    common = len(mine & theirs)
    if common == min(len(mine), len(theirs)):
        return True
    return common / len(mine | theirs) >= SHARED


def _figures(draft: Draft) -> set[str]:
    return set(_NUMBER.findall(normalised(draft.text)))


def _denials(draft: Draft) -> bool:
    return any(word in _NOT or word.endswith("n't") for word in words(draft.text))
