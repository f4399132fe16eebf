"""One page of a PDF: its words and tables are put in order and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motet.core.documents import Word
from motet.knowledge.extract.pdf.layout import Line, reading_order
from motet.knowledge.extract.pdf.paragraphs import Paragraph, Styles, joint, paragraphs
from motet.knowledge.extract.pdf.tables import PageTable, fill, inside, without_prose
from motet.knowledge.extract.pdf.words import Box, PageWord
from motet.knowledge.extract.writer import Writer


@dataclass(slots=True)
class Page:
    """The words of one page in display space."""

    number: int
    size: tuple[float, float]
    words: list[PageWord]


class PageWriter:
    """Writes one page: its text reading across first, then what stands at other angles."""

    def __init__(
        self, writer: Writer, page: Page, styles: Styles, tables: Sequence[PageTable]
    ) -> None:
        self._writer, self._page, self._styles = writer, page, styles
        self._boxes: dict[int, Box] = {word.order: word.box for word in page.words}
        self._name = ""
        self._tables: list[tuple[PageTable, list[PageWord]]] = []
        for table in tables:
            self._claim(table)

    def write(self) -> None:
        """Write the page as one region."""
        claimed = {word.order for _, words in self._tables for word in words}
        free = [word for word in self._page.words if word.order not in claimed]
        with self._writer.region("page", self._page.number):
            for turn, angle in enumerate(self._angles()):
                words = [
                    _upright(word, angle, self._page.size) for word in free if word.angle == angle
                ]
                tables = [] if turn else [table.box for table, _ in self._tables]
                for group in paragraphs(reading_order(words, tables), self._styles):
                    if group.table is None:
                        self._write_paragraph(group)
                    else:
                        self._write_table(*self._tables[group.table])

    def _claim(self, table: PageTable) -> None:
        """Take a table's words, if it reads across the page and holds enough of them."""
        taken = {word.order for _, words in self._tables for word in words}
        free = [word for word in self._page.words if word.angle == 0 and word.order not in taken]
        kept = without_prose(table, [word for word in free if inside(table.box, word)])
        words = [word for word in free if inside(kept.box, word)] if kept else []
        if kept and len(words) >= 4:
            self._tables.append((kept, words))

    def _write_table(self, table: PageTable, words: list[PageWord]) -> None:
        rows = []
        for row in fill(table, words):
            composed = [_compose(reading_order(cell), self._styles) for cell in row]
            if any(text for text, _ in composed):
                rows.append(composed)
        texts = [[text for text, _ in row] for row in rows]
        cells = self._writer.write_table(texts, name=self._name, page=self._page.number)
        for composed, placed in zip(rows, cells, strict=True):
            for (_, spans), cell in zip(composed, placed, strict=True):
                for word, first, last in spans:
                    self._place(word, cell.start + first, cell.start + last)

    def _angles(self) -> list[int]:
        counts: dict[int, int] = {}
        for word in self._page.words:
            counts[word.angle] = counts.get(word.angle, 0) + len(word.text)
        return sorted(counts, key=lambda angle: (-counts[angle], angle))

    def _write_paragraph(self, group: Paragraph) -> None:
        text, placed = _compose(group.lines, self._styles)
        self._name = text if len(text) <= 200 and len(group.lines) <= 3 else ""
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
