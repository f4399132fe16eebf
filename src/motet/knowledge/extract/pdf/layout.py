"""Reading order: words to segments, segments to columns, columns to lines.

Columns are found by recursive cuts: a gutter is a vertical gap that several rows share; what
crosses it (titles, wide figures) separates bands, and each band is read column by column. Both
sides must look like prose, else the rows are read across, as in forms and tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from motet.knowledge.extract.pdf.words import Box, PageWord, is_leftward

_WORD_GAP = 1.1
_GUTTER_ROWS = 3
_CANDIDATES = 6
_BAND_GAP = 2.0


@dataclass(slots=True)
class Segment:
    """Words on one line with no wide gap between them, or a whole table (`table` is its index)."""

    words: list[PageWord]
    box: Box
    table: int | None = None

    @property
    def height(self) -> float:
        return max(self.box[3] - self.box[1], 1.0)

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


@dataclass(slots=True)
class Line:
    """A line in reading order; `column` tells columns apart."""

    words: list[PageWord]
    box: Box
    column: int
    table: int | None = None
    breaks: list[int] = field(default_factory=list)

    @property
    def height(self) -> float:
        heights = sorted(word.box[3] - word.box[1] for word in self.words)
        return max(heights[len(heights) // 2], 1.0) if heights else 1.0


def union(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around all."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def reading_order(words: Sequence[PageWord], tables: Sequence[Box] = ()) -> list[Line]:
    """Return the lines of upright words in reading order; `tables` take their place whole."""
    pieces = line_segments(words)
    pieces += [Segment([], box, index) for index, box in enumerate(tables)]
    reader = _ColumnReader()
    reader.read(pieces)
    return reader.lines


def line_segments(words: Sequence[PageWord]) -> list[Segment]:
    """Return the runs of words on one line with no wide gap between them."""
    runs: list[Segment] = []
    for word in words:
        last = runs[-1] if runs else None
        if last is not None and _continues(last, word.box):
            last.words.append(word)
            last.box = union((last.box, word.box))
        else:
            runs.append(Segment([word], word.box))
    return _merge(runs)


def _continues(segment: Segment, box: Box) -> bool:
    height = min(segment.height, max(box[3] - box[1], 1.0))
    overlap = min(segment.box[3], box[3]) - max(segment.box[1], box[1])
    gap = max(box[0] - segment.box[2], segment.box[0] - box[2])
    return overlap >= 0.5 * height and gap <= _WORD_GAP * max(segment.height, box[3] - box[1])


def _merge(runs: list[Segment]) -> list[Segment]:
    """Join runs of one line that the file holds in another order."""
    merged: list[Segment] = []
    for run in sorted(runs, key=lambda run: (run.box[0], run.box[1])):
        for other in reversed(merged[-60:]):
            if _continues(other, run.box) and 0.6 < other.height / run.height < 1.7:
                other.words.extend(run.words)
                other.box = union((other.box, run.box))
                break
        else:
            merged.append(run)
    for segment in merged:
        segment.words = _in_line(segment.words)
    return merged


def _in_line(words: list[PageWord]) -> list[PageWord]:
    ordered = sorted(words, key=lambda word: word.box[0])
    if not leftward(ordered):
        return ordered
    ordered.reverse()
    turned: list[PageWord] = []
    run: list[PageWord] = []
    for word in ordered:
        if is_leftward(word.text):
            turned += [*reversed(run), word]
            run = []
        else:
            run.append(word)
    return turned + run[::-1]


class _ColumnReader:
    """Reads segments into lines, numbering the columns as they come."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._column = 0

    def read(self, segments: list[Segment], depth: int = 0) -> None:
        """Read a region: column by column where it has columns of prose, else row by row."""
        gutter = _gutter(segments) if depth < 6 else None
        if gutter is None:
            self._across(segments)
            return
        across: list[Segment] = []
        for band in _bands(segments, gutter):
            left, right = _sides(band, gutter)
            if len(left) + len(right) < len(band) or not _in_columns(left, right):
                across += band
                continue
            self._across(across)
            across = []
            for side in (right, left) if leftward(_words(band)) else (left, right):
                self.read(side, depth + 1)
        self._across(across)

    def _across(self, segments: list[Segment]) -> None:
        if segments:
            self._rows(segments)
            self._column += 1

    def _rows(self, segments: list[Segment]) -> None:
        row: list[Segment] = []
        for segment in sorted(segments, key=_top):
            if row and (segment.table is not None or not _same_row(row, segment)):
                self._emit(row)
                row = []
            if segment.table is not None:
                self.lines.append(Line([], segment.box, self._column, segment.table))
            else:
                row.append(segment)
        self._emit(row)

    def _emit(self, row: list[Segment]) -> None:
        if not row:
            return
        letters = "".join(word.text for segment in row for word in segment.words)
        backwards = sum(map(is_leftward, letters)) * 2 > len(letters)
        row = sorted(row, key=lambda segment: segment.box[0], reverse=backwards)
        words: list[PageWord] = []
        breaks: list[int] = []
        for segment in row:
            breaks.append(len(words))
            words += segment.words
        box = union([segment.box for segment in row])
        self.lines.append(Line(words, box, self._column, None, breaks[1:]))


