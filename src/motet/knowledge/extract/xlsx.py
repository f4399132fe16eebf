"""Excel workbooks: one region per sheet, values as their formats show them."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract.archive import Archive, attribute, local
from motet.knowledge.extract.cellformat import format_code, show_number
from motet.knowledge.extract.formats import XLSX
from motet.knowledge.extract.ooxml import child, children, main_part, related, relations, title
from motet.knowledge.extract.sheets import SheetRow, write_sheet
from motet.knowledge.extract.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def extract_xlsx(data: bytes) -> Extracted:
    """Return a workbook's sheets; formulas give the value stored with them.

    Raises ExtractionError for damaged, encrypted and oversized containers.
    """
    archive, writer = Archive(data), Writer()
    book = _Workbook(archive)
    for number, (name, part) in enumerate(book.sheets(), start=1):
        with writer.region("sheet", number, name):
            write_sheet(writer, name, book.rows(part))
            for comments in related(archive, part, "comments"):
                for comment in archive.xml(comments).iter("{*}comment"):
                    text = "".join(item.text or "" for item in comment.iter("{*}t"))
                    writer.write(f"{attribute(comment, 'ref')}: {text}")
    if writer.empty:
        raise ExtractionError("the workbook has no values")
    return writer.finish(XLSX, title(archive))


class _Workbook:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._part = main_part(archive, "xl/workbook.xml")
        self._root = archive.xml(self._part)
        properties = child(self._root, "workbookPr")
        flag = attribute(properties, "date1904") if properties is not None else None
        self._from_1904 = flag in ("1", "true")
        self._strings = self._shared_strings()
        self._formats = self._cell_formats()

    def sheets(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the part of each sheet in the book's order; charts have none."""
        targets = relations(self._archive, self._part)
        listed = child(self._root, "sheets")
        for sheet in listed if listed is not None else ():
            key = next((str(v) for k, v in sheet.attrib.items() if str(k).endswith("}id")), "")
            part = targets.get(key, "")
            if part in self._archive.names and "chartsheets" not in part:
                yield attribute(sheet, "name") or "", part

    def rows(self, part: str) -> Iterator[tuple[int, SheetRow]]:
        """Yield the number and the shown values of each row, reading the sheet as a stream."""
        from lxml import etree

        data = self._archive.read(part)
        if b"<!ENTITY" in data:
            raise ExtractionError(f"{part} declares XML entities, which are refused")
        stream = etree.iterparse(
            io.BytesIO(data), tag="{*}row", resolve_entities=False, no_network=True, load_dtd=False
        )
        last = 0
        try:
            for _, row in stream:
                number = attribute(row, "r")
                last = int(number) if number and number.isdigit() else last + 1
                yield last, self._values(row)
                row.clear()
                while row.getprevious() is not None:
                    del row.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise ExtractionError(f"{part} is damaged: {str(error).split(' (<')[0]}") from None

    def _values(self, row: _Element) -> SheetRow:
        values: SheetRow = {}
        column = -1
        for cell in row:
            reference = _REFERENCE.fullmatch(cell.get("r") or "")
            column = _column(reference[1]) if reference else column + 1
            shown = self._shown(cell)
            if shown:
                values[column] = shown
        return values

    def _shown(self, cell: _Element) -> str:
        kind, value = cell.get("t") or "n", None
        for item in cell:
            if local(item) == "v":
                value = item.text
            elif local(item) == "is":
                return _rich_text(item)
        if value is None:
            return ""
        if kind == "s":
            index = int(value) if value.strip().isdigit() else -1
            return self._strings[index] if 0 <= index < len(self._strings) else ""
        if kind == "b":
            return "TRUE" if value.strip() == "1" else "FALSE"
        return self._number(cell, value) if kind == "n" else value

    def _number(self, cell: _Element, value: str) -> str:
        style = cell.get("s") or "0"
        index = int(style) if style.isdigit() else 0
        code = self._formats[index] if index < len(self._formats) else "General"
        try:
            return show_number(float(value), code, from_1904=self._from_1904)
        except (ValueError, OverflowError):
            return value

    def _shared_strings(self) -> list[str]:
        parts = related(self._archive, self._part, "sharedStrings")
        return [
            _rich_text(item) for part in parts for item in children(self._archive.xml(part), "si")
        ]

    def _cell_formats(self) -> list[str]:
        codes: list[str] = []
        for part in related(self._archive, self._part, "styles"):
            root = self._archive.xml(part)
            custom = {
                int(attribute(item, "numFmtId") or 0): attribute(item, "formatCode") or "General"
                for item in root.iter("{*}numFmt")
            }
            formats = child(root, "cellXfs")
            for item in formats if formats is not None else ():
                codes.append(format_code(int(attribute(item, "numFmtId") or 0), custom))
        return codes


def _rich_text(element: _Element) -> str:
    """Return a string's text; reading aids above characters (phonetic runs) are left out."""
    parts: list[str] = []
    for item in element:
        if local(item) == "t":
            parts.append(item.text or "")
        elif local(item) == "r":
            parts += [run.text or "" for run in children(item, "t")]
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), "".join(parts))


def _column(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
