"""EPUB books: one region per chapter, in reading order."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract.archive import Archive, attribute, local
from motet.knowledge.extract.formats import EPUB
from motet.knowledge.extract.html import decode_html, parse_html, title_of
from motet.knowledge.extract.markup import MarkupReader
from motet.knowledge.extract.ooxml import child, children
from motet.knowledge.extract.writer import Writer

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement

_PAGES = ("application/xhtml+xml", "text/html", "application/xml")


def extract_epub(data: bytes) -> Extracted:
    """Return a book's chapters; the table of contents is left out.

    Raises ExtractionError for damaged, protected and oversized containers.
    """
    archive, writer = Archive(data), Writer()
    if "META-INF/encryption.xml" in archive.names and "META-INF/rights.xml" in archive.names:
        raise ExtractionError("the book is protected (DRM) and cannot be read")
    package_path = _package(archive)
    package = archive.xml(package_path)
    chapters = _chapters(archive, package, posixpath.dirname(package_path))
    for number, path in enumerate(chapters, start=1):
        root = parse_html(decode_html(archive.read(path)))
        with writer.region("section", number, _heading(root) or title_of(root)):
            MarkupReader(writer).read(root)
    if writer.empty:
        raise ExtractionError("the book holds no text")
    title = next((item.text for item in package.iter("{*}title") if item.text), None)
    return writer.finish(EPUB, title)


def _package(archive: Archive) -> str:
    for item in archive.xml("META-INF/container.xml").iter("{*}rootfile"):
        path = attribute(item, "full-path")
        if path in archive.names:
            return str(path)
    raise ExtractionError("the book is damaged: it names no package file")


def _chapters(archive: Archive, package: _Element, folder: str) -> list[str]:
    manifest, spine = child(package, "manifest"), child(package, "spine")
    if manifest is None or spine is None:
        raise ExtractionError("the book is damaged: it has no list of chapters")
    paths = {}
    for item in children(manifest, "item"):
        contents = "nav" in (attribute(item, "properties") or "").split()
        if attribute(item, "media-type") in _PAGES and not contents:
            href = unquote(attribute(item, "href") or "")
            paths[attribute(item, "id")] = posixpath.normpath(posixpath.join(folder, href))
    listed = [paths.get(attribute(item, "idref")) for item in children(spine, "itemref")]
    return [path for path in listed if path in archive.names and path is not None]


def _heading(root: HtmlElement) -> str | None:
    for element in root.iter("h1", "h2", "h3"):
        if local(element):
            return " ".join(element.text_content().split()) or None
    return None
