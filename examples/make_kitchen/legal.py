"""Two Word documents: the warranty and a supply agreement."""

from __future__ import annotations

import io
from pathlib import Path

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from make_kitchen.frozen import write_frozen

_TERMS = (
    ("Component", "Warranty period", "Remarks"),
    ("Carcasses, panels, back walls", "5 years", "except swelling after standing water"),
    ("Hinges and drawer runners", "10 years", "mechanical function"),
    ("Lacquered fronts", "5 years", "colour, cracking, peeling"),
    ("Solid wood worktops and table tops", "3 years", "if oiled as described in the care guide"),
    ("Granite and other stone", "6 years", "cracks without impact"),
    ("Lighting, sockets and drivers", "2 years", "lamps and LED strips included"),
    ("Gas springs and castors", "3 years", ""),
    ("Cushions and textiles", "2 years", "seams and fabric, not fading"),
)

_WARRANTY = (
    (
        "1. Who gives this warranty",
        "Nordholz GmbH, Lindenallee 14, 32657 Lemgo, Germany (“Nordholz”) gives this warranty to"
        " the first buyer of a new piece of furniture. It is in addition to the rights that the law"
        " gives you against the seller, and does not limit them.",
        "The warranty applies to furniture bought on or after 1 January 2025 in the European Union,"
        " Norway, Switzerland and the United Kingdom. In other countries the importer gives a"
        " warranty of its own.",
    ),
    (
        "2. How long it lasts",
        "The period begins on the day of delivery. A repair or a replacement does not start it"
        " anew. The periods are:",
    ),
    (
        "3. What we do",
        "If a part fails because of material or workmanship, we repair it or send a new one, at our"
        " choice. We pay for the part and for its transport. If neither repair nor replacement"
        " succeeds after two attempts, we take the piece back and refund the price, less 5% for"
        " every full year of use.",
    ),
    (
        "4. What is not covered",
        "Normal wear; scratches and dents; changes of colour through light; movement of solid wood"
        " within the usual limits; damage by moisture where joints were cut on site and not sealed;"
        " damage because screws were tightened beyond the torque given in the assembly guide;"
        " commercial use, for example in restaurants, hotels and rented holiday homes.",
    ),
    (
        "5. How to claim",
        "Tell us within 60 days after you notice the defect. Write to service@nordholz.example or"
        " to your dealer with the invoice, the serial number from the back panel and two"
        " photographs. We answer within five working days.",
    ),
    (
        "6. If you sell or give away the furniture",
        "The warranty goes to the next owner once, if you hand over the invoice. It does not become"
        " longer.",
    ),
    (
        "7. Law",
        "German law applies. If you are a consumer, you also keep the protection of the law of the"
        " country where you live.",
    ),
)

_AGREEMENT = (
    (
        "Parties",
        "Carpathia Oak SRL, Strada Gării 41, Suceava, Romania, represented by its administrator"
        " Ioana Munteanu (“Carpathia”), and Nordholz GmbH, Lindenallee 14, Lemgo, Germany,"
        " represented by its managing director Katrin Voss (“Nordholz”), conclude the following"
        " framework agreement, number RV-2024-05.",
    ),
    (
        "§ 1 Goods",
        "Carpathia supplies kiln-dried and glued panels and squares of European oak, grade A/B,"
        " moisture 8% ± 1%, from certified forests in the counties of Suceava and Neamț.",
    ),
    (
        "§ 2 Quantity",
        "Nordholz orders at least 320 cubic metres in every calendar year. Carpathia reserves"
        " capacity for 450 cubic metres. If Nordholz orders less than the minimum, it pays 15% of"
        " the value of the missing quantity.",
    ),
    (
        "§ 3 Price",
        "The price is 1,240 euros per cubic metre, free Lemgo or Poznań. It is fixed until"
        " 30 June 2025 and is then adjusted once a year, by no more than 6%, to the timber index of"
        " the Romanian statistical office.",
    ),
    (
        "§ 4 Delivery",
        "Orders are delivered within 45 days. For each full week of delay Nordholz may deduct 0.5%"
        " of the value of the late goods, at most 5% in all.",
    ),
    (
        "§ 5 Quality",
        "Nordholz inspects each delivery within ten working days. Panels with a moisture above 10%"
        " are returned at Carpathia's expense.",
    ),
    (
        "§ 6 Replanting",
        "For each cubic metre delivered, Carpathia plants six oaks and reports the number every"
        " December.",
    ),
    (
        "§ 7 Term",
        "The agreement begins on 1 July 2024 and ends on 31 December 2026. It may be cancelled by"
        " either side with six months' notice. Disputes go to the arbitration court of the chamber"
        " of commerce in Vienna.",
    ),
)


def write_warranty(path: Path) -> None:
    """Write the warranty, with its table of periods."""
    document = _start("Warranty", "Nordholz kitchens and tables · valid from 1 January 2025")
    for heading, *paragraphs in _WARRANTY:
        document.add_heading(heading, level=2)
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)
        if heading.startswith("2."):
            _add_table(document, _TERMS)
    document.add_paragraph()
    document.add_paragraph("Lemgo, 2 December 2024")
    document.add_paragraph("Katrin Voss, managing director")
    _finish(document, path, "Warranty")


def write_supply_agreement(path: Path) -> None:
    """Write the framework agreement with the sawmill."""
    document = _start("Framework supply agreement", "No. RV-2024-05 · oak panels and squares")
    for heading, *paragraphs in _AGREEMENT:
        document.add_heading(heading, level=2)
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)
    document.add_paragraph()
    signatures = (
        ("Suceava, 21 May 2024", "Lemgo, 27 May 2024"),
        ("Ioana Munteanu", "Katrin Voss"),
        ("Carpathia Oak SRL", "Nordholz GmbH"),
    )
    table = document.add_table(rows=0, cols=2)
    for row in signatures:
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            cell.text = text
    _finish(document, path, "Framework supply agreement RV-2024-05")


def _start(title: str, subtitle: str) -> Doc:
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name = "Calibri"
    normal.font.size = Pt(10.5)
    heading = document.add_heading(title, level=1)
    heading.runs[0].font.color.rgb = RGBColor(0x2F, 0x4A, 0x3C)
    line = document.add_paragraph()
    run = line.add_run(subtitle)
    run.italic = True
    section = document.sections[0]
    section.header.paragraphs[0].text = "NORDHOLZ"
    footer = section.footer.paragraphs[0]
    footer.text = "Nordholz GmbH · Lindenallee 14 · 32657 Lemgo"
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return document


def _add_table(document: Doc, rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]))
    table.style = "Light Grid Accent 1"
    for row in rows:
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            cell.text = text
    first = table.rows[0]._tr.get_or_add_trPr()
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    first.append(mark)


def _finish(document: Doc, path: Path, title: str) -> None:
    document.core_properties.title = title
    document.core_properties.author = "Nordholz GmbH"
    buffer = io.BytesIO()
    document.save(buffer)
    write_frozen(path, buffer.getvalue())
