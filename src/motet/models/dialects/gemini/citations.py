"""Citations: grounding and recitation of an answer, both ways.

https://ai.google.dev/api/generate-content#GroundingMetadata and `CitationMetadata`. Places
are bytes of UTF-8 there and code points here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from motet.core.chat import Citation, Cited, TextDelta
from motet.core.json import JSON


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of the answer: its block, its place among the parts of the content."""

    block: int
    part: int
    text: str


def read_grounding(metadata: JSON, passages: Sequence[Passage]) -> list[Cited]:
    """Return the citations that the supports of a `groundingMetadata` make."""
    if not isinstance(metadata, Mapping):
        return []
    sources = [_source(chunk) for chunk in _mappings(metadata.get("groundingChunks"))]
    found: list[Cited] = []
    for support in _mappings(metadata.get("groundingSupports")):
        place = _place(support.get("segment"), passages)
        if place is None:
            continue
        for index in _numbers(support.get("groundingChunkIndices")):
            if 0 <= index < len(sources):
                found.append(_cited(sources[index], place))
    return found


def read_recitations(metadata: JSON, passages: Sequence[Passage]) -> list[Cited]:
    """Return the citations of a `citationMetadata`."""
    if not isinstance(metadata, Mapping):
        return []
    found: list[Cited] = []
    for source in _mappings(metadata.get("citationSources") or metadata.get("citations")):
        if (place := _place(source, passages)) is not None:
            found.append(_cited(Citation(_text(source, "uri"), _text(source, "title")), place))
    return found


def written_grounding(
    passages: Sequence[tuple[Passage, Sequence[Citation]]],
) -> dict[str, JSON] | None:
    """Return the `groundingMetadata` that says these citations, None where there are none."""
    chunks: list[JSON] = []
    supports: list[JSON] = []
    for passage, citations in passages:
        for segment, sources in _by_segment(passage, citations):
            indices: list[JSON] = []
            for source in sources:
                if source not in chunks:
                    chunks.append(source)
                indices.append(chunks.index(source))
            supports.append({"segment": segment, "groundingChunkIndices": indices})
    return {"groundingChunks": chunks, "groundingSupports": supports} if supports else None


class CitedTexts:
    """Collects the texts of a streamed answer and what they cite, for its last chunk."""

    def __init__(self) -> None:
        self._texts: dict[int, list[str]] = {}
        self._parts: dict[int, int] = {}
        self._citations: dict[int, list[Citation]] = {}

    def add(self, delta: TextDelta, part: int) -> None:
        """Take more of a text; `part` is its place among the parts of the content."""
        self._texts.setdefault(delta.block, []).append(delta.text)
        self._parts.setdefault(delta.block, part)

    def cite(self, cited: Cited) -> None:
        """Take a citation."""
        self._citations.setdefault(cited.block, []).append(cited.citation)

    def grounding(self) -> dict[str, JSON] | None:
        """Return the `groundingMetadata` of the answer, None without citations."""
        texts = self._texts.items()
        return written_grounding(
            [
                (
                    Passage(block, self._parts[block], "".join(pieces)),
                    self._citations.get(block, ()),
                )
                for block, pieces in texts
            ]
        )


@dataclass(frozen=True, slots=True)
class _Place:
    block: int
    start: int | None
    end: int | None


def _place(segment: JSON, passages: Sequence[Passage]) -> _Place | None:
    """Return where a segment lies; without offsets where they fit no text of the answer."""
    if not isinstance(segment, Mapping) or not passages:
        return None
    number = segment.get("partIndex") or 0
    ordered = sorted(passages, key=lambda passage: passage.part != number)
    end = segment.get("endIndex")
    start = segment.get("startIndex") or 0
    quote = segment.get("text")
    if isinstance(start, int) and isinstance(end, int):
        for passage in ordered:
            cut = _cut(passage.text, start, end)
            if cut is not None and quote in (None, passage.text[slice(*cut)]):
                return _Place(passage.block, *cut)
    return _Place(ordered[0].block, None, None)


def _cut(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return byte offsets as code points, None where they lie outside or inside a character."""
    data = text.encode()
    if not 0 <= start <= end <= len(data):
        return None
    try:
        before, inside = data[:start].decode(), data[start:end].decode()
    except UnicodeDecodeError:
        return None
    return len(before), len(before) + len(inside)


def _cited(source: Citation, place: _Place) -> Cited:
    citation = Citation(source.url, source.title, source.quote, place.start, place.end)
    return Cited(citation, place.block)


def _source(chunk: Mapping[str, JSON]) -> Citation:
    """Return what a grounding chunk points at, be it `web`, `retrievedContext` or `maps`."""
    for value in chunk.values():
        if isinstance(value, Mapping):
            return Citation(_text(value, "uri"), _text(value, "title"), _text(value, "text"))
    return Citation()


def _by_segment(
    passage: Passage, citations: Sequence[Citation]
) -> Iterator[tuple[dict[str, JSON], list[dict[str, JSON]]]]:
    """Yield segments with their sources; neighbours that cite for the same place are one."""
    place = 0
    while place < len(citations):
        first = citations[place]
        sources: list[dict[str, JSON]] = []
        while place < len(citations) and _same_place(citations[place], first):
            sources.append(_chunk(citations[place]))
            place += 1
        yield _segment(passage, first), sources


def _same_place(one: Citation, other: Citation) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def _segment(passage: Passage, citation: Citation) -> dict[str, JSON]:
    segment: dict[str, JSON] = {"partIndex": passage.part} if passage.part else {}
    if citation.start is None or citation.end is None:
        return segment
    text = passage.text
    if start := len(text[: citation.start].encode()):
        segment["startIndex"] = start
    segment["endIndex"] = len(text[: citation.end].encode())
    segment["text"] = text[citation.start : citation.end]
    return segment


def _chunk(citation: Citation) -> dict[str, JSON]:
    said = {"uri": citation.url, "title": citation.title, "text": citation.quote}
    source: dict[str, JSON] = {name: value for name, value in said.items() if value is not None}
    return {"web" if citation.quote is None else "retrievedContext": source}


def _mappings(value: JSON) -> list[Mapping[str, JSON]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [item for item in value if isinstance(item, Mapping)]


def _numbers(value: JSON) -> list[int]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [item for item in value if isinstance(item, int)]


def _text(value: Mapping[str, JSON], name: str) -> str | None:
    found = value.get(name)
    return found if isinstance(found, str) else None
