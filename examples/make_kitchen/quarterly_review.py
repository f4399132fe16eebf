"""The slides of the first quarter: text, a table, a native chart, speaker notes."""

from __future__ import annotations

import io
from pathlib import Path

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.util import Inches, Pt

from make_kitchen.frozen import write_frozen

_GREEN = RGBColor(0x2F, 0x4A, 0x3C)

_SALES = (
    ("Product", "Units", "Revenue (k€)", "Change to Q1 2024"),
    ("Birka", "1,240", "1,848", "+21%"),
    ("Fjord", "4,870", "1,700", "+4%"),
    ("Tarn", "512", "1,254", "+17%"),
    ("Linden", "2,105", "987", "-6%"),
    ("Solveig", "1,060", "943", "+9%"),
    ("Ostra", "1,985", "834", "+12%"),
    ("Moss", "2,260", "475", "+31%"),
    ("Kvist", "998", "379", "+3%"),
    ("Total", "15,030", "8,420", "+10.6%"),
)

_BULLETS = (
    (
        "The quarter in five lines",
        (
            "Revenue 8.42 million euros, up from 7.61 million in the first quarter of 2024",
            "Operating margin 9.3%, target was 9.0%",
            "On-time delivery 91.4%, target was 95%",
            "Complaints 1.9 per 100 deliveries, target was 1.2",
            "Headcount 221 at the end of March",
        ),
        "The growth comes from tables and stools. Cabinets alone would have grown by 5%.",
    ),
    (
        "What went wrong",
        (
            "Hinge lot L2411: 17 cases, recall since 11 April, provision of 210,000 euros",
            "Flood at Balti Liugur: runners for Ostra, Tarn and Solveig late until mid-May",
            "Edge bander 3 down for nine shifts",
        ),
        "Dr. Reuter will report on the hinge separately. Insurance covers about half of the cost.",
    ),
    (
        "Second quarter",
        (
            "Qualify a second hinge supplier by the end of June",
            "New paint line in Lemgo: investment of 1.3 million euros, in operation from October",
            "Second Korean showroom, Busan, opens on 20 September 2025",
            "Birka in walnut: prototype by Saskia Lindqvist shown in Milan, decision in July",
        ),
        "Walnut would come from a new sawmill in Slovenia; no contract has been signed.",
    ),
)


def write(path: Path) -> None:
    """Write the deck of six slides."""
    deck = Presentation()
    _title_slide(deck)
    _bullet_slide(deck, *_BULLETS[0])
    _table_slide(deck)
    _chart_slide(deck)
    _bullet_slide(deck, *_BULLETS[1])
    _bullet_slide(deck, *_BULLETS[2])
    deck.core_properties.title = "Quarterly review Q1 2025"
    deck.core_properties.author = "Margaret Osei"
    buffer = io.BytesIO()
    deck.save(buffer)
    write_frozen(path, buffer.getvalue())


def _title_slide(deck: Deck) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    _set_title(slide, "Quarterly review: first quarter 2025")
    slide.placeholders[1].text = "Margaret Osei, sales director\nLemgo, 24 April 2025\nInternal"


def _bullet_slide(deck: Deck, title: str, bullets: tuple[str, ...], notes: str) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    _set_title(slide, title)
    frame = slide.placeholders[1].text_frame
    frame.text = bullets[0]
    for bullet in bullets[1:]:
        frame.add_paragraph().text = bullet
    for paragraph in frame.paragraphs:
        paragraph.font.size = Pt(20)
    slide.notes_slide.notes_text_frame.text = notes


def _table_slide(deck: Deck) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    _set_title(slide, "Sales by product")
    area = Inches(0.8), Inches(1.5), Inches(8.4), Inches(4.8)
    table = slide.shapes.add_table(len(_SALES), len(_SALES[0]), *area).table
    for i, row in enumerate(_SALES):
        for j, text in enumerate(row):
            cell = table.cell(i, j)
            cell.text = text
            cell.text_frame.paragraphs[0].font.size = Pt(14)
            if i == 0:
                cell.fill.solid()
                cell.fill.fore_color.rgb = _GREEN


def _chart_slide(deck: Deck) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    _set_title(slide, "Revenue per quarter, million euros")
    data = CategoryChartData()
    data.categories = ["Q1 2024", "Q2 2024", "Q3 2024", "Q4 2024", "Q1 2025"]
    data.add_series("Cabinets", (4.12, 4.30, 3.95, 4.61, 4.46))
    data.add_series("Tables and seating", (3.49, 3.38, 3.21, 3.90, 3.96))
    area = Inches(0.8), Inches(1.5), Inches(8.4), Inches(4.9)
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_STACKED, *area, data).chart
    chart.has_legend = True
    chart.legend.position = XL_LEGEND_POSITION.BOTTOM
    chart.legend.include_in_layout = False
    chart.plots[0].has_data_labels = True
    chart.plots[0].data_labels.number_format = "0.00"
    chart.plots[0].data_labels.number_format_is_linked = False


def _set_title(slide: Slide, text: str) -> None:
    title = slide.shapes.title
    title.text = text
    title.text_frame.paragraphs[0].font.size = Pt(32)
    title.text_frame.paragraphs[0].font.bold = True
    title.text_frame.paragraphs[0].font.color.rgb = _GREEN
