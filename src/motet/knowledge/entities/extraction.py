"""What a version says: by itself, and once the names that all versions declare are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from motet.core.graph import Claim, Entity, Mention, Producer, Relation, RowPlace, TableShape
from motet.knowledge.entities.cells import CELLS, read_row
from motet.knowledge.entities.forms import RANKS, Declared
from motet.knowledge.entities.gazetteer import Gazetteer, OwnKeys
from motet.knowledge.entities.overlap import GAZETTEER, mentions
from motet.knowledge.entities.phrases import PHRASES, stated
from motet.knowledge.entities.recognition import (
    EXPERT,
    PATTERNS,
    Recognised,
    Recogniser,
    companies,
)
from motet.knowledge.entities.rows import ROWS, Rows, rows
from motet.knowledge.entities.shapes import is_data
from motet.knowledge.entities.statements import STATEMENTS, about_document, about_mentions

if TYPE_CHECKING:
    from motet.core.protocols import NameFinder
    from motet.knowledge.chunks import Chunk
    from motet.knowledge.prepare import Prepared

TITLES = Producer("titles", "1")
DOCUMENT = "document"
SAID = "memory:"
"""How the sources begin that are no documents but what somebody said."""
OWN = (ROWS, CELLS, GAZETTEER, TITLES, PATTERNS, PHRASES, STATEMENTS)
"""The operators that are always there; an expert and a model come beside them."""
MODEL = "model"
OPERATORS = frozenset((*(each.operator for each in OWN), EXPERT, MODEL))
"""The operators whose rows extraction may replace; other rows are somebody else's."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a chunk belongs to: the version's source, title and media type."""

    source: str
    title: str | None
    media_type: str

    @property
    def is_data(self) -> bool:
        """Whether the version is tables and nothing else."""
        return is_data(self.media_type)

    @property
    def document(self) -> Entity | None:
        """Return the entity that the version is, None for data and for what was said."""
        if self.is_data or self.source.startswith(SAID):
            return None
        return Entity(DOCUMENT, self.source)

    @property
    def called(self) -> str | None:
        """Return the title as people say it, without the name of the site behind it."""
        return self.title.split(" | ")[0].strip() or None if self.title else None

    @property
    def file_name(self) -> str:
        """Return the file's name as words, for a document without a title."""
        return PurePosixPath(self.source).stem.replace("_", " ").replace("-", " ")


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk as extraction reads it.

    `text` is the source's own at its place, `row` the row of a table that it is or is part of.
    """

    chunk: Chunk
    text: str
    first: bool
    row: RowPlace | None = None


@dataclass(slots=True)
class Findings:
    """What one chunk says."""

    mentions: list[Mention] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)


class Extractor:
    """Reads versions: deterministic, chunk by chunk, without any state but the names given.

    `finder` is the NER expert, None where there is none; then capitalised sequences stand in.
    `shapes` are the approved shapes of tables.
    """

    def __init__(
        self, finder: NameFinder | None = None, shapes: Mapping[str, TableShape] | None = None
    ) -> None:
        self._recogniser = Recogniser(finder)
        self._shapes = shapes or {}

    @property
    def producers(self) -> tuple[Producer, ...]:
        """The operators whose rows this extractor writes."""
        expert = self._recogniser.expert
        return OWN if expert is None else (*OWN, expert)

    def rows(self, prepared: Prepared, source: str) -> Rows:
        """Return what the tables of a version say, and the names its rows declare."""
        return rows(prepared.tables, prepared.media_type, source, self._shapes)

    def declared(
        self,
        setting: Setting,
        found: Rows,
        pieces: Sequence[Piece],
        recognised: Sequence[Sequence[Recognised]],
    ) -> list[Declared]:
        """Return the names that a version declares: of rows, of companies, and its title.

        What somebody said declares none: it is theirs.
        """
        document, title = setting.document, setting.called
        declared = [*found.declared]
        if document is not None:
            declared += companies([piece.text for piece in pieces], recognised)
            if title is not None:
                declared.append(Declared(document, title, "title"))
        return declared

    def recognised(self, pieces: Sequence[Piece]) -> list[list[Recognised]]:
        """Return the names that recognisers find in each chunk; `pieces` are a whole version."""
        found: list[list[Recognised]] = [[] for _ in pieces]
        prose = [at for at, piece in enumerate(pieces) if piece.chunk.segments is None]
        names = self._recogniser.find([pieces[at].text for at in prose])
        for at, each in zip(prose, names, strict=True):
            found[at] = each
        return found

    def chunk(
        self,
        piece: Piece,
        setting: Setting,
        recognised: Iterable[Recognised],
        names: Gazetteer,
        own: OwnKeys,
    ) -> Findings:
        """Return what a chunk says, positions counted in the version's text.

        `names` are those of all versions, `own` the numbers that this version's rows go by.
        """
        chunk = piece.chunk
        if chunk.segments is not None and chunk.body is not None:
            row = read_row(
                chunk.body, chunk.segments, piece.row, names, own, claims=not setting.is_data
            )
            findings = Findings(row.mentions, row.relations, row.claims)
        else:
            findings = _prose(piece, setting, recognised, names)
        _about(piece, setting, names, findings)
        return findings


def _prose(
    piece: Piece, setting: Setting, recognised: Iterable[Recognised], names: Gazetteer
) -> Findings:
    text, offset = piece.text, piece.chunk.start
    local = mentions(names.find(text), recognised)
    relations = list(stated(text, local))
    claims = list(about_mentions(text, local))
    document = setting.document
    if document is not None:
        for each in about_document(text, document, local):
            if isinstance(each, Claim):
                claims.append(each)
            else:
                relations.append(each)
    return Findings(
        [Mention(m.entity, m.start + offset, m.end + offset, m.score, m.producer) for m in local],
        [_moved_relation(each, offset) for each in relations],
        [_moved_claim(each, offset) for each in claims],
    )


def _about(piece: Piece, setting: Setting, names: Gazetteer, findings: Findings) -> None:
    """Say that the chunk is of its document, and whom the document's title names.

    The mention is empty and stands at the chunk's start: the title itself may stand nowhere.
    """
    document, start = setting.document, piece.chunk.start
    if document is None:
        return
    findings.mentions.append(Mention(document, start, start, 0.5, TITLES))
    if not piece.first or setting.title is None:
        return
    named = dict.fromkeys(
        entity
        for hit in names.find(setting.title)
        if hit.rank != RANKS["title"]
        for entity in hit.entities
    )
    findings.relations += [
        Relation(document, "about", entity, start, start, 0.8, TITLES)
        for entity in sorted(named)
        if entity != document
    ]


def _moved_relation(each: Relation, by: int) -> Relation:
    place = (each.start + by, each.end + by)
    return Relation(
        each.subject, each.type, each.object, *place, each.score, each.producer, None, each.given
    )


def _moved_claim(each: Claim, by: int) -> Claim:
    place = (each.start + by, each.end + by)
    return Claim(
        each.entity, each.property, each.type, each.value, *place, each.score, each.producer,
        None, each.given,
    )  # fmt: skip
