"""Which cell of a row a question asks for."""

from __future__ import annotations

import pytest

from motet.core.passages import Passage
from motet.knowledge.chunks import chunk
from motet.knowledge.extract import extract
from motet.runtime.methods.cells import asked_cell

CSV = "supplier,city,country,lead_time_days,unit_price_eur\nTecnofoot,Pordenone,Italy,16,4.90\n"


def row() -> Passage:
    document = extract(CSV.encode(), "suppliers.csv")
    part = next(each for each in chunk(document, "suppliers.csv") if each.kind == "row")
    return Passage(
        chunk=1,
        source="suppliers.csv",
        version="v",
        media_type=document.media_type,
        kind=part.kind,
        page=None,
        start=part.start,
        end=part.end,
        text=document.text[part.start : part.end],
        body=part.body or "",
        context=part.context,
        segments=part.segments,
    )


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("In which city is Tecnofoot?", "Pordenone"),
        ("Which country does Tecnofoot come from?", "Italy"),
        ("What is the lead time of Tecnofoot in days?", "16"),
        ("What is the unit price of Tecnofoot?", "4.90"),
        ("Which supplier is in Pordenone?", "Tecnofoot"),
        ("Which supplier is Tecnofoot?", None),
        ("Is the city or the country known?", None),
        ("When was it founded?", None),
    ],
)
def test_the_column_that_is_named(question: str, value: str | None) -> None:
    passage = row()
    cell = asked_cell(passage, question)
    assert (None if cell is None else passage.body[cell.start : cell.end]) == value
