from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.json import JSON
from motet.knowledge.entities.patterns import capitalised, sure
from motet.knowledge.entities.phrases import relating
from motet.knowledge.entities.values import cell_value, values


@pytest.mark.parametrize(
    ("text", "written", "value"),
    [
        ("on 2025-04-18.", "2025-04-18", "2025-04-18"),
        ("am 18. April 2025", "18. April 2025", "2025-04-18"),
        ("le 1er mai; 3 février 2024", "3 février 2024", "2024-02-03"),
        ("April 18, 2025", "April 18, 2025", "2025-04-18"),
        ("18.04.2025", "18.04.2025", "2025-04-18"),
        ("made in November 2024", "November 2024", "2024-11"),
        ("2025년 3월 1일부터", "2025년 3월 1일", "2025-03-01"),
        ("二〇二五年四月十八日", "二〇二五年四月十八日", "2025-04-18"),
        ("costs 1,590 euros", "1,590 euros", {"amount": "1590", "currency": "EUR"}),
        ("1.240,50 €", "1.240,50 €", {"amount": "1240.50", "currency": "EUR"}),
        ("€8.42 million", "€8.42 million", {"amount": "8420000", "currency": "EUR"}),
        ("설치비는 80,000원", "80,000원", {"amount": "80000", "currency": "KRW"}),
        ("weighs 24.5 kg", "24.5 kg", {"amount": "24.5", "unit": "kg"}),
        ("8% moisture", "8%", {"amount": "8", "unit": "%"}),
        ("write to a.b@c.example.", "a.b@c.example", "a.b@c.example"),
        ("tel. +372 555 0164", "+372 555 0164", "+372 555 0164"),
        ("电话 021-5550-0147", "021-5550-0147", "021-5550-0147"),
    ],
)
def test_values_stand_where_they_are_written(text: str, written: str, value: JSON) -> None:
    (found,) = values(text)
    assert (text[found.start : found.end], found.value) == (written, value)


@pytest.mark.parametrize("text", ["31 February 2025", "FJ-60", "version 3.2.1", "3/4/2025"])
def test_what_is_no_value_is_none(text: str) -> None:
    assert not values(text)


@pytest.mark.parametrize(
    ("text", "column", "found"),
    [
        ("11.40", "unit_cost_eur", ("money", {"amount": "11.40", "currency": "EUR"})),
        ("14", "lead_time_days", ("quantity", {"amount": "14", "unit": "day"})),
        ("1994", "supplier_since", ("integer", 1994)),
        ("-2.5", "change", ("real", -2.5)),
        ("1,240", "units", ("integer", 1240)),
        ("01234", "zip", ("text", "01234")),
        ("solid oak", "material", ("text", "solid oak")),
    ],
)
def test_a_cell_is_read_with_its_column(text: str, column: str, found: tuple[str, JSON]) -> None:
    assert cell_value(text, column) == found


def test_codes_companies_and_titled_people_are_sure() -> None:
    text = "Ms Lindqvist of Kantomat Maschinenbau AG read NH-R-2025-03. Then OK-go and A1."
    found = [(text[each.start : each.end], each.label) for each in sure(text)]
    assert found == [
        ("Lindqvist", "person"),
        ("Kantomat Maschinenbau AG", "organisation"),
        ("NH-R-2025-03", "code"),
    ]


def test_a_lone_capital_and_a_leading_word_are_no_names() -> None:
    text = "The Oak Room sold it. In April 2025 Petra Wessels came. 노르트홀츠 코리아"
    assert [text[each.start : each.end] for each in capitalised(text)] == [
        "Oak Room",
        "Petra Wessels",
    ]


@pytest.mark.parametrize(
    ("between", "kind"),
    [
        (" is supplied by ", "supplied by"),
        (", which was designed by our ", "designed by"),
        (" replaces the old ", "replaces"),
        (" is the managing director of ", "managing director of"),
        (" is part of the ", "part of"),
        (" and ", None),
        (" was late. Then ", None),
    ],
)
def test_words_between_names_relate_them(between: str, kind: str | None) -> None:
    assert relating(between) == kind


@given(st.text(st.sampled_from("A a1.-,€%G: \n年月"), max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_text_is_read_and_every_range_lies_in_it(text: str) -> None:
    found = [*values(text), *sure(text), *capitalised(text)]
    assert all(0 <= each.start < each.end <= len(text) for each in found)


@pytest.mark.parametrize(
    "text", ["A " * 3000, "1," * 3000, "A-" * 3000, "a b: " * 1500, "Aa, " * 3000]
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    values(text), sure(text), list(capitalised(text))
    assert time.process_time() - began < 1
