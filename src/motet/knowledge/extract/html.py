"""Web pages: the page's own structure, with boilerplate left out by trafilatura's judgement."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from motet.core.documents import BlockKind, Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract.archive import local
from motet.knowledge.extract.decoding import decode
from motet.knowledge.extract.formats import HTML
from motet.knowledge.extract.markup import Keep, MarkupReader
from motet.knowledge.extract.writer import Writer, inline

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BOILERPLATE = frozenset({"nav", "footer", "aside"})
_MAIN_SHARE = 0.5
_SHORT = 120


def extract_html(data: bytes) -> Extracted:
    """Return a page's title, headings, paragraphs, lists and tables.

    Navigation, footers and what trafilatura leaves out are dropped, unless that would lose more
    than half of the text. Scripts never run and nothing is fetched.
    Raises ExtractionError for a page without any text.
    """
    text = decode_html(data)
    root = parse_html(text)
    writer = Writer()
    whole = _whole(root)
    MarkupReader(writer, _keeper(text, whole)).read(_without_boilerplate(root))
    if writer.empty or len(writer.finish(HTML).text) < 0.2 * len(whole):
        writer = Writer()
        MarkupReader(writer).read(parse_html(text))
    if writer.empty:
        raise ExtractionError("the page holds no text (it may be made by scripts)")
    return writer.finish(HTML, title_of(root) or writer.first_heading())


def decode_html(data: bytes) -> str:
    """Decode a page: byte-order mark, then the charset it declares, then as any text file."""
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        name = declared[1].decode("ascii").lower()
        name = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252"}.get(name, name)
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError):
            return decode(data).text
    return decode(data).text


def parse_html(text: str) -> HtmlElement:
    """Parse HTML leniently, without network."""
    from lxml import etree, html

    parser = html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
    cleaned = _DECLARATION.sub("", text.lstrip("\ufeff")).replace("\x00", "")
    try:
        return html.document_fromstring(cleaned, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise ExtractionError("the page holds no text") from None


def title_of(root: HtmlElement) -> str | None:
    """Return the page's title."""
    for element in root.iter("title"):
        if not any(local(parent) == "svg" for parent in element.iterancestors()):
            return inline(element.text_content()) or None
    return None


def _without_boilerplate(root: HtmlElement) -> HtmlElement:
    for element in list(root.iter(*_BOILERPLATE)):
        inside = any(local(parent) in ("article", "main") for parent in element.iterancestors())
        if element.getparent() is not None and not inside:
            element.drop_tree()
    return root


def _whole(root: HtmlElement) -> str:
    writer = Writer()
    MarkupReader(writer).read(root)
    return writer.finish(HTML).text


def _keeper(text: str, whole: str) -> Keep | None:
    """Return a test that drops short blocks trafilatura judged to be boilerplate."""
    main = _main_text(text)
    if len(main) < _MAIN_SHARE * len(_squeeze(whole)) or len(main) < 500:
        return None

    def keep(block: str, kind: BlockKind) -> bool:
        squeezed = _squeeze(block.removeprefix("• "))
        return kind in ("heading", "caption") or len(block) > _SHORT or squeezed in main

    return keep


def _main_text(text: str) -> str:
    """Return trafilatura's idea of the page's main text, without white space."""
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    found = trafilatura.extract(
        text, favor_recall=True, include_comments=False, include_tables=True, deduplicate=False
    )
    return _squeeze(found or "")


def _squeeze(text: str) -> str:
    return "".join(char for char in text if char.isalnum())
