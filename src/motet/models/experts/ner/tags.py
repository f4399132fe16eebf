"""Tags: what each unit of a text is, and the names that a sequence of them spells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

LABELS = ("person", "organisation", "place", "misc")
OUTSIDE = 0
COUNT = 1 + 2 * len(LABELS)
"""Outside, then for every label the tag that begins a name and the one that goes on with it."""

INSIDE = range(2, COUNT, 2)
"""The tags that go on with a name."""

IMPOSSIBLE = -1e4


def begin(label: str) -> int:
    """Return the tag that begins a name of this label."""
    return 1 + 2 * LABELS.index(label)


def goes_on(tag: int) -> int:
    """Return the tag that goes on with the name that a tag begins or is within."""
    return tag + tag % 2


def follows(tag: int, before: int | None) -> bool:
    """Whether a tag may stand after another, or first: a name goes on only where one is."""
    return tag not in INSIDE or before in (tag, tag - 1)


def names(tags: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """Yield (first unit, unit after the last, label) of the names, in order."""
    place = 0
    while place < len(tags):
        opened = place
        place += 1
        if tags[opened] == OUTSIDE:
            continue
        while place < len(tags) and tags[place] == tags[opened] + 1:
            place += 1
        yield opened, place, LABELS[(tags[opened] - 1) // 2]
