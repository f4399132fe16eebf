"""Formats that kreuzberg reads for us: RTF and the Office files from before 2007."""

from __future__ import annotations

import re

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract.formats import PPT, XLS
from motet.knowledge.extract.sheets import write_sheet
from motet.knowledge.extract.writer import Writer


def extract_legacy(data: bytes, media_type: str) -> Extracted:
    """Return the paragraphs and tables of an RTF, DOC, XLS, PPT or Outlook file.

    Raises ExtractionError for damaged and encrypted files, and without the extra `legacy`.
    """
    if b"E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e" in data:
        raise ExtractionError("the file is encrypted and needs a password")
    try:
        from kreuzberg import ExtractionConfig, KreuzbergError, extract_bytes_sync
    except ImportError:
        raise ExtractionError(
            "files of this kind need a reader of their own: pip install 'motet[legacy]'"
        ) from None
    try:
        result = extract_bytes_sync(data, media_type, config=ExtractionConfig(use_cache=False))
    except (KreuzbergError, ValueError, OSError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0][:160] if str(error).strip() else "unreadable"
        raise ExtractionError(f"the file is damaged or mislabelled: {reason}") from None
    writer = Writer()
    if media_type == XLS and result.tables:
        for number, table in enumerate(result.tables, start=1):
            rows = [(at, dict(enumerate(row))) for at, row in enumerate(table.cells)]
            with writer.region("sheet", number):
                write_sheet(writer, "", rows)
    else:
        for paragraph in re.split(r"\n\s*\n", result.content):
            writer.write(paragraph)
    if writer.empty:
        kind = "presentation" if media_type == PPT else "document"
        raise ExtractionError(f"the {kind} holds no text")
    found = result.metadata.get("title")
    return writer.finish(media_type, str(found) if found else None)
