"""Claims and relations that texts state plainly: `Rating: 5 / 5`, `Fjord weighs 24.5 kg`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from motet.core.graph import Claim, Entity, Mention, Producer, Relation
from motet.knowledge.entities.values import Value, cell_value, values

STATEMENTS = Producer("statements", "1")
_LINE = re.compile(
    r"[ \t>]*(?:[-*•]\s+)?(?P<bold>\*\*|__)?(?P<key>[^\W\d_](?:[^\W\d_]|[ -]){1,28}?)[ \t]*[:：]"
    r"[ \t]*(?:\*\*|__)?[ \t]*(?P<value>[^\n]{1,120}?)[ \t\r]*"
)
_SENTENCE = re.compile(r"[.!?]\s+\S")
_STATES = re.compile(
    r"(?:['’]s)?\s*(?:\([^)]{1,40}\)\s*)?"
    r"(?:(?P<is>is|are|was|=|:)|(?P<verb>costs?|weighs?|measures?|carries|holds|lasts|takes))\s"
    r"(?:now |only |about |up to |rated at |at |for )?(?:\w+ )?$"
)
_OF = re.compile(
    r"(?:^|[\s(])(?:the\s)?(?P<property>price|cost|weight|length|width|height|depth|size|torque|"
    r"temperature|capacity|lead time|delivery time|rating|number|age|thickness)\s"
    r"(?:of|for)\s(?:the\s|a\s)?$",
    re.IGNORECASE,
)
_VERBS = {
    "cost": "price", "costs": "price", "weigh": "weight", "weighs": "weight", "measure": "size",
    "measures": "size", "carries": "load", "holds": "capacity", "lasts": "duration",
    "take": "duration", "takes": "duration",
}  # fmt: skip
_REACHED = re.compile(r"[\s,;:(<]*(?:(?:tel|phone|telephone|e-?mail|contact|at)[.:\s]*)*[\s<(]*")
MOST_WORDS = 3
"""Words of the key of a line `key: value`; more are a sentence."""
NEAR = 48
"""Code points between a name and the address that is its."""


def about_document(
    text: str, document: Entity, found: Sequence[Mention]
) -> Iterator[Claim | Relation]:
    """Yield what lines `key: value` say of the document: claims, and whom they name."""
    for match in _stated(text):
        key = " ".join(match["key"].lower().split())
        start, end = match.span("value")
        kind, value = cell_value(match["value"].strip("*_ "), "")
        yield Claim(document, key, kind, value, start, end, 0.7, STATEMENTS)
        for mention in found:
            inside = start <= mention.start and mention.end <= end and mention.start < mention.end
            if inside and mention.entity != document:
                yield Relation(
                    document, key, mention.entity, mention.start, mention.end, 0.7, STATEMENTS
                )


def _stated(text: str) -> Iterator[re.Match[str]]:
    """Yield the lines `key: value` that are in bold, or have another one above or below."""
    lines = [(match.start(), match.end()) for match in re.finditer(r"[^\n]+", text)]
    read = [_LINE.fullmatch(text, low, high) for low, high in lines]
    good = [
        match is not None
        and not _SENTENCE.search(match["value"])
        and len(match["key"].split()) <= MOST_WORDS
        for match in read
    ]
    for at, match in enumerate(read):
        if match is not None and good[at]:
            beside = (at > 0 and good[at - 1]) or (at + 1 < len(good) and good[at + 1])
            if match["bold"] or beside:
                yield match


def about_mentions(text: str, found: Sequence[Mention]) -> Iterator[Claim]:
    """Yield what sentences say of a name next to a value, and whose an address is."""
    stated = values(text)
    for value in stated:
        before = [m for m in found if m.end <= value.start and m.start < m.end]
        if not before:
            continue
        nearest = max(before, key=lambda m: (m.end, -m.start))
        between = text[nearest.end : value.start]
        if len(between) > NEAR or "\n\n" in between:
            continue
        property = _property(text, nearest, between, value)
        if property is not None:
            yield Claim(
                nearest.entity,
                property,
                value.type,
                value.value,
                value.start,
                value.end,
                round(0.6 * nearest.score, 4),
                STATEMENTS,
            )


def _property(text: str, mention: Mention, between: str, value: Value) -> str | None:
    if value.property is not None:
        return value.property if _REACHED.fullmatch(between) else None
    match = _STATES.fullmatch(between)
    if match is None:
        return None
    if match["verb"]:
        return _VERBS.get(match["verb"], match["verb"])
    before = _OF.search(text, max(0, mention.start - 32), mention.start)
    return before["property"].lower() if before else None
