"""The wood handbook: a small e-book of four chapters (EPUB 3)."""

from __future__ import annotations

import io
import zipfile
from html import escape
from pathlib import Path

from make_kitchen.frozen import write_frozen

_TITLE = "The wood handbook"
_AUTHOR = "Saskia Lindqvist"

_CHAPTERS = (
    (
        "Oak and ash",
        "Two trees make nearly everything that leaves our works. Oak goes into table tops, benches"
        " and the island; ash, which bends better, becomes stool shells and the frames of glass"
        " doors. Our ash grows in the Sauerland and is sawn in Brilon.",
        "Oak for a table is felled in winter, when there is little sap in the trunk, at an age of"
        " about 120 years. The planks dry in the open for two years and then in the kiln for six"
        " weeks, until eight per cent of moisture is left.",
        "Cut an oak from the bark straight to the heart and bright flecks appear across the grain."
        " They are medullary rays, the paths on which the tree carried food inwards. Some people"
        " take them for scratches; cabinet makers used to pay extra for them.",
        "A knot is where a branch began. I choose boards with small ones on purpose: a top without"
        " knots could as well be a photograph.",
    ),
    (
        "Oiling, step by step",
        "Varnish lies on wood like a sheet of glass. Oil goes in, about a millimetre deep, and"
        " leaves the pores open. That is why an oiled top can be mended in one spot.",
        "Warm the tin in a bowl of water of 40 degrees; thin oil goes deeper. Pour a little on the"
        " wood, no more than 30 millilitres for a square metre, and spread it along the grain with"
        " a cloth that leaves no fluff. Wait fifteen minutes. Then rub off everything that has not"
        " gone in. Whatever you leave standing turns sticky.",
        "After twelve hours you may put a vase on it. After seven days it may get wet. A worktop"
        " wants oil twice a year, a dining table once.",
        "Cloths with oil on them can start to burn without any flame nearby. Put them in a bucket"
        " of water before you make coffee.",
    ),
    (
        "Stains, dents and scratches",
        "Water rings: rub along the grain with a little oil on a grey fleece pad, wipe, wait a day."
        " Red wine: the same, but within the hour if you can.",
        "Black spots come from iron. The tannin of oak and a wet tin can make ink overnight."
        " Dissolve a teaspoon of oxalic acid in a cup of warm water, dab it on with a brush, leave"
        " it for ten minutes, rinse twice. Wear gloves.",
        "A dent is squeezed wood, and squeezed wood can swell again. Lay a damp cotton cloth on it"
        " and hold a hot iron on the cloth for ten seconds. Repeat three times at most.",
        "A scratch that you feel with a fingernail needs sandpaper: grain 180 first, then 240,"
        " always along the grain, then oil. Never sand veneered fronts; the oak on them is only"
        " 0.6 mm thick.",
    ),
    (
        "Through the year",
        "Wood is never quite at rest. A table top of 90 cm grows and shrinks by four to five"
        " millimetres between February and August. The screws below it sit in long holes, so that"
        " it may do so.",
        "People and oak like the same air: 45 to 60 per cent of relative humidity. If you heat with"
        " a stove, put a bowl of water or a plant beside it. Keep thirty centimetres between the"
        " table and a radiator.",
        "When the top of Birka is a little hollow in January, turn the screws a quarter back and"
        " wait until April. In nine cases out of ten it comes back by itself. For the tenth we have"
        " Zofia Malec in Poznań, who has repaired our tables since 2011.",
        "Sunlight makes oak more yellow and ash more honey-coloured. Move the fruit bowl now and"
        " then, or you will find its shadow.",
    ),
)

_CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles>
<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>
"""

_PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:nordholz:wood-handbook:2</dc:identifier>
<dc:title>{title}</dc:title>
<dc:creator>{author}</dc:creator>
<dc:language>en</dc:language>
<meta property="dcterms:modified">2025-06-02T08:00:00Z</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
{items}
</manifest>
<spine>
{spine}
</spine>
</package>
"""

_PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en">
<head><title>{title}</title></head>
<body>
{body}
</body>
</html>
"""


def write(path: Path) -> None:
    """Write the e-book."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", _CONTAINER)
        book.writestr("OEBPS/content.opf", _package())
        book.writestr("OEBPS/nav.xhtml", _contents())
        for number, (title, *paragraphs) in enumerate(_CHAPTERS, start=1):
            book.writestr(f"OEBPS/{_file(number)}", _chapter(number, title, paragraphs))
    write_frozen(path, buffer.getvalue(), first="mimetype")


def _file(number: int) -> str:
    return f"chapter-{number}.xhtml"


def _package() -> str:
    numbers = range(1, len(_CHAPTERS) + 1)
    items = "\n".join(
        f'<item id="c{n}" href="{_file(n)}" media-type="application/xhtml+xml"/>' for n in numbers
    )
    spine = "\n".join(f'<itemref idref="c{n}"/>' for n in numbers)
    return _PACKAGE.format(title=_TITLE, author=_AUTHOR, items=items, spine=spine)


def _contents() -> str:
    entries = "\n".join(
        f'<li><a href="{_file(number)}">{escape(title)}</a></li>'
        for number, (title, *_) in enumerate(_CHAPTERS, start=1)
    )
    body = f'<nav epub:type="toc"><h1>{_TITLE}</h1>\n<ol>\n{entries}\n</ol></nav>'
    return _PAGE.format(title=_TITLE, body=body)


def _chapter(number: int, title: str, paragraphs: list[str]) -> str:
    heading = f"{number}. {title}"
    text = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return _PAGE.format(title=escape(heading), body=f"<h1>{escape(heading)}</h1>\n{text}")
