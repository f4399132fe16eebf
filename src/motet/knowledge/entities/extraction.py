"""What a version says: by itself, and once the names that all versions declare are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from motet.core.graph import Claim, Entity, Mention, Producer, Relation, RowPlace, TableShape
from motet.knowledge.entities.asking import Answers, Asking
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
OPERATORS = frozenset((*(each.operator for each in OWN), EXPERT, "model"))
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

    @property
    def is_prose(self) -> bool:
        """Whether it is text rather than a row."""
        return self.chunk.segments is None


@dataclass(slots=True)
class Findings:
    """What one chunk says."""

    mentions: list[Mention] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)


class Extractor:
    """Reads versions: deterministic, chunk by chunk, without any state but the names given.

    `finder` is the NER expert, None where there is none; then capitalised sequences stand in.
    `shapes` are the approved shapes of tables. `asking` asks a language model, too.
    """

    def __init__(
        self,
        finder: NameFinder | None = None,
        shapes: Mapping[str, TableShape] | None = None,
        asking: Asking | None = None,
    ) -> None:
        self.asking = asking
        self._recogniser = Recogniser(finder)
        self._shapes = shapes or {}

    @property
    def producers(self) -> tuple[Producer, ...]:
        """The operators whose rows this extractor writes."""
        expert = self._recogniser.expert
        model = self.asking.producer if self.asking is not None else None
        return (*OWN, *(each for each in (expert, model) if each is not None))

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

    def recognised(
        self, pieces: Sequence[Piece], answers: Answers | None = None
    ) -> list[list[Recognised]]:
        """Return the names that recognisers find in each chunk; `pieces` are a whole version."""
        found: list[list[Recognised]] = [[] for _ in pieces]
        prose = [at for at, piece in enumerate(pieces) if piece.is_prose]
        texts = [pieces[at].text for at in prose]
        told = [self.asking.names(each, answers or {}) if self.asking else [] for each in texts]
        names = self._recogniser.find(texts, told)
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
        answers: Answers | None = None,
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
            findings = self._prose(piece, setting, recognised, names, answers or {})
        _about(piece, setting, names, findings)
        return findings

    def _prose(
        self,
        piece: Piece,
        setting: Setting,
        recognised: Iterable[Recognised],
        names: Gazetteer,
        answers: Answers,
    ) -> Findings:
        text, offset = piece.text, piece.chunk.start
        local = mentions(names.find(text), recognised)
        relations = list(stated(text, local))
        claims = list(about_mentions(text, local))
        if self.asking is not None:
            relations += self.asking.relations(text, answers, local)
        if setting.document is not None:
            for each in about_document(text, setting.document, local):
                if isinstance(each, Claim):
                    claims.append(each)
                else:
                    relations.append(each)
        return Findings(
            [replace(m, start=m.start + offset, end=m.end + offset) for m in local],
            [replace(r, start=r.start + offset, end=r.end + offset) for r in relations],
            [replace(c, start=c.start + offset, end=c.end + offset) for c in claims],
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
