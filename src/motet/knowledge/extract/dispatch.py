"""One door for every format: find out what a file is, and hand it to whoever reads that."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import PurePosixPath

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract import formats
from motet.knowledge.extract.formats import HEAD_BYTES, describe, media_type

_PACKAGE = "motet.knowledge.extract"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_READERS: dict[str, tuple[str, str]] = {
    formats.MARKDOWN: ("markdown", "extract_markdown"),
    formats.PDF: ("pdf", "extract_pdf"),
    formats.DOCX: ("docx", "extract_docx"),
    formats.PPTX: ("pptx", "extract_pptx"),
    formats.XLSX: ("xlsx", "extract_xlsx"),
    formats.ODT: ("opendocument", "extract_odt"),
    formats.ODS: ("opendocument", "extract_ods"),
    formats.ODP: ("opendocument", "extract_odp"),
    formats.EPUB: ("epub", "extract_epub"),
    formats.HTML: ("html", "extract_html"),
    formats.PARQUET: ("parquet", "extract_parquet"),
}
_TYPED: dict[str, tuple[str, str]] = {
    formats.TEXT: ("plain", "extract_plain"),
    formats.NOTEBOOK: ("plain", "extract_plain"),
    formats.JSON: ("records", "extract_records"),
    formats.JSON_LINES: ("records", "extract_records"),
    formats.CSV: ("delimited", "extract_delimited"),
    formats.TSV: ("delimited", "extract_delimited"),
    **dict.fromkeys(
        (formats.DOC, formats.XLS, formats.PPT, formats.OUTLOOK, formats.RTF),
        ("legacy", "extract_legacy"),
    ),
}


def extract(data: bytes, name: str) -> Extracted:
    """Return the text and structure of a document; `name` is its file name.

    The content decides the format, the name only where contents look alike.
    Raises ExtractionError with a reason for a person: empty, damaged, encrypted, scanned,
    too large once unpacked, or not a document.
    """
    return _extract(data, name, 0)


def _extract(data: bytes, name: str, depth: int) -> Extracted:
    if not data:
        raise ExtractionError("empty file")
    kind = media_type(name, data[:HEAD_BYTES])
    if kind is None:
        known = describe(data[:HEAD_BYTES])
        suffix = PurePosixPath(name).suffix or "no suffix"
        raise ExtractionError(f"not a document we read: {known or f'unknown format ({suffix})'}")
    found = _read(data, kind, depth)
    if not found.text.strip():
        raise ExtractionError("the document holds no text")
    return found


def _read(data: bytes, kind: str, depth: int) -> Extracted:
    if kind == formats.MAIL:
        return _reader("mail", "extract_mail")(data, _extract, depth)
    if data.startswith(_COMPOUND) and kind in formats.ZIPPED:
        raise ExtractionError("the file is encrypted and needs a password")
    if kind in _TYPED:
        return _reader(*_TYPED[kind])(data, kind)
    return _reader(*_READERS[kind])(data)


def _reader(module: str, function: str) -> Callable[..., Extracted]:
    reader: Callable[..., Extracted] = getattr(import_module(f"{_PACKAGE}.{module}"), function)
    return reader
