"""Lines to paragraphs, headings and list items; hyphenated line breaks are joined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from motet.core.documents import BlockKind
from motet.knowledge.extract.pdf.layout import Line, leftward
from motet.knowledge.extract.pdf.words import PageWord, is_ideographic

_BULLET = re.compile(r"[•◦▪●○■□‣⁃∙·➢►▶✓✔➔❖]$|[-–—*]$")
_NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]$")
_ENDS = ".!?:;。！？：；…"


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together; a table stands alone as `table`."""

    lines: list[Line]
    kind: BlockKind = "paragraph"
    level: int = 0
    table: int | None = None


@dataclass(slots=True)
class Styles:
    """What is usual in a document: the body size, the sizes of headings, the words in it."""

    body: float = 10.0
    sizes: list[float] = field(default_factory=list)
    vocabulary: frozenset[str] = frozenset()

    @classmethod
    def learn(cls, pages: Sequence[Sequence[PageWord]]) -> Styles:
        """Measure the words of all pages."""
        sizes: Counter[float] = Counter()
        vocabulary: set[str] = set()
        for words in pages:
            for word in words:
                sizes[_size(word)] += len(word.text)
                vocabulary.add(word.text.strip(".,;:!?()[]\"'“”‘’").lower())
        body = sizes.most_common(1)[0][0] if sizes else 10.0
        larger = sorted((size for size in sizes if size >= 1.12 * body), reverse=True)
        return cls(body, larger, frozenset(vocabulary))

    def level(self, size: float) -> int:
        """Return the heading level of a size: 1 for the largest group of sizes."""
        level, last = 0, float("inf")
        for known in self.sizes:
            if known < last * 0.93:
                level, last = level + 1, known
            if known <= size + 0.3:
                break
        return min(max(level, 1), 6)


def paragraphs(lines: Sequence[Line], styles: Styles) -> list[Paragraph]:
    """Group lines in reading order."""
    groups: list[Paragraph] = []
    for line in lines:
        if line.table is not None:
            groups.append(Paragraph([line], "table", table=line.table))
        elif groups and groups[-1].table is None and _belongs(groups[-1].lines, line):
            groups[-1].lines.append(line)
        else:
            groups.append(Paragraph([line]))
    for group in groups:
        if group.table is None:
            _classify(group, styles)
    return groups


def joint(before: PageWord, after: PageWord, styles: Styles, *, new_line: bool) -> tuple[int, str]:
    """Return how two words of a paragraph join: characters to drop from `before`, the separator."""
    if not new_line:
        touching = after.glued and after.order == before.order + 1
        return 0, "" if touching else " "
    if is_ideographic(before.text[-1]) and is_ideographic(after.text[0]):
        return 0, ""
    if len(before.text) > 1 and before.text[-1] in "-\u2010" and before.text[-2].isalpha():
        return _hyphen(before.text, after.text, styles)
    return 0, " "


def _hyphen(before: str, after: str, styles: Styles) -> tuple[int, str]:
    """Drop the hyphen of a line break unless the document spells the word with it."""
    if not after[0].islower():
        return 0, ""
    tail = re.split(r"[^\w-]", after)[0].lower()
    head = re.split(r"[^\w-]", before[:-1])[-1].lower()
    if f"{head}-{tail}" in styles.vocabulary and head + tail not in styles.vocabulary:
        return 0, ""
    return 1, ""


def _size(word: PageWord) -> float:
    return round((word.box[3] - word.box[1]) * 2) / 2


def _belongs(group: list[Line], line: Line) -> bool:
    last = group[-1]
    big, small = max(last.height, line.height), min(last.height, line.height)
    if big > 1.2 * small or (_starts_item(line) and not _mid_sentence(group, line)):
        return False
    if line.column != last.column:
        return _flows_on(group, line)
    if _bold(line) != _bold(last) and len(group) == 1 and _ends_short(group, line):
        return False
    if line.box[1] - last.box[3] > _leading(group, line):
        return False
    if line.box[1] < last.box[1] - small:
        return False
    if len(last.breaks) >= 1 and len(line.breaks) >= 1:
        return True
    backwards = leftward(line.words)
    indent = last.box[2] - line.box[2] if backwards else line.box[0] - last.box[0]
    if indent > 0.8 * small and not _starts_item(group[0]) and len(line.breaks) == 0:
        return indent > 6 * small and _overlaps(last, line)
    return True


def _overlaps(last: Line, line: Line) -> bool:
    return line.box[0] < last.box[2] and last.box[0] < line.box[2]


def _leading(group: list[Line], line: Line) -> float:
    """Return the widest gap that still counts as line spacing."""
    if len(group) < 2:
        return 0.75 * line.height
    usual = group[-1].box[1] - group[-2].box[3]
    return max(usual, 0) + 0.3 * line.height


def _flows_on(group: list[Line], line: Line) -> bool:
    """Tell whether a paragraph goes on at the top of the next column."""
    last = group[-1]
    text = last.words[-1].text
    if line.box[1] > last.box[1] or text[-1] in _ENDS or len(group) < 2:
        return False
    return line.words[0].text[0].islower() or text.endswith("-")


def _ends_short(group: list[Line], line: Line) -> bool:
    return group[-1].box[2] < line.box[2] + line.height


def _bold(line: Line) -> bool:
    return sum(word.bold for word in line.words) * 2 > len(line.words)


def _starts_item(line: Line) -> bool:
    first = line.words[0].text
    if _BULLET.fullmatch(first) or (first[0] in "•◦▪●■‣➢►" and len(first) > 1):
        return len(line.words) > 1 or len(first) > 1 or first in "•◦▪●■‣➢►"
    return bool(_NUMBERED.fullmatch(first)) and len(line.words) > 1


def _mid_sentence(group: list[Line], line: Line) -> bool:
    """Tell whether what looks like a list mark is a word of the sentence, such as "(N) before"."""
    before, mark, after = group[-1].words[-1].text, line.words[0].text, line.words[1:]
    return (
        bool(_NUMBERED.fullmatch(mark) and after and after[0].text[0].islower())
        and before[-1].isalnum()
        and group[-1].box[2] > line.box[2]
        and not _starts_item(group[0])
    )


def _classify(group: Paragraph, styles: Styles) -> None:
    lines = group.lines
    letters = sum(len(word.text) for line in lines for word in line.words)
    text = "".join(word.text for line in lines for word in line.words)
    size = lines[0].height
    named = any(char.isalpha() for char in text)
    if named and letters <= 160 and len(lines) <= 3 and not any(line.breaks for line in lines):
        if size >= 1.12 * styles.body:
            group.kind, group.level = "heading", styles.level(size)
            return
        if all(map(_bold, lines)) and text[-1] not in ".,;" and letters <= 90:
            group.kind, group.level = "heading", min(len(styles.sizes[:3]) + 1, 6)
            return
    if _starts_item(lines[0]):
        group.kind = "list"
