"""The safety data sheet of the hardwax oil HW-20: two pages, sixteen numbered sections."""

from __future__ import annotations

from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer

from make_kitchen.assembly_guide import BODY, HEAD, SMALL, STEP, WARN, grid

_INGREDIENTS = (
    ("Substance", "CAS no.", "Share", "Classification"),
    ("Linseed oil, boiled", "8001-26-1", "40 to 50%", "not classified"),
    ("Naphtha, hydrotreated, low in aromatics", "64742-48-9", "25 to 35%", "Asp. Tox. 1, H304"),
    ("Carnauba and candelilla wax", "8015-86-9", "5 to 10%", "not classified"),
    ("Cobalt-free drier (manganese salt)", "15956-58-8", "below 0.3%", "STOT RE 2, H373"),
)

_PROPERTIES = (
    ("Property", "Value"),
    ("Appearance", "clear, honey-coloured liquid"),
    ("Flash point", "63 °C (closed cup)"),
    ("Density at 20 °C", "0.87 g/ml"),
    ("Volatile organic compounds", "290 g/l (EU limit for this category: 400 g/l)"),
    ("Solubility in water", "insoluble"),
    ("Shelf life, tin unopened", "36 months between 5 and 25 °C"),
)

_BEFORE_TABLE = (
    (
        "1. Product and company",
        "Hardwax oil clear, article HW-20, for indoor furniture and worktops of solid wood."
        " Manufacturer: Osmark Naturöl GmbH, Göttingen, Germany. Contact for this sheet: Friederike"
        " Baum, baum@osmark-naturoel.example. Emergency telephone, day and night:"
        " +49 551 555 0112.",
    ),
    (
        "2. Hazards",
        "Signal word: danger. H304 May be fatal if swallowed and enters airways. EUH066 Repeated"
        " exposure may cause skin dryness or cracking. Not classified as flammable liquid.",
    ),
    ("3. Composition", "Mixture of vegetable oils, waxes and an aliphatic solvent:"),
)

_AFTER_INGREDIENTS = (
    (
        "4. First aid",
        "Swallowed: rinse the mouth, do <b>not</b> induce vomiting, call a doctor at once. Eyes:"
        " rinse with running water for ten minutes with the lids open. Skin: wash with soap and"
        " water, then use a skin cream. Inhaled: fresh air.",
    ),
    (
        "5. Fire-fighting",
        "Suitable: foam, carbon dioxide, dry powder, water mist. Never use a full jet of water.",
    ),
    (
        "6. Spills",
        "Soak up with sand or sawdust. Sawdust full of oil must be wetted with water and kept in a"
        " closed metal container, because it may ignite by itself. Keep out of drains.",
    ),
    (
        "7. Handling and storage",
        "Store upright in the original tin, between 5 and 25 °C, out of reach of children. Storage"
        " class 10 (TRGS 510). An opened tin keeps for about six months; skin that forms on top may"
        " be lifted off.",
    ),
    (
        "8. Personal protection",
        "Gloves of nitrile rubber, at least 0.4 mm thick, breakthrough time above 480 minutes."
        " Open the windows. When sanding oiled wood wear a dust mask of class FFP2.",
    ),
)

_AFTER_PROPERTIES = (
    (
        "10. Stability",
        "Stable in the closed tin. Reacts with air while drying and gives off heat.",
    ),
    (
        "11. Toxicology",
        "Swallowing, rat: LD50 above 5,000 mg/kg. The dry film is safe for toys (EN 71-3) and for"
        " contact with food.",
    ),
    (
        "12. Environment",
        "Water hazard class 1 (slightly hazardous), own assessment.",
    ),
    (
        "13. Disposal",
        "Liquid remains go to the collection point for hazardous waste, key 08 01 11*. Tins scraped"
        " dry are recycled as metal.",
    ),
    (
        "14. Transport",
        "Not dangerous goods under ADR, IMDG and IATA; no UN number.",
    ),
    (
        "15. Regulations",
        "Labelled under Regulation (EC) No 1272/2008. Tins for the public carry a child-resistant"
        " closure and a tactile warning.",
    ),
    (
        "16. Other information",
        "Changes since version 4 of June 2021: the drier is free of cobalt; new emergency number.",
    ),
)


def write(path: Path) -> None:
    """Write the data sheet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = SimpleDocTemplate(
        str(path),
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=20 * mm,
        bottomMargin=18 * mm,
        title="Safety data sheet: hardwax oil HW-20",
        author="Osmark Naturöl GmbH",
        invariant=1,
    )
    story = [
        Paragraph("Safety data sheet: hardwax oil clear HW-20", HEAD),
        Paragraph("Version 5, 14 October 2024 · under Regulation (EC) No 1907/2006", BODY),
        *_sections(_BEFORE_TABLE),
        grid(_INGREDIENTS, [68, 26, 26, 50]),
        *_sections(_AFTER_INGREDIENTS),
        Paragraph("9. Physical and chemical properties", STEP),
        grid(_PROPERTIES, [60, 110]),
        *_sections(_AFTER_PROPERTIES),
        Spacer(1, 4 * mm),
        Paragraph(
            "<b>Cloths soaked with oil can catch fire by themselves.</b> Spread them out flat in"
            " the open air to dry, or put them into water at once. Never leave them in a heap.",
            WARN,
        ),
        Paragraph("This sheet describes the product to the best of our knowledge.", SMALL),
    ]
    document.build(story, onFirstPage=_frame, onLaterPages=_frame)


def _sections(sections: tuple[tuple[str, str], ...]) -> list[Flowable]:
    flowables: list[Flowable] = []
    for title, text in sections:
        flowables.append(KeepTogether([Paragraph(title, STEP), Paragraph(text, BODY)]))
    return flowables


def _frame(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFillColor(HexColor("#555555"))
    canvas.setFont("Helvetica", 8)
    canvas.drawString(20 * mm, A4[1] - 13 * mm, "Osmark Naturöl GmbH · Göttingen")
    canvas.drawRightString(A4[0] - 20 * mm, A4[1] - 13 * mm, "HW-20 · version 5")
    canvas.drawRightString(A4[0] - 20 * mm, 11 * mm, f"page {canvas.getPageNumber()} of 2")
