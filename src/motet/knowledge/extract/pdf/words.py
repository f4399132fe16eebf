"""The words of a PDF page with their boxes, read character by character from pdfium."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdfium2 import PdfPage
    from pypdfium2.raw import FPDF_TEXTPAGE

Box = tuple[float, float, float, float]

_HYPHENS = (0x02, 0xFFFE, 0xAD)
_BREAKS = frozenset({0x00, 0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x3000, *range(0x2000, 0x200C), 0x202F})


@dataclass(slots=True)
class PageWord:
    """A word in display space: points, origin at the top left, page rotation applied.

    `glued` means that no space stands before it in the file (Chinese and Japanese characters
    are words of their own). `angle` is the reading direction, clockwise, a multiple of 90.
    """

    text: str
    box: Box
    angle: int = 0
    bold: bool = False
    glued: bool = False
    order: int = 0


@dataclass(slots=True)
class _Run:
    """Characters of the word that is being read."""

    chars: list[str] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    first: int = 0
    glued: bool = False

    def add(self, char: str, box: Box) -> None:
        """Append a character; pdfium reverses those that one right-to-left glyph stands for."""
        at = len(self.chars)
        if is_leftward(char):
            while at and self.boxes[at - 1] == box:
                at -= 1
        self.chars.insert(at, char)
        self.boxes.insert(at, box)


class PageReader:
    """Reads one open page through its text page."""

    def __init__(self, page: PdfPage, textpage: FPDF_TEXTPAGE) -> None:
        from pypdfium2 import raw

        self._raw, self._textpage = raw, textpage
        self._rotation = page.get_rotation()
        self._bounds = page.get_bbox()
        left, bottom, right, top = self._bounds
        width, height = right - left, top - bottom
        self.size = (height, width) if self._rotation in (90, 270) else (width, height)
        self._rect = raw.FS_RECTF()
        self._numbers = [ctypes.c_double() for _ in range(4)]
        self._flags = ctypes.c_int()
        self._name = ctypes.create_string_buffer(256)

    def words(self) -> list[PageWord]:
        """Return the words in the order of the file."""
        found: list[PageWord] = []
        for run in self._runs():
            text = _readable("".join(run.chars))
            word = self._word(run, text, len(found))
            if text and self._on_page(word.box):
                found.append(word)
        return found

    def _on_page(self, box: Box) -> bool:
        """Tell whether a word can be seen; some producers leave notes beside the page."""
        width, height = self.size
        return box[2] > 0 and box[3] > 0 and box[0] < width and box[1] < height

    def _word(self, run: _Run, text: str, order: int) -> PageWord:
        box = (
            min(box[0] for box in run.boxes),
            min(box[1] for box in run.boxes),
            max(box[2] for box in run.boxes),
            max(box[3] for box in run.boxes),
        )
        return PageWord(text, box, self._angle(run.first), self._bold(run.first), run.glued, order)

    def _runs(self) -> Iterator[_Run]:
        run, spaced = _Run(), True
        for index, code in self._codes():
            if code in _BREAKS:
                if run.chars:
                    yield run
                run, spaced = _Run(), True
                continue
            box = self._box(index)
            char = "-" if code in _HYPHENS else chr(code)
            if run.chars and (_far(run.boxes[-1], box) or _apart(run.chars[-1], char)):
                glued = not _far(run.boxes[-1], box)
                yield run
                run, spaced = _Run(), not glued
            if not run.chars:
                run.first, run.glued = index, not spaced
            run.add(char, box)
        if run.chars:
            yield run

    def _codes(self) -> Iterator[tuple[int, int]]:
        unicode_of = self._raw.FPDFText_GetUnicode
        high = 0
        for index in range(self._raw.FPDFText_CountChars(self._textpage)):
            code = unicode_of(self._textpage, index)
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if 0xDC00 <= code < 0xE000:
                if not high:
                    continue
                code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
            high = 0
            if code in _BREAKS or code in _HYPHENS or (code >= 32 and code <= 0x10FFFF):
                yield index, code

    def _box(self, index: int) -> Box:
        rect = self._rect
        if self._raw.FPDFText_GetLooseCharBox(self._textpage, index, ctypes.byref(rect)):
            height = rect.top - rect.bottom
            if 0 < height < 500 and rect.right > rect.left:
                return self._display(rect.left, rect.bottom, rect.right, rect.top)
        left, right, bottom, top = self._numbers
        self._raw.FPDFText_GetCharBox(self._textpage, index, left, right, bottom, top)
        return self._display(left.value, bottom.value, right.value, top.value)

    def _display(self, left: float, bottom: float, right: float, top: float) -> Box:
        west, south, east, north = self._bounds
        if self._rotation == 90:
            return (bottom - south, left - west, top - south, right - west)
        if self._rotation == 180:
            return (east - right, bottom - south, east - left, top - south)
        if self._rotation == 270:
            return (north - top, east - right, north - bottom, east - left)
        return (left - west, north - top, right - west, north - bottom)

    def _angle(self, index: int) -> int:
        radians = self._raw.FPDFText_GetCharAngle(self._textpage, index)
        if not math.isfinite(radians) or radians < 0:
            return 0
        degrees = round(math.degrees(radians) / 90) * 90 + self._rotation
        return int(degrees) % 360

    def _bold(self, index: int) -> bool:
        if self._raw.FPDFText_GetFontWeight(self._textpage, index) >= 600:
            return True
        size = self._raw.FPDFText_GetFontInfo(
            self._textpage, index, self._name, 256, ctypes.byref(self._flags)
        )
        name = self._name.raw[: max(0, min(size, 256) - 1)].lower()
        return b"bold" in name or b"black" in name or b"heavy" in name


def is_ideographic(char: str) -> bool:
    """Tell whether a character belongs to a script written without spaces between words."""
    code = ord(char)
    return (
        0x3001 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0xFF01 <= code <= 0xFF60
        or 0x20000 <= code <= 0x3FFFF
    )


def is_leftward(text: str) -> bool:
    """Tell whether text holds letters that are written from right to left."""
    if text.isascii():
        return False
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)


def _apart(before: str, char: str) -> bool:
    return is_ideographic(before) or is_ideographic(char)


def _far(before: Box, box: Box) -> bool:
    """Tell whether two characters that follow each other cannot be of one word."""
    size = max(min(before[3] - before[1], before[2] - before[0]), 1.0)
    across = max(box[0] - before[2], before[0] - box[2])
    along = max(box[1] - before[3], before[1] - box[3])
    tall = max(before[3] - before[1], before[2] - before[0], size)
    return max(across, along) > 0.8 * tall


def _readable(text: str) -> str:
    """Undo ligatures and presentation forms, drop private and unassigned characters."""
    if text.isascii():
        return text
    kept = []
    for char in text:
        code = ord(char)
        if 0xFB00 <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFC or 0x2F00 <= code <= 0x2FD5:
            kept.append(unicodedata.normalize("NFKC", char).strip())
        elif unicodedata.category(char) not in ("Cc", "Cs", "Cn", "Co"):
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))
