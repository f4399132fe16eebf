"""Names in GUM: of every mention with a proper noun, the words of its shortest form.

GUM marks whole noun phrases ("the small town of Coron") with the tokens that name the head
(`minspan`). A mention is a name if these tokens begin and end with proper nouns and follow each
other, or have only words such as "of" between them; of people, those up to the first gap. Of
names within names the outermost stays. Other proper nouns (but dates) may or may not be names,
so nothing is to be learnt from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LABELS = {
    "person": "person",
    "organization": "organisation",
    "place": "place",
    "object": "misc",
    "abstract": "misc",
    "event": "misc",
}
PROPER = ("NNP", "NNPS")
JOINING = frozenset({"of", "the", "for", "and", "&", "at", "de", "la", "-", "'s", "’s"})
MARK = re.compile(r"\(([^()]+)|([^()]*)\)")
SHORTEST = re.compile(r"\d+(,\d+)*")

Span = tuple[int, int, str]
Range = tuple[int, int]


@dataclass(slots=True)
class _Tokens:
    """A sentence's tokens: ranges in the text, part-of-speech tags, `Entity` fields."""

    text: str
    ranges: list[tuple[int, int]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)


def sentences(folder: Path) -> Iterator[tuple[str, str, list[Span], list[Range]]]:
    """Yield document, text, names and unsure ranges of every sentence, all files in order."""
    for path in sorted(folder.rglob("*.conllu")):
        for tokens in _read(path):
            mentions = list(_mentions(tokens))
            names = _outermost([name for mention in mentions for name in _name(tokens, *mention)])
            yield path.stem, tokens.text, names, list(_unsure(tokens, mentions, names))


def _read(path: Path) -> Iterator[_Tokens]:
    tokens, at = _Tokens(""), 0
    for line in [*path.read_text("utf-8").split("\n"), ""]:
        if line.startswith("# text = "):
            tokens, at = _Tokens(line.removeprefix("# text = ")), 0
        elif line[:1].isdigit():
            cells = line.split("\t")
            if cells[0].isdigit():
                start = tokens.text.index(cells[1], at)
                at = start + len(cells[1])
                tokens.ranges.append((start, at))
                tokens.tags.append(cells[4])
                tokens.fields.append(_entity(cells[9]))
        elif not line and tokens.ranges:
            yield tokens
            tokens = _Tokens("")


def _entity(cell: str) -> str:
    for part in cell.split("|"):
        if part.startswith("Entity="):
            return part.removeprefix("Entity=")
    return ""


def _mentions(tokens: _Tokens) -> Iterator[tuple[str, int, int]]:
    """Yield what is said of each mention in this sentence, its first and its last token."""
    opened: list[tuple[str, int]] = []
    for place, cell in enumerate(tokens.fields):
        for mark in MARK.finditer(cell):
            if mark[1]:
                opened.append((mark[1], place))
                continue
            entity, begin = _close(opened, mark[2])
            if entity:
                yield entity, begin, place


def _close(opened: list[tuple[str, int]], identity: str) -> tuple[str, int]:
    """Take the last opened mention, or the last of that identity, off the list."""
    for index in range(len(opened) - 1, -1, -1):
        if not identity or opened[index][0].split("-")[0] == identity:
            return opened.pop(index)
    return "", 0


def _name(tokens: _Tokens, entity: str, begin: int, end: int) -> Iterator[Span]:
    _, kind, *rest = entity.split("-")
    label = LABELS.get(kind)
    shortest = next((part for part in rest if SHORTEST.fullmatch(part)), "")
    if label is None or not shortest:
        return
    places = [begin + int(number) - 1 for number in shortest.split(",")]
    if label == "person":
        places = [place for nth, place in enumerate(places) if place == places[0] + nth]
    between = set(range(places[0], places[-1])) - set(places)
    if places[-1] > end or not all(_word(tokens, place) in JOINING for place in between):
        return
    if all(tokens.tags[place] in PROPER for place in (places[0], places[-1])):
        yield tokens.ranges[places[0]][0], tokens.ranges[places[-1]][1], label


def _word(tokens: _Tokens, place: int) -> str:
    start, end = tokens.ranges[place]
    return tokens.text[start:end].lower()


def _outermost(names: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for name in sorted(names, key=lambda name: (name[0], -name[1])):
        if not kept or name[0] >= kept[-1][1]:
            kept.append(name)
    return kept


def _unsure(
    tokens: _Tokens, mentions: list[tuple[str, int, int]], names: list[Span]
) -> Iterator[Range]:
    dated = {
        place
        for entity, begin, end in mentions
        if entity.split("-")[1:2] == ["time"]
        for place in range(begin, end + 1)
    }
    for place, (start, end) in enumerate(tokens.ranges):
        named = any(first <= start < last for first, last, _ in names)
        if tokens.tags[place] in PROPER and place not in dated and not named:
            yield start, end
