"""PowerPoint presentations: one region per slide, shapes in their order, tables, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract.archive import Archive, attribute, local
from motet.knowledge.extract.formats import PPTX
from motet.knowledge.extract.ooxml import child, children, main_part, related, relations, title
from motet.knowledge.extract.writer import Writer, inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

_SKIPPED_PLACES = frozenset({"sldNum", "dt", "ftr", "hdr", "sldImg"})


def extract_pptx(data: bytes) -> Extracted:
    """Return a presentation's text slide by slide, speaker notes and chart data included.

    Raises ExtractionError for damaged, encrypted and oversized containers.
    """
    archive, writer = Archive(data), Writer()
    for number, part in enumerate(_slides(archive), start=1):
        root = archive.xml(part)
        with writer.region("slide", number, _slide_title(root)):
            _SlideReader(archive, part, writer).read(root)
    return writer.finish(PPTX, title(archive) or writer.first_heading())


def _slides(archive: Archive) -> list[str]:
    part = main_part(archive, "ppt/presentation.xml")
    targets = relations(archive, part)
    listed = child(archive.xml(part), "sldIdLst")
    if listed is None:
        raise ExtractionError("the presentation has no slides")
    keys = [_relation(item) for item in listed]
    return [targets[key] for key in keys if targets.get(key) in archive.names]


def _relation(element: _Element) -> str:
    for key, value in element.attrib.items():
        if str(key).endswith("relationships}id"):
            return str(value)
    return ""


class _SlideReader:
    def __init__(self, archive: Archive, part: str, writer: Writer) -> None:
        self._archive, self._part, self._writer = archive, part, writer
        self._name = ""

    def read(self, root: _Element) -> None:
        self._name = _slide_title(root) or ""
        tree = child(root, "cSld", "spTree")
        if tree is not None:
            for shape in _shapes(tree):
                self._shape(shape)
        for chart in related(self._archive, self._part, "chart"):
            self._chart(chart)
        for notes in related(self._archive, self._part, "notesSlide"):
            tree = child(self._archive.xml(notes), "cSld", "spTree")
            for shape in _shapes(tree) if tree is not None else ():
                self._shape(shape)
        for comments in related(self._archive, self._part, "comments"):
            for text in self._archive.xml(comments).iter("{*}text"):
                self._writer.write(text.text or "")

    def _shape(self, shape: _Element) -> None:
        table = next(shape.iter("{*}tbl"), None)
        if table is not None:
            rows = [[_plain(cell) for cell in children(row, "tc")] for row in children(table, "tr")]
            self._writer.write_table(rows, name=self._name)
            return
        place = _place(shape)
        body = child(shape, "txBody")
        if body is None or place in _SKIPPED_PLACES:
            return
        if place in ("title", "ctrTitle"):
            self._writer.write(inline(_plain(body)), "heading", 1)
            return
        self._body(body)

    def _body(self, body: _Element) -> None:
        """Write a shape's paragraphs; several short ones in a row are one list."""
        texts = [inline(_runs(item)) for item in children(body, "p")]
        texts = [text for text in texts if text]
        if len(texts) > 1 and all(len(text) <= 300 for text in texts):
            self._writer.write("\n".join(texts), "list")
        else:
            for text in texts:
                self._writer.write(text)

    def _chart(self, part: str) -> None:
        root = self._archive.xml(part)
        series = [_series(item) for item in root.iter("{*}ser")]
        if not series:
            return
        categories = max((names for _, names, _ in series), key=len)
        heading = ["", *[name for name, _, _ in series]]
        rows = [
            [category, *[values[at] if at < len(values) else "" for _, _, values in series]]
            for at, category in enumerate(categories)
        ]
        self._writer.write_table([heading, *rows], name=self._name, headed=True)


def _series(element: _Element) -> tuple[str, list[str], list[str]]:
    name = " ".join(_values(child(element, "tx")))
    categories = child(element, "cat")
    values = child(element, "val")
    return name, _values(categories), _values(values)


def _values(element: _Element | None) -> list[str]:
    return [item.text or "" for item in element.iter("{*}v")] if element is not None else []


def _shapes(tree: _Element) -> Iterator[_Element]:
    for shape in tree:
        name = local(shape)
        if name in ("grpSp", "AlternateContent", "Choice"):
            yield from _shapes(shape)
        elif name in ("sp", "graphicFrame", "cxnSp", "pic"):
            yield shape


def _place(shape: _Element) -> str | None:
    place = next(shape.iter("{*}ph"), None)
    return attribute(place, "type") or "body" if place is not None else None


def _slide_title(root: _Element) -> str | None:
    for shape in root.iter("{*}sp"):
        if _place(shape) in ("title", "ctrTitle"):
            return inline(_plain(shape)) or None
    return None


def _plain(element: _Element) -> str:
    return " ".join(_runs(item) for item in element.iter("{*}p"))


def _runs(paragraph: _Element) -> str:
    parts: list[str] = []
    for item in paragraph.iter("{*}t", "{*}br", "{*}tab"):
        parts.append((item.text or "") if local(item) == "t" else " ")
    return "".join(parts)
