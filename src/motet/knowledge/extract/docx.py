"""Word documents: paragraphs, headings, lists, tables, notes and comments, as they are shown."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from motet.core.documents import Extracted
from motet.knowledge.extract.archive import Archive, attribute, local
from motet.knowledge.extract.formats import DOCX
from motet.knowledge.extract.ooxml import child, children, main_part, related, title
from motet.knowledge.extract.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

_HEADING = re.compile(r"heading\s*([1-9])|überschrift\s*([1-9])|titre\s*([1-9])", re.IGNORECASE)
_SKIPPED = frozenset({"del", "moveFrom", "instrText", "delText", "pPr", "rPr", "Fallback"})
_WRAPPERS = frozenset({"sdt", "sdtContent", "smartTag", "customXml", "ins", "moveTo", "body"})


def extract_docx(data: bytes) -> Extracted:
    """Return a Word document's text; deleted revisions and field codes are left out.

    Raises ExtractionError for damaged, encrypted and oversized containers.
    """
    archive = Archive(data)
    part = main_part(archive, "word/document.xml")
    reader = _Reader(archive, part)
    reader.read()
    return reader.writer.finish(DOCX, title(archive) or reader.writer.first_heading())


class _Reader:
    def __init__(self, archive: Archive, part: str) -> None:
        self.writer = Writer()
        self._archive, self._part = archive, part
        self._levels = _heading_levels(archive, part)
        self._numbers = _number_formats(archive, part)
        self._counts: Counter[tuple[str, int]] = Counter()
        self._caption = ""

    def read(self) -> None:
        for header in related(self._archive, self._part, "header"):
            self._aside(header)
        root = self._archive.xml(self._part)
        body = child(root, "body")
        self._blocks(body if body is not None else root)
        for kind in ("footnotes", "endnotes", "comments", "footer"):
            for part in related(self._archive, self._part, kind):
                self._aside(part)

    def _aside(self, part: str) -> None:
        for element in self._archive.xml(part):
            if attribute(element, "type") not in ("separator", "continuationSeparator"):
                self._block(element)

    def _blocks(self, parent: _Element) -> None:
        for element in parent:
            self._block(element)

    def _block(self, element: _Element) -> None:
        name = local(element)
        if name == "p":
            self._paragraph(element)
        elif name == "tbl":
            self._table(element)
        elif name in _WRAPPERS or name in ("footnote", "endnote", "comment", "hdr", "ftr"):
            self._blocks(element)

    def _paragraph(self, element: _Element) -> None:
        text, boxes = _text(element), list(_text_boxes(element))
        level = self._level(element)
        if text.strip() and level:
            self.writer.write(text, "heading", level)
        elif text.strip():
            marker = self._marker(element)
            self.writer.write(marker + text, "list" if marker else "paragraph")
        if text.strip():
            self._caption = text.strip() if len(text) <= 200 else ""
        for box in boxes:
            self._blocks(box)

    def _level(self, element: _Element) -> int:
        properties = child(element, "pPr")
        if properties is None:
            return 0
        outline = child(properties, "outlineLvl")
        if outline is not None:
            value = attribute(outline, "val") or ""
            return int(value) + 1 if value in tuple("012345") else 0
        style = child(properties, "pStyle")
        return self._levels.get(attribute(style, "val") or "", 0) if style is not None else 0

    def _marker(self, element: _Element) -> str:
        number = child(element, "pPr", "numPr")
        if number is None:
            return ""
        level, key = child(number, "ilvl"), child(number, "numId")
        identity = (attribute(key, "val") if key is not None else None) or "0"
        depth = int((attribute(level, "val") if level is not None else None) or 0)
        if identity == "0":
            return ""
        if self._numbers.get((identity, depth), "bullet") in ("bullet", "none"):
            return "• "
        self._counts[identity, depth] += 1
        for deeper in range(depth + 1, 9):
            self._counts.pop((identity, deeper), None)
        return f"{self._counts[identity, depth]}. "

    def _table(self, element: _Element) -> None:
        rows = [[text for cell in _cells(row) for text in _cell(cell)] for row in _rows(element)]
        self.writer.write_table(rows, name=self._caption)


def _rows(table: _Element) -> Iterator[_Element]:
    for element in table:
        if local(element) == "tr":
            yield element
        elif local(element) in _WRAPPERS:
            yield from _rows(element)


def _cells(row: _Element) -> Iterator[_Element]:
    for element in row:
        if local(element) == "tc":
            yield element
        elif local(element) in _WRAPPERS:
            yield from _cells(element)


def _cell(cell: _Element) -> list[str]:
    """Return a cell's text, followed by an empty one for each further column it spans."""
    parts = [_text(item) for item in cell.iter("{*}p")]
    span = child(cell, "tcPr", "gridSpan")
    width = attribute(span, "val") if span is not None else None
    extra = int(width) - 1 if width and width.isdigit() else 0
    return [" ".join(part for part in parts if part.strip()), *[""] * min(extra, 100)]


def _text(element: _Element) -> str:
    """Return what a paragraph shows; text boxes are left to themselves."""
    parts: list[str] = []
    for item in element:
        name = local(item)
        if name == "t":
            parts.append(item.text or "")
        elif name in ("tab", "ptab"):
            parts.append("\t")
        elif name in ("br", "cr"):
            parts.append("\n")
        elif name == "noBreakHyphen":
            parts.append("-")
        elif name == "sym":
            parts.append(_symbol(item))
        elif name not in _SKIPPED and name != "txbxContent":
            parts.append(_text(item))
    return "".join(parts)


def _symbol(element: _Element) -> str:
    code = int(attribute(element, "char") or "0", 16)
    return chr(code) if 0x20 <= code < 0xD800 else ""


def _text_boxes(element: _Element) -> Iterator[_Element]:
    for box in element.iter("{*}txbxContent"):
        if not any(local(parent) == "Fallback" for parent in box.iterancestors()):
            yield box


def _heading_levels(archive: Archive, part: str) -> dict[str, int]:
    levels: dict[str, int] = {}
    for path in related(archive, part, "styles"):
        for style in children(archive.xml(path), "style"):
            key, name = attribute(style, "styleId") or "", child(style, "name")
            shown = (attribute(name, "val") if name is not None else None) or key
            outline = child(style, "pPr", "outlineLvl")
            value = attribute(outline, "val") if outline is not None else None
            found = _HEADING.fullmatch(shown.strip())
            if found:
                levels[key] = min(int(found[found.lastindex or 1]), 6)
            elif shown.lower() == "title":
                levels[key] = 1
            elif value and value in tuple("012345"):
                levels[key] = int(value) + 1
    return levels


def _number_formats(archive: Archive, part: str) -> dict[tuple[str, int], str]:
    """Return the number format of each list and depth ("bullet", "decimal", ...)."""
    formats: dict[tuple[str, int], str] = {}
    for path in related(archive, part, "numbering"):
        root = archive.xml(path)
        abstract = {
            attribute(item, "abstractNumId"): item for item in children(root, "abstractNum")
        }
        for number in children(root, "num"):
            link = child(number, "abstractNumId")
            source = abstract.get(attribute(link, "val")) if link is not None else None
            for level in children(source, "lvl") if source is not None else ():
                kind = child(level, "numFmt")
                key = attribute(number, "numId") or "", int(attribute(level, "ilvl") or 0)
                formats[key] = (attribute(kind, "val") if kind is not None else None) or "bullet"
    return formats
