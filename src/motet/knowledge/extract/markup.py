"""HTML elements to blocks: headings, paragraphs, lists, tables and code, in their order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from motet.core.documents import BlockKind
from motet.knowledge.extract.archive import local
from motet.knowledge.extract.writer import Writer, inline

if TYPE_CHECKING:
    from lxml.etree import _Element

Keep = Callable[[str, BlockKind], bool]

SKIPPED = frozenset(
    "script style template noscript head svg object iframe select button audio video canvas map "
    "datalist".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu "
    "nav ol p pre section summary table tbody td tfoot th thead title tr ul".split()
)
_PAGE_PARTS = frozenset({"table", "h1", "h2", "form"})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_DEPTH = 400


class MarkupReader:
    """Writes what an element shows; `keep` may leave a block out."""

    def __init__(self, writer: Writer, keep: Keep | None = None) -> None:
        self._writer, self._keep = writer, keep
        self._inline: list[str] = []
        self._kind: BlockKind = "paragraph"
        self._level = 0
        self._marker = ""
        self._caption = ""

    def read(self, element: _Element) -> None:
        """Write an element and everything in it."""
        self._element(element, 0)
        self._flush()

    def _element(self, element: _Element, depth: int) -> None:
        name = local(element).lower()
        if not name or name in SKIPPED or _is_hidden(element) or depth > _DEPTH:
            return
        if name == "br":
            self._inline.append("\x1e")
        elif name == "pre":
            self._flush()
            self._code(element)
        elif name == "table" and _is_data(element):
            self._flush()
            self._table(element)
        elif name in _BLOCKS:
            self._flush()
            self._container(element, name, depth)
            self._flush()
            self._kind, self._level = "paragraph", 0
        else:
            self._contents(element, depth)

    def _container(self, element: _Element, name: str, depth: int) -> None:
        if len(name) == 2 and name[0] == "h" and name[1].isdigit():
            self._kind, self._level = "heading", int(name[1])
        elif name == "li":
            self._kind, self._marker = "list", _marker(element)
        elif name in ("figcaption", "caption"):
            self._kind = "caption"
        self._contents(element, depth)

    def _contents(self, element: _Element, depth: int) -> None:
        if element.text:
            self._inline.append(element.text)
        kind = self._kind, self._level
        for child in element:
            self._element(child, depth + 1)
            self._kind, self._level = kind
            if child.tail:
                self._inline.append(child.tail)

    def _flush(self) -> None:
        """Write the inline text gathered so far as one block."""
        text = _SPACE.sub(" ", "".join(self._inline))
        text = re.sub(r" *\x1e *", "\n", text).strip()
        self._inline.clear()
        if not text:
            return
        if self._kind == "heading":
            text = inline(text)
        self._write(self._marker + text, self._kind, self._level)
        self._marker = ""

    def _write(self, text: str, kind: BlockKind, level: int = 0) -> None:
        if self._keep is None or self._keep(text, kind):
            self._writer.write(text, kind, level)
            self._caption = inline(text) if kind in ("heading", "caption") else self._caption

    def _code(self, element: _Element) -> None:
        self._writer.write_code("".join(_texts(element)))

    def _table(self, element: _Element) -> None:
        rows, headed = _grid(element)
        caption = next((item for item in element if local(item).lower() == "caption"), None)
        if caption is not None:
            text = inline(" ".join(_texts(caption)))
            self._write(text, "caption")
            self._caption = text
        self._writer.write_table(rows, name=self._caption, headed=headed)


def _grid(table: _Element) -> tuple[list[list[str]], bool | None]:
    """Return a table's cells with spanned places left empty, and whether it names its columns."""
    rows: list[list[str]] = []
    pending: set[tuple[int, int]] = set()
    headed: bool | None = None
    for at, row in enumerate(_rows(table)):
        cells: list[str] = []
        tags = []
        for cell in row:
            if local(cell).lower() not in ("td", "th"):
                continue
            while (at, len(cells)) in pending:
                cells.append("")
            tags.append(local(cell).lower())
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            for step in range(1, down):
                pending |= {(at + step, len(cells) + column) for column in range(across)}
            cells += [inline(" ".join(_texts(cell))), *[""] * (across - 1)]
        if at == 0 and tags and all(tag == "th" for tag in tags) and len(tags) > 1:
            headed = True
        rows.append(cells)
    return rows, headed if len(rows) > 1 else None


def _span(cell: _Element, name: str) -> int:
    value = cell.get(name) or "1"
    return max(1, min(int(value), 100)) if value.strip().isdigit() else 1


def _rows(table: _Element) -> Iterator[_Element]:
    for item in table:
        name = local(item).lower()
        if name == "tr":
            yield item
        elif name in ("thead", "tbody", "tfoot"):
            yield from _rows(item)


def _is_data(table: _Element) -> bool:
    """Tell a table of values from one that only lays out a page."""
    rows = list(_rows(table))
    widths = [sum(1 for cell in row if local(cell).lower() in ("td", "th")) for row in rows]
    if not rows or max(widths) < 2:
        return False
    if any(
        local(item).lower() in ("table", "h1", "h2", "form") for item in table.iterdescendants()
    ):
        return False
    cells = [len("".join(_texts(cell))) for row in rows for cell in row]
    return bool(cells) and max(cells) < 3000


def _texts(element: _Element) -> Iterator[str]:
    name = local(element).lower()
    if not name or name in SKIPPED:
        return
    if name == "br" or name in _BLOCKS:
        yield "\n"
    if element.text:
        yield element.text
    for child in element:
        yield from _texts(child)
        if child.tail:
            yield child.tail
    if name in _BLOCKS:
        yield "\n"


def _marker(item: _Element) -> str:
    parent = item.getparent()
    if parent is None or local(parent).lower() != "ol":
        return "• "
    before = sum(1 for other in item.itersiblings(preceding=True) if local(other).lower() == "li")
    start = parent.get("start") or "1"
    return f"{(int(start) if start.isdigit() else 1) + before}. "


def _is_hidden(element: _Element) -> bool:
    if element.get("hidden") is not None:
        return True
    style = (element.get("style") or "").replace(" ", "").lower()
    return "display:none" in style
