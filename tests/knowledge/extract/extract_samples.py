"""Small documents of every format, made with the standard library."""

from __future__ import annotations

import io
import zipfile
import zlib
from email.message import EmailMessage

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """Return a ZIP container of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def rels(**targets: str) -> str:
    """Return a relations part: id to "type target"."""
    items = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{value.split()[0]}" Target="{value.split()[1]}"/>'
        for key, value in targets.items()
    )
    return f'<Relationships xmlns="{RELS}">{items}</Relationships>'


def pdf(
    *pages: list[tuple[float, float, float, str]],
    rotate: int = 0,
    frames: list[tuple[float, float, float, float]] | None = None,
) -> bytes:
    """Return a PDF; a page is a list of (x, y from the bottom, size, text), Letter sized.

    Every page has the frames: (x, y from the bottom, width, height).
    """
    objects: list[bytes] = [b"", b""]
    objects.append(
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    )
    kids = []
    for page in pages:
        shown = [b"%g %g %g %g re S" % frame for frame in frames or []]
        for x, y, size, text in page:
            raw = text.encode("cp1252").replace(b"\\", b"\\\\")
            raw = raw.replace(b"(", b"\\(").replace(b")", b"\\)")
            shown.append(b"BT /F1 %g Tf %g %g Td (%s) Tj ET" % (size, x, y, raw))
        stream = zlib.compress(b"\n".join(shown))
        number = len(objects) + 1
        kids.append(b"%d 0 R" % (number + 1))
        objects.append(
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream)
        )
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Rotate %d /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (rotate, number)
        )
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return _assemble(objects)


def _assemble(objects: list[bytes]) -> bytes:
    body, places = b"%PDF-1.7\n", []
    for number, item in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF" % (len(objects) + 1, table, len(objects) + 1, len(body))
    )


def docx(body: str, **parts: str) -> bytes:
    """Return a Word document with this body."""
    styles = (
        f'<w:styles {W}><w:style w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:styleId="H2"><w:name w:val="heading 2"/></w:style></w:styles>'
    )
    return zipped(
        {
            "_rels/.rels": rels(r1="officeDocument word/document.xml"),
            "word/document.xml": f"<w:document {W} {R}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": rels(r1="styles styles.xml"),
            "word/styles.xml": styles,
            **parts,
        }
    )


def paragraph(text: str, style: str = "") -> str:
    """Return a Word paragraph."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def word_table(rows: list[list[str]]) -> str:
    """Return a Word table."""
    lines = ["".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows]
    return "<w:tbl>" + "".join(f"<w:tr>{line}</w:tr>" for line in lines) + "</w:tbl>"


def pptx(slides: list[tuple[str, list[str]]]) -> bytes:
    """Return a presentation: per slide a title and the lines of its body."""
    parts: dict[str, str | bytes] = {
        "_rels/.rels": rels(r1="officeDocument ppt/presentation.xml"),
        "ppt/presentation.xml": f"<p:presentation {P} {R}><p:sldIdLst>%s</p:sldIdLst>"
        "</p:presentation>"
        % "".join(f'<p:sldId id="{256 + n}" r:id="s{n}"/>' for n in range(len(slides))),
        "ppt/_rels/presentation.xml.rels": rels(
            **{f"s{n}": f"slide slides/slide{n + 1}.xml" for n in range(len(slides))}
        ),
    }
    for number, (title, lines) in enumerate(slides, start=1):
        text = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
        parts[f"ppt/slides/slide{number}.xml"] = (
            f"<p:sld {P} {A}><p:cSld><p:spTree><p:sp><p:nvSpPr><p:nvPr>"
            f'<p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>{title}</a:t></a:r>'
            f"</a:p></p:txBody></p:sp><p:sp><p:txBody>{text}</p:txBody></p:sp>"
            "</p:spTree></p:cSld></p:sld>"
        )
    return zipped(parts)


def xlsx(sheets: dict[str, list[str]], formats: str = "") -> bytes:
    """Return a workbook: per sheet the XML of its rows; `formats` are `xf` elements."""
    parts: dict[str, str | bytes] = {
        "_rels/.rels": rels(r1="officeDocument xl/workbook.xml"),
        "xl/workbook.xml": f"<workbook {S} {R}><sheets>%s</sheets></workbook>"
        % "".join(
            f'<sheet name="{name}" sheetId="{n}" r:id="s{n}"/>' for n, name in enumerate(sheets)
        ),
        "xl/_rels/workbook.xml.rels": rels(
            st="styles styles.xml",
            **{f"s{n}": f"worksheet worksheets/sheet{n}.xml" for n in range(len(sheets))},
        ),
        "xl/styles.xml": f"<styleSheet {S}><numFmts>"
        '<numFmt numFmtId="170" formatCode="#,##0.00\\ &quot;EUR&quot;"/></numFmts>'
        f"<cellXfs>{formats}</cellXfs></styleSheet>",
    }
    for number, rows in enumerate(sheets.values()):
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f"<worksheet {S}><sheetData>{''.join(rows)}</sheetData></worksheet>"
        )
    return zipped(parts)


def sheet_row(number: int, *cells: str | float, style: int = 0) -> str:
    """Return a sheet's row: texts inline, numbers with a style."""
    shown = []
    for column, cell in zip("ABCDEFGH", cells, strict=False):
        place = f'r="{column}{number}"'
        if isinstance(cell, str):
            shown.append(f'<c {place} t="inlineStr"><is><t>{cell}</t></is></c>')
        else:
            shown.append(f'<c {place} s="{style}"><v>{cell}</v></c>')
    return f'<row r="{number}">{"".join(shown)}</row>'


def odt(body: str) -> bytes:
    """Return an OpenDocument text with this body."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table")
    )
    content = f"<office:body><office:text>{body}</office:text></office:body>"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {spaces}>{content}</office:document-content>",
        }
    )


def epub(chapters: list[str]) -> bytes:
    """Return a book with these chapters (the insides of their bodies)."""
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfiles><rootfile full-path="b/p.opf"/>'
            "</rootfiles></container>",
            "b/p.opf": "<package><metadata><title>The Book</title></metadata>"
            f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
            **{
                f"b/c{n}.xhtml": f"<html><body>{chapter}</body></html>"
                for n, chapter in enumerate(chapters)
            },
        }
    )


def mail(body: str, attachments: dict[str, bytes] | None = None) -> bytes:
    """Return an e-mail with a plain body and attachments."""
    message = EmailMessage()
    message["From"] = "Ana <ana@example.org>"
    message["To"] = "bo@example.org"
    message["Subject"] = "Délai de livraison"
    message.set_content(body)
    for name, data in (attachments or {}).items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()
