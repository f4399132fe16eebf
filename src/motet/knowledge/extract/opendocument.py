"""OpenDocument text, spreadsheets and presentations (LibreOffice)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract.archive import Archive, attribute, local
from motet.knowledge.extract.formats import ODP, ODS, ODT
from motet.knowledge.extract.ooxml import child, children
from motet.knowledge.extract.sheets import SheetRow, write_sheet
from motet.knowledge.extract.writer import Writer, inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

_SKIPPED = frozenset({"tracked-changes", "annotation-end", "sequence-decls", "forms"})
_MAX_REPEAT = 1000


def extract_odt(data: bytes) -> Extracted:
    """Return a text document with headings, lists and tables.

    Raises ExtractionError for damaged, encrypted and oversized containers.
    """
    archive, reader = Archive(data), _TextReader()
    reader.read(_body(archive, "text"))
    return reader.writer.finish(ODT, _title(archive) or reader.writer.first_heading())


def extract_odp(data: bytes) -> Extracted:
    """Return a presentation slide by slide, speaker notes included."""
    archive, reader = Archive(data), _TextReader()
    for number, page in enumerate(children(_body(archive, "presentation"), "page"), start=1):
        with reader.writer.region("slide", number, attribute(page, "name")):
            reader.read(page)
    return reader.writer.finish(ODP, _title(archive) or reader.writer.first_heading())


def extract_ods(data: bytes) -> Extracted:
    """Return a spreadsheet's sheets, values as they are shown."""
    archive, writer = Archive(data), Writer()
    for number, sheet in enumerate(children(_body(archive, "spreadsheet"), "table"), start=1):
        name = attribute(sheet, "name") or ""
        with writer.region("sheet", number, name):
            write_sheet(writer, name, _sheet_rows(sheet))
    return writer.finish(ODS, _title(archive))


def _body(archive: Archive, kind: str) -> _Element:
    if "META-INF/manifest.xml" in archive.names:
        manifest = archive.read("META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise ExtractionError("the file is encrypted and needs a password")
    found = child(archive.xml("content.xml"), "body", kind)
    if found is None:
        raise ExtractionError("content.xml is damaged: it has no body")
    return found


def _title(archive: Archive) -> str | None:
    root = archive.optional_xml("meta.xml")
    if root is None:
        return None
    return next((item.text for item in root.iter("{*}title") if item.text), None)


class _TextReader:
    def __init__(self) -> None:
        self.writer = Writer()
        self._caption = ""

    def read(self, parent: _Element) -> None:
        for element in parent:
            self._block(element)

    def _block(self, element: _Element) -> None:
        name = local(element)
        if name in _SKIPPED:
            return
        if name == "h":
            level = attribute(element, "outline-level") or "1"
            self._write(element, "heading", min(int(level), 6) if level.isdigit() else 1)
        elif name == "p":
            self._write(element, "paragraph", 0)
        elif name == "list":
            self._list(element)
        elif name == "table":
            rows = [_cells(row) for row in element.iter("{*}table-row") if _owner(row) is element]
            self.writer.write_table(rows, name=attribute(element, "name") or self._caption)
        else:
            self.read(element)

    def _write(self, element: _Element, kind: str, level: int) -> None:
        text = _text(element)
        if kind == "heading":
            self.writer.write(inline(text), "heading", level)
        else:
            self.writer.write(text)
        self._caption = inline(text) if len(text) <= 200 else ""
        for box in element.iter("{*}text-box"):
            self.read(box)

    def _list(self, element: _Element) -> None:
        """Write a list's items; paragraphs of an item stay together, inner lists follow."""
        for item in children(element, "list-item", "list-header"):
            texts = [_text(part) for part in children(item, "p", "h")]
            text = " ".join(filter(None, map(inline, texts)))
            if text:
                self.writer.write(f"• {text}", "list")
            for inner in item:
                if local(inner) not in ("p", "h"):
                    self._block(inner)


def _owner(row: _Element) -> _Element | None:
    return next((parent for parent in row.iterancestors() if local(parent) == "table"), None)


def _text(element: _Element) -> str:
    parts = [element.text or ""]
    for item in element:
        name = local(item)
        if name == "s":
            parts.append(" ")
        elif name == "tab":
            parts.append("\t")
        elif name == "line-break":
            parts.append("\n")
        elif name not in ("text-box", "annotation", "title", "desc"):
            parts.append(_text(item))
        parts.append(item.tail or "")
    return "".join(parts)


def _cells(row: _Element) -> list[str]:
    cells: list[str] = []
    for cell in children(row, "table-cell", "covered-table-cell"):
        repeat = attribute(cell, "number-columns-repeated") or "1"
        texts = [inline(_text(part)) for part in cell.iter("{*}p", "{*}h")]
        value = " ".join(filter(None, texts))
        cells += [value] * min(int(repeat), _MAX_REPEAT if value else 64)
    return cells


def _sheet_rows(sheet: _Element) -> Iterator[tuple[int, SheetRow]]:
    number = 0
    for row in sheet.iter("{*}table-row"):
        repeat = int(attribute(row, "number-rows-repeated") or "1")
        values = {column: cell for column, cell in enumerate(_cells(row)) if cell}
        for step in range(min(repeat, _MAX_REPEAT) if values else 0):
            yield number + step, values
        number += repeat
