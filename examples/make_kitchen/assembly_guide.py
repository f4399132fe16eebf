"""The assembly guide of the Fjord cabinet: six pages with drawings and tables."""

from __future__ import annotations

import io
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    Image,
    KeepTogether,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from make_kitchen import isometric
from make_kitchen.bom import Bom
from make_kitchen.cover_picture import cover_picture

GREEN = HexColor("#2f4a3c")
RULE = HexColor("#b9c4bd")

BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9.5, leading=13, spaceAfter=5)
HEAD = ParagraphStyle(
    "head", fontName="Helvetica-Bold", fontSize=15, leading=19, textColor=GREEN, spaceAfter=6
)
STEP = ParagraphStyle("step", parent=HEAD, fontSize=11.5, leading=15, spaceBefore=6, spaceAfter=3)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=8.5, leading=11, spaceAfter=0)
WARN = ParagraphStyle(
    "warn", parent=BODY, borderColor=isometric.ACCENT, borderWidth=1, borderPadding=6, spaceAfter=12
)
CAPTION = ParagraphStyle(
    "caption", parent=SMALL, alignment=TA_CENTER, textColor=HexColor("#555555")
)
TITLE = ParagraphStyle("title", parent=HEAD, fontSize=34, leading=40, spaceAfter=2)
SUBTITLE = ParagraphStyle("subtitle", parent=BODY, fontSize=14, leading=18, spaceAfter=14)

_TOOLS = (
    ("Tool", "Size", "Used in steps"),
    ("Screwdriver, Pozidriv", "PZ2", "3, 5, 6"),
    ("Hexagon key (in the bag)", "4 mm", "2"),
    ("Torque screwdriver", "0.5 to 6 Nm", "2, 5, 6, 8"),
    ("Rubber mallet", "300 g", "1, 4"),
    ("Spirit level", "60 cm", "7"),
    ("Drill with masonry bit", "8 mm", "8"),
)

_TORQUE = (
    ("Joint", "Part", "Step", "Torque", "Remark"),
    ("Confirmat screws, carcass", "J", "2", "2.5 Nm", "by hand, never with an impact driver"),
    ("Hinge cup screws", "I", "5", "1.2 Nm", "front screw first"),
    ("Handle screws", "O", "6", "1.0 Nm", ""),
    ("Bracket to cabinet", "N", "8", "1.8 Nm", ""),
    ("Bracket to wall", "N", "8", "4.0 Nm", "depends on the wall, see page 6"),
)

_LOADS = (
    ("Where", "Greatest load"),
    ("Adjustable shelf (F)", "20 kg, evenly spread"),
    ("Bottom panel (C)", "35 kg"),
    ("Whole cabinet with worktop", "120 kg"),
)


