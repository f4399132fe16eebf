"""PDF files: opens them, reads every page and writes the text with pages, blocks and boxes."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract.formats import PDF
from motet.knowledge.extract.pdf.pages import Page, PageWriter
from motet.knowledge.extract.pdf.paragraphs import Styles
from motet.knowledge.extract.pdf.tables import find_tables
from motet.knowledge.extract.pdf.words import PageReader
from motet.knowledge.extract.writer import Writer

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

LOCK = threading.Lock()
"""pdfium is not thread-safe: whoever calls it holds this."""

_ROOT = re.compile(rb"(\d+)\s+0\s+obj\s*<<[^>]*?/Type\s*/Catalog")
_PASSWORD_ERROR = 4
_SECURITY_ERROR = 5


def extract_pdf(data: bytes) -> Extracted:
    """Return the text of a PDF with pages, paragraphs, tables and word boxes.

    Raises ExtractionError when a password is needed, the file is damaged, or no page has text.
    """
    with LOCK, open_pdf(data) as pdf:
        pages, title = _read_pages(pdf), _title(pdf)
    filled = [page for page in pages if page.words]
    if not filled:
        raise ExtractionError(
            f"no text layer on {'its' if len(pages) == 1 else 'any of'} {_count(len(pages))} "
            "(scanned or drawn); text recognition is not built in"
        )
    tables = find_tables(data)
    writer = Writer()
    styles = Styles.learn([page.words for page in filled])
    for page in pages:
        PageWriter(writer, page, styles, tables.get(page.number, [])).write()
    bare = [page.number for page in pages if not page.words]
    if bare:
        writer.note(f"{len(bare)} of {_count(len(pages))} have no text layer: {_ranges(bare)}")
    return writer.finish(PDF, title or writer.first_heading())


@contextmanager
def open_pdf(data: bytes) -> Iterator[PdfDocument]:
    """Open a PDF; the caller holds `LOCK`. An empty user password is tried by pdfium itself."""
    import pypdfium2
    from pypdfium2.raw import FPDF_GetLastError

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        code = FPDF_GetLastError()
        if code == _PASSWORD_ERROR or "password" in str(error).lower():
            raise ExtractionError("the PDF is encrypted and needs a password") from None
        if code == _SECURITY_ERROR:
            raise ExtractionError("the PDF is protected in a way that cannot be read") from None
        pdf = _salvage(data)
    try:
        if len(pdf) == 0:
            raise ExtractionError("the PDF has no pages")
        yield pdf
    finally:
        pdf.close()


def _salvage(data: bytes) -> PdfDocument:
    """Open a PDF that lost its end: pdfium finds the objects again once it knows the root."""
    import pypdfium2

    roots = _ROOT.findall(data)
    try:
        if roots:
            end = b"\ntrailer\n<< /Root %s 0 R >>\nstartxref\n0\n%%%%EOF" % roots[-1]
            return pypdfium2.PdfDocument(data + end)
    except pypdfium2.PdfiumError:
        raise ExtractionError("the PDF is damaged: its pages cannot be found") from None
    raise ExtractionError("the PDF is damaged or mislabelled")


def _read_pages(pdf: PdfDocument) -> list[Page]:
    import pypdfium2
    from pypdfium2 import raw

    pages = []
    for index in range(len(pdf)):
        try:
            page = pdf[index]
        except pypdfium2.PdfiumError:
            pages.append(Page(index + 1, (0.0, 0.0), []))
            continue
        textpage = raw.FPDFText_LoadPage(page)
        try:
            reader = PageReader(page, textpage)
            pages.append(Page(index + 1, reader.size, reader.words()))
        finally:
            raw.FPDFText_ClosePage(textpage)
            page.close()
    return pages


def _title(pdf: PdfDocument) -> str | None:
    try:
        found = str(pdf.get_metadata_value("Title") or "").strip()
    except UnicodeDecodeError:
        return None
    return found if len(found) > 2 and not found.lower().startswith("microsoft word") else None


def _count(pages: int) -> str:
    return "1 page" if pages == 1 else f"{pages} pages"


def _ranges(numbers: Sequence[int]) -> str:
    """Write page numbers as a person would: 1-3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs[:8]]
    return ", ".join(shown) + (", …" if len(runs) > 8 else "")
