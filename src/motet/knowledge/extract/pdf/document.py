"""PDF files: opens them, reads every page and writes the text with pages, blocks and boxes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from motet.core.documents import Extracted, Word
from motet.core.errors import ExtractionError
from motet.knowledge.extract.formats import PDF
from motet.knowledge.extract.pdf.layout import Line, reading_order
from motet.knowledge.extract.pdf.paragraphs import Paragraph, Styles, joint, paragraphs
from motet.knowledge.extract.pdf.words import Box, PageReader, PageWord
from motet.knowledge.extract.writer import Writer

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

LOCK = threading.Lock()
"""pdfium is not thread-safe: whoever calls it holds this."""

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
            f"no text layer on any of {_count(len(pages))} (scanned or drawn); "
            "text recognition is not built in"
        )
    writer = Writer()
    styles = Styles.learn([page.words for page in filled])
    for page in pages:
        _PageWriter(writer, page, styles).write()
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
        raise ExtractionError("the PDF is damaged or mislabelled") from None
    try:
        if len(pdf) == 0:
            raise ExtractionError("the PDF has no pages")
        yield pdf
    finally:
        pdf.close()


class _Page:
    """The words of one page in display space."""

    def __init__(self, number: int, size: tuple[float, float], words: list[PageWord]) -> None:
        self.number, self.size, self.words = number, size, words


def _read_pages(pdf: PdfDocument) -> list[_Page]:
    import pypdfium2
    from pypdfium2 import raw

    pages = []
    for index in range(len(pdf)):
        try:
            page = pdf[index]
        except pypdfium2.PdfiumError:
            pages.append(_Page(index + 1, (0.0, 0.0), []))
            continue
        textpage = raw.FPDFText_LoadPage(page)
        try:
            reader = PageReader(page, textpage)
            pages.append(_Page(index + 1, reader.size, reader.words()))
        finally:
            raw.FPDFText_ClosePage(textpage)
            page.close()
    return pages


def _title(pdf: PdfDocument) -> str | None:
    found = str(pdf.get_metadata_dict().get("Title") or "").strip()
    return found if len(found) > 2 and not found.lower().startswith("microsoft word") else None


class _PageWriter:
    """Writes one page: its text reading across first, then what stands at other angles."""

    def __init__(self, writer: Writer, page: _Page, styles: Styles) -> None:
        self._writer, self._page, self._styles = writer, page, styles
        self._boxes: dict[int, Box] = {word.order: word.box for word in page.words}

    def write(self) -> None:
        with self._writer.region("page", self._page.number):
            for angle in self._angles():
                words = [word for word in self._page.words if word.angle == angle]
                lines = reading_order([_upright(word, angle, self._page.size) for word in words])
                for group in paragraphs(lines, self._styles):
                    self._write_paragraph(group)

    def _angles(self) -> list[int]:
        counts: dict[int, int] = {}
        for word in self._page.words:
            counts[word.angle] = counts.get(word.angle, 0) + len(word.text)
        return sorted(counts, key=lambda angle: (-counts[angle], angle))

    def _write_paragraph(self, group: Paragraph) -> None:
        text, placed = _compose(group.lines, self._styles)
        start = self._writer.write_exact(text, group.kind, group.level)
        for word, first, last in placed:
            self._place(word, start + first, start + last)

    def _place(self, word: PageWord, start: int, end: int) -> None:
        x0, y0, x1, y1 = (round(value, 2) for value in self._boxes[word.order])
        self._writer.add_word(Word(start, end, self._page.number, x0, y0, x1, y1))


def _compose(lines: Sequence[Line], styles: Styles) -> tuple[str, list[tuple[PageWord, int, int]]]:
    """Join the words of a paragraph; return its text and each word's range in it."""
    text = ""
    placed: list[tuple[PageWord, int, int]] = []
    before: PageWord | None = None
    for line in lines:
        for index, word in enumerate(line.words):
            if before is not None:
                drop, separator = joint(before, word, styles, new_line=index == 0)
                if drop:
                    text = text[:-drop]
                    last, first, end = placed[-1]
                    placed[-1] = (last, first, end - drop)
                text += separator
            placed.append((word, len(text), len(text) + len(word.text)))
            text += word.text
            before = word
    return text, placed


def _upright(word: PageWord, angle: int, size: tuple[float, float]) -> PageWord:
    """Turn a word so that it reads from left to right."""
    width, height = size
    x0, y0, x1, y1 = word.box
    box = {
        0: (x0, y0, x1, y1),
        90: (y0, width - x1, y1, width - x0),
        180: (width - x1, height - y1, width - x0, height - y0),
        270: (height - y1, x0, height - y0, x1),
    }[angle]
    return PageWord(word.text, box, angle, word.bold, word.glued, word.order)


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