def write(path: Path, bom: Bom) -> None:
    """Write the guide; the parts table comes from the bill of materials."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = SimpleDocTemplate(
        str(path),
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        title="Fjord base cabinet FJ-60: assembly guide",
        author="Nordholz GmbH",
        invariant=1,
    )
    story = [*_cover(), *_before(), *_parts(bom), *_carcass(), *_door(), *_wall()]
    document.build(story, onFirstPage=_no_frame, onLaterPages=_page_frame)


def grid(rows: tuple[tuple[str, ...], ...], widths: list[float]) -> Table:
    """Return a ruled table whose first row is its head; widths in millimetres."""
    cells = [[Paragraph(text, SMALL) for text in row] for row in rows[1:]]
    table = Table([rows[0], *cells], colWidths=[width * mm for width in widths], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 8.5),
                ("BACKGROUND", (0, 0), (-1, 0), GREEN),
                ("TEXTCOLOR", (0, 0), (-1, 0), HexColor("#ffffff")),
                ("GRID", (0, 0), (-1, -1), 0.4, RULE),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return table


def _no_frame(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFillColor(GREEN)
    canvas.rect(0, A4[1] - 14 * mm, A4[0], 14 * mm, stroke=0, fill=1)
    canvas.setFillColor(HexColor("#ffffff"))
    canvas.setFont("Helvetica-Bold", 13)
    canvas.drawString(20 * mm, A4[1] - 9.5 * mm, "NORDHOLZ")


def _page_frame(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setStrokeColor(RULE)
    canvas.line(20 * mm, A4[1] - 15 * mm, A4[0] - 20 * mm, A4[1] - 15 * mm)
    canvas.setFillColor(GREEN)
    canvas.setFont("Helvetica", 8)
    canvas.drawString(20 * mm, A4[1] - 13 * mm, "Fjord FJ-60 · assembly guide · edition 3")
    canvas.drawRightString(A4[0] - 20 * mm, 11 * mm, f"{canvas.getPageNumber()} / 6")
    canvas.drawString(20 * mm, 11 * mm, "Nordholz GmbH · Lindenallee 14 · 32657 Lemgo")


def _bullets(*texts: str) -> list[Flowable]:
    return [Paragraph(text, BODY, bulletText="•") for text in _indented(texts)]


def _indented(texts: tuple[str, ...]) -> list[str]:
    return [f'<para leftIndent="12">{text}</para>' for text in texts]


def _cover() -> list[Flowable]:
    facts = (
        ("Model", "FJ-60"),
        ("Edition", "3, February 2025 (replaces edition 2 of May 2022)"),
        ("People", "2"),
        ("Time", "about 45 minutes"),
        ("Weight", "24.5 kg"),
    )
    table = Table([list(row) for row in facts], colWidths=[30 * mm, 120 * mm], hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (0, -1), "Helvetica-Bold", 10),
                ("FONT", (1, 0), (1, -1), "Helvetica", 10),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
            ]
        )
    )
    return [
        Spacer(1, 10 * mm),
        Paragraph("Fjord", TITLE),
        Paragraph("Base cabinet 60 cm: assembly guide", SUBTITLE),
        Image(io.BytesIO(cover_picture()), 170 * mm, 117.5 * mm),
        Spacer(1, 8 * mm),
        table,
        PageBreak(),
    ]


def _before() -> list[Flowable]:
    return [
        Paragraph("Before you begin", HEAD),
        Paragraph(
            "<b>Warning.</b> A cabinet that is not fixed to the wall can tip over and injure or"
            " kill a child. Fix it with the two brackets (N) before you put anything inside.",
            WARN,
        ),
        Paragraph(
            "Read the whole guide once before you open the bags. Lay the panels on the carton so"
            " that the edges are not scratched. Check that nothing is missing: compare the contents"
            " with the table on page 3. If a part is missing or damaged, do not begin; write to"
            " service@nordholz.example and we send it within three working days.",
            BODY,
        ),
        *_bullets(
            "Work with two people. The carcass must be turned over in step 4.",
            "Keep bags and small parts away from children under three.",
            "Tighten every screw with the torque given on page 5. Board is softer than it looks: a"
            " screw turned too far strips its hole, and the warranty does not cover that.",
            "Let the board rest in the room for 24 hours before assembly in winter.",
        ),
        Spacer(1, 5 * mm),
        Paragraph("Tools", STEP),
        grid(_TOOLS, [70, 40, 60]),
        Spacer(1, 4 * mm),
        Paragraph(
            "The drill and the torque screwdriver are not included. Most dealers lend the torque"
            " screwdriver against a deposit of 30 euros.",
            BODY,
        ),
        PageBreak(),
    ]


def _parts(bom: Bom) -> list[Flowable]:
    rows = [("Letter", "Part no.", "Name", "Pieces")]
    letters = ("A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "O", "N")
    lines = [part for part in bom.of("FJ-60") if not part.part_id.startswith("PK-")]
    named = sorted(zip(letters, lines, strict=True))
    rows += [(letter, part.part_id, part.name, part.quantity) for letter, part in named]
    return [
        Paragraph("What is in the box", HEAD),
        grid(tuple(rows), [18, 30, 97, 25]),
        Spacer(1, 3 * mm),
        Paragraph(
            "The bags hold one spare of J and K. Keep them with this guide.",
            BODY,
        ),
        Spacer(1, 4 * mm),
        isometric.hardware(170 * mm, 26 * mm),
        Paragraph("Figure 1. Screws and dowels, enlarged. Do not confuse J and K.", CAPTION),
        PageBreak(),
    ]


def _step(number: int, title: str, text: str) -> Flowable:
    return KeepTogether([Paragraph(f"Step {number}. {title}", STEP), Paragraph(text, BODY)])


def _carcass() -> list[Flowable]:
    return [
        Paragraph("The carcass", HEAD),
        isometric.exploded_cabinet(170 * mm, 108 * mm),
        Paragraph("Figure 2. The panels and how they meet.", CAPTION),
        _step(
            1,
            "Dowels",
            "Push the eight dowels (K) into the ends of the bottom panel (C) and the two rails (D),"
            " dry, without glue. Tap them with the mallet until 12 mm stand out.",
        ),
        _step(
            2,
            "Side panels",
            "Set the side panels (A, B) against the bottom panel and the rails; the groove for the"
            " back panel faces inwards. Turn in the twelve confirmat screws (J) with the hexagon"
            " key, first all of them loosely, then crosswise with 2.5 Nm.",
        ),
        _step(
            3,
            "Levelling feet",
            "Screw the four levelling feet (M) under the bottom panel, 50 mm from the edges. Leave"
            " them turned in completely; they are adjusted in step 7.",
        ),
        PageBreak(),
    ]


def _door() -> list[Flowable]:
    pictures = Table(
        [
            [
                isometric.closed_cabinet(82 * mm, 74 * mm, door=False),
                isometric.closed_cabinet(82 * mm, 74 * mm, door=True),
            ]
        ],
        colWidths=[85 * mm, 85 * mm],
    )
    return [
        Paragraph("Back, door and handle", HEAD),
        pictures,
        Paragraph("Figure 3. Left: after step 4. Right: hanging the door.", CAPTION),
        _step(
            4,
            "Back panel",
            "Lay the carcass on its front with two people. Slide the back panel (E) into the groove"
            " from above. Measure both diagonals: they may differ by no more than 2 mm.",
        ),
        _step(
            5,
            "Hinges",
            "Press the two hinges (H) into the holes of the door (G), 90 mm from top and bottom."
            " Fix each with two screws (I), the front one first, with 1.2 Nm.",
        ),
        _step(
            6,
            "Door and handle",
            "Fit the handle (O) with 1.0 Nm. Click the hinges on their plates. Adjust the door with"
            " the three screws of each hinge until the gap is 3 mm all around.",
        ),
        Paragraph("Tightening torques", STEP),
        grid(_TORQUE, [46, 14, 14, 22, 74]),
        PageBreak(),
    ]


def _wall() -> list[Flowable]:
    return [
        Paragraph("Levelling and wall fixing", HEAD),
        _step(
            7,
            "Levelling",
            "Stand the cabinet in its place. Turn the feet until it is level in both directions;"
            " each foot lifts by up to 25 mm. Put in the shelf (F) on its four pins (L).",
        ),
        _step(
            8,
            "Wall",
            "Fix both brackets (N) to the side panels with 1.8 Nm and to the wall. Drill 60 mm deep"
            " with the 8 mm bit. In concrete and brick use the plugs from the bag and 4.0 Nm. In"
            " plasterboard use metal cavity anchors from a builder's merchant and no more than"
            " 2.0 Nm. Do not drill within 15 cm above or below a socket.",
        ),
        isometric.wall_fixing(150 * mm, 48 * mm),
        Paragraph("Figure 4. Section through wall and bracket.", CAPTION),
        Paragraph("Loads", STEP),
        grid(_LOADS, [80, 60]),
        Spacer(1, 4 * mm),
        Paragraph("Afterwards", STEP),
        Paragraph(
            "Tighten the confirmat screws once more after six weeks. Wipe the fronts with a damp"
            " cloth and a little soap; never use scouring powder or alcohol. At the end of its life"
            " the cabinet can be taken apart: board goes to bulky waste, metal to scrap.",
            BODY,
        ),
        Paragraph(
            "Questions? Customer service, Monday to Friday 8:00 to 17:00, telephone"
            " +49 5261 555 0130, service@nordholz.example. Please have the serial number from the"
            " back panel at hand.",
            BODY,
        ),
    ]
