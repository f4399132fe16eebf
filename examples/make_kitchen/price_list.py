"""The price list of January 2025: a table of furniture, then two columns of small print."""

from __future__ import annotations

from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)

from make_kitchen.assembly_guide import BODY, GREEN, HEAD, STEP, SUBTITLE, TITLE, grid
from make_kitchen.catalogue import PRODUCTS

_MARGIN = 20 * mm
_GUTTER = 8 * mm
_WIDTH = A4[0] - 2 * _MARGIN

_ACCESSORIES = (
    ("Article", "No.", "Euros"),
    ("Kvist without cushion", "KV-140-0", "320"),
    ("Cushion for Kvist", "KV-C", "78"),
    ("Drawer lock for Ostra", "OS-LK", "24"),
    ("Wire basket for Solveig", "WK-45", "46"),
    ("Glass shelf for Linden", "LN-G2", "34"),
    ("Gas spring for Moss", "GS-65", "29"),
    ("Plinth 60 cm, clip-on", "FJ-PL", "19"),
    ("Hardwax oil, 250 ml", "HW-20", "16.50"),
    ("Granite slab for Tarn", "TR-W2", "395"),
    ("Extra leaf for Birka", "BK-T2", "240"),
)

_TERMS = (
    (
        "Validity",
        "This list is valid from 1 January to 31 December 2025 and replaces the list of 2023. All"
        " prices are recommended retail prices in euros and include 19% VAT. Delivery is extra.",
    ),
    (
        "Fronts and finishes",
        "All finishes of a model have the same price. Sage green is made to order; the delivery"
        " time is four weeks and the order cannot be returned. Other colours are possible from ten"
        " fronts for a surcharge of 18%.",
    ),
    (
        "Samples",
        "A box with all ten colour and wood samples costs 15 euros. The amount is credited with the"
        " first order above 300 euros.",
    ),
    (
        "Fitting",
        "Our fitters charge 95 euros for each cabinet and 140 euros for an island. The journey is"
        " free within 50 km of Lemgo and costs 0.80 euros for each further kilometre.",
    ),
    (
        "Payment",
        "Orders above 2,000 euros: 30% with the order, the rest before delivery. Below that the"
        " whole amount is due with the order. We take transfers and cards, no cheques.",
    ),
    (
        "Kitchen planning",
        "Planning in our showroom is free. For a visit to your home with measuring we charge 120"
        " euros, which we return if you order within three months.",
    ),
    (
        "Spare parts",
        "Every part of a piece of furniture can be ordered for at least 15 years after its last"
        " year of production. Small parts below 5 euros are sent free of charge.",
    ),
)


def write(path: Path) -> None:
    """Write the list: page 1 is one column, page 2 has two."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = BaseDocTemplate(
        str(path),
        pagesize=A4,
        title="Price list 2025",
        author="Nordholz GmbH",
        invariant=1,
    )
    height = A4[1] - 2 * _MARGIN
    column = (_WIDTH - _GUTTER) / 2
    whole = Frame(_MARGIN, _MARGIN, _WIDTH, height, 0, 0, 0, 0)
    left = Frame(_MARGIN, _MARGIN, column, height, 0, 0, 0, 0)
    right = Frame(_MARGIN + column + _GUTTER, _MARGIN, column, height, 0, 0, 0, 0)
    document.addPageTemplates(
        [
            PageTemplate("furniture", [whole], onPage=_footer),
            PageTemplate("columns", [left, right], onPage=_footer),
        ]
    )
    document.build([*_furniture(), NextPageTemplate("columns"), PageBreak(), *_columns()])


def _furniture() -> list[Flowable]:
    rows = [("Model", "Name", "Article", "Size", "Weight", "Euros")]
    rows += [
        (
            product.model,
            product.name,
            product.kind,
            product.size,
            product.weight,
            f"{product.list_price:,}",
        )
        for product in PRODUCTS
    ]
    return [
        Paragraph("Price list 2025", TITLE),
        Paragraph("Nordholz kitchens and tables · January 2025", SUBTITLE),
        grid(tuple(rows), [18, 18, 42, 56, 18, 18]),
        Spacer(1, 6 * mm),
        Paragraph(
            "Prices in euros including VAT, without delivery. Accessories and terms are on page 2.",
            BODY,
        ),
    ]


def _columns() -> list[Flowable]:
    story: list[Flowable] = [
        Paragraph("Accessories", HEAD),
        grid(_ACCESSORIES, [44, 22, 15]),
        Spacer(1, 6 * mm),
        Paragraph("Terms", HEAD),
    ]
    for title, text in _TERMS:
        story.append(KeepTogether([Paragraph(title, STEP), Paragraph(text, BODY)]))
    return story


def _footer(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFillColor(GREEN)
    canvas.setFont("Helvetica", 8)
    canvas.drawString(_MARGIN, 11 * mm, "Nordholz GmbH · Lindenallee 14 · 32657 Lemgo")
    canvas.drawRightString(A4[0] - _MARGIN, 11 * mm, f"{canvas.getPageNumber()} / 2")