def _top(segment: Segment) -> float:
    return segment.box[1] if segment.table is not None else segment.middle


def _same_row(row: list[Segment], segment: Segment) -> bool:
    last = row[-1]
    overlap = min(last.box[3], segment.box[3]) - max(last.box[1], segment.box[1])
    return overlap > 0.4 * min(last.height, segment.height)


def _gutter(segments: list[Segment]) -> float | None:
    """Return the x of the best gutter between columns of prose, or None."""
    gaps = _gaps(segments)
    votes = sorted(
        ((_votes(gaps, (left + right) / 2), (left + right) / 2) for left, right in gaps),
        reverse=True,
    )
    tried: list[float] = []
    for count, x in votes:
        if count < _GUTTER_ROWS or len(tried) >= _CANDIDATES:
            return None
        if any(abs(x - other) < 5 for other in tried):
            continue
        tried.append(x)
        if any(_in_columns(*_sides(band, x)) for band in _bands(segments, x)):
            return x
    return None


def _votes(gaps: list[tuple[float, float]], x: float) -> int:
    return sum(1 for left, right in gaps if left < x < right)


def _gaps(segments: list[Segment]) -> list[tuple[float, float]]:
    """Return the horizontal gap from each segment to its right neighbour on the same row."""
    rows = sorted((segment for segment in segments), key=lambda segment: segment.box[1])
    gaps = []
    for index, segment in enumerate(rows):
        nearest: float | None = None
        for other in _neighbours(rows, index):
            if other.box[0] >= segment.box[2] and (nearest is None or other.box[0] < nearest):
                nearest = other.box[0]
        if nearest is not None and nearest - segment.box[2] > 0.6 * min(segment.height, 20):
            gaps.append((segment.box[2], nearest))
    return gaps


def _neighbours(rows: list[Segment], index: int) -> list[Segment]:
    segment = rows[index]
    found = []
    for step in (1, -1):
        at = index + step
        while 0 <= at < len(rows) and abs(at - index) < 80:
            other = rows[at]
            if step > 0 and other.box[1] > segment.box[3]:
                break
            overlap = min(segment.box[3], other.box[3]) - max(segment.box[1], other.box[1])
            if overlap > 0.3 * min(segment.height, other.height):
                found.append(other)
            at += step
    return found


def _is_prose(side: list[Segment]) -> bool:
    lengths = [sum(len(word.text) for word in segment.words) for segment in side]
    lengths = [length for length in lengths if length]
    if len(lengths) < 3:
        return False
    wide = any(ord(word.text[0]) >= 0x2E80 for segment in side[:5] for word in segment.words[:1])
    return median(lengths) >= (8 if wide else 16)


def _in_columns(left: list[Segment], right: list[Segment]) -> bool:
    prose = _is_prose(left), _is_prose(right)
    if not any(prose) or min(len(left), len(right)) < _GUTTER_ROWS:
        return False
    return all(prose) or _shared_baselines(left, right) < 0.5


def _shared_baselines(left: list[Segment], right: list[Segment]) -> float:
    """Return how much of the smaller side stands on lines of the other, as table rows do."""
    few, many = sorted((left, right), key=len)
    levels = [segment.box[3] for segment in many]
    shared = sum(
        any(abs(segment.box[3] - level) < 0.12 * segment.height for level in levels)
        for segment in few
    )
    return shared / len(few)


def _bands(segments: list[Segment], x: float) -> list[list[Segment]]:
    """Cut segments from top to bottom where something crosses the gutter or space is wide."""
    bands: list[list[Segment]] = []
    was_crossing, bottom = False, 0.0
    for segment in sorted(segments, key=lambda segment: segment.box[1]):
        crossing = segment.box[0] < x - 1 and segment.box[2] > x + 1
        wide = segment.box[1] - bottom > _BAND_GAP * segment.height
        if not bands or crossing != was_crossing or wide:
            bands.append([])
        bands[-1].append(segment)
        was_crossing, bottom = crossing, max(bottom, segment.box[3])
    return bands


def _sides(band: list[Segment], x: float) -> tuple[list[Segment], list[Segment]]:
    left = [segment for segment in band if segment.box[2] <= x + 1]
    right = [segment for segment in band if segment.box[0] >= x - 1 and segment.box[2] > x + 1]
    return left, right


def _words(segments: list[Segment]) -> list[PageWord]:
    return [word for segment in segments for word in segment.words]


def leftward(words: Sequence[PageWord]) -> bool:
    """Tell whether most words read from right to left."""
    return sum(is_leftward(word.text) for word in words) * 2 > len(words)
