"""What a row's chunk says once the names are known: who its cells name, and how they relate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from motet.core.graph import Claim, Entity, Mention, Producer, Relation, RowPlace
from motet.core.passages import Segment
from motet.knowledge.entities import headers
from motet.knowledge.entities.forms import RANKS
from motet.knowledge.entities.gazetteer import Gazetteer, OwnKeys
from motet.knowledge.entities.overlap import mentions
from motet.knowledge.entities.values import cell_value

CELLS = Producer("cells", "1")
_LETTER = re.compile(r"[^\W\d_]")
_OWN = RANKS["title"]
"""Rank below which a name is one of the user's own."""


@dataclass(frozen=True, slots=True)
class _Field:
    column: str
    value: str
    start: int
    end: int
    entity: Entity | None
    own: bool


@dataclass(frozen=True, slots=True)
class CellFindings:
    """The mentions, relations and claims of a row."""

    mentions: list[Mention]
    relations: list[Relation]
    claims: list[Claim]


def read_row(
    body: str,
    segments: Sequence[Segment],
    row: RowPlace | None,
    names: Gazetteer,
    own: OwnKeys,
    *,
    claims: bool,
) -> CellFindings:
    """Read the chunk of a row, `column: value; column: value`.

    The first cell that holds a name of the user's own is what the row is about; other cells
    that are names as a whole are related to it by their column. With `claims` the remaining
    cells are claimed of it. A row of two cells under a name (`Model | FJ-60`) is about that
    name: its first cell is the property.
    """
    fields = _fields(body, segments, names, own)
    found: list[Mention] = []
    for each in fields:
        found += _mentions(each, names)
    about = _header_subject(fields, names)
    if about is not None:
        only = [_claim(about, fields[0].value, fields[1], row)] if claims else []
        return CellFindings(found, [], only)
    subject = next((each for each in fields if each.own and each.entity is not None), None)
    if subject is None or subject.entity is None:
        return CellFindings(found, [], [])
    relations: dict[tuple[str, Entity], Relation] = {}
    claimed = []
    for each in fields:
        if each.entity is not None:
            related = _relation(subject.entity, each, each.entity, row)
            if related is not None:
                relations.setdefault((related.type, related.object), related)
        elif claims and each is not subject:
            claimed.append(_claim(subject.entity, headers.spoken(each.column), each, row))
    return CellFindings(found, [*relations.values()], claimed)


def _fields(body: str, segments: Sequence[Segment], names: Gazetteer, own: OwnKeys) -> list[_Field]:
    fields = []
    at = 0
    for segment in segments:
        column = body[at : segment.start].removeprefix("; ").rstrip().removesuffix(":")
        value = body[segment.start : segment.end]
        whole = own.whole(value, column) or names.whole(value, headers.stem(column) or None)
        entity, rank = whole if whole is not None else (None, _OWN)
        place = (segment.source_start, segment.source_end)
        fields.append(_Field(column, value, *place, entity, rank < _OWN))
        at = segment.end
    return fields


def _mentions(each: _Field, names: Gazetteer) -> list[Mention]:
    if each.entity is not None:
        return [Mention(each.entity, each.start, each.end, 1.0, CELLS)]
    if not _LETTER.search(each.value):
        return []
    verbatim = each.end - each.start == len(each.value)
    found = mentions(names.find(each.value), ())
    return [
        Mention(
            m.entity,
            each.start + m.start if verbatim else each.start,
            each.start + m.end if verbatim else each.end,
            m.score,
            m.producer,
        )
        for m in found
    ]


def _header_subject(fields: Sequence[_Field], names: Gazetteer) -> Entity | None:
    """Return what a two-column table under a name describes."""
    if len(fields) != 2 or not headers.is_identifier(fields[0].column):
        return None
    whole = names.whole(fields[1].column)
    return whole[0] if whole is not None and whole[1] < _OWN else None


def _relation(
    subject: Entity, each: _Field, entity: Entity, row: RowPlace | None
) -> Relation | None:
    if entity == subject:
        return None
    kind = headers.relation(each.column)
    return Relation(subject, kind, entity, each.start, each.end, 1.0, CELLS, row, True)


def _claim(entity: Entity, property: str, each: _Field, row: RowPlace | None) -> Claim:
    kind, value = cell_value(each.value, each.column)
    name = " ".join(property.lower().split())
    return Claim(entity, name, kind, value, each.start, each.end, 1.0, CELLS, row, True)
