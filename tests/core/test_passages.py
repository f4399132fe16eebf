"""Where the words of a passage stand in its source."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from motet.core.passages import Passage, Segment


def passage(text: str, start: int, body: str, segments: tuple[Segment, ...] | None) -> Passage:
    return Passage(
        chunk=1,
        source="a.csv",
        version="v",
        media_type="text/csv",
        kind="row",
        page=None,
        start=start,
        end=start + len(text),
        text=text,
        body=body,
        context="",
        segments=segments,
    )


ROW = passage(
    'hinge,"6 ""wide""",oak',
    100,
    'part: hinge; size: 6 "wide"; wood: oak',
    (Segment(6, 11, 100, 105), Segment(19, 27, 107, 117), Segment(35, 38, 119, 122)),
)


def excerpt(body: str) -> str:
    start = ROW.body.index(body)
    return ROW.excerpt(*ROW.locate(start, start + len(body)))


def test_prose_is_where_it_stands() -> None:
    plain = passage("Oak is hard.", 40, "Oak is hard.", None)
    assert plain.locate(4, 6) == (44, 46)
    assert plain.excerpt(44, 46) == "is"


def test_values_are_found_letter_by_letter() -> None:
    assert excerpt("hinge") == "hinge"
    assert excerpt("ing") == "ing"
    assert excerpt("ak") == "ak"


def test_a_value_with_escapes_is_found_whole() -> None:
    assert excerpt('6 "wide"') == '6 ""wide""'
    assert excerpt("wide") == '6 ""wide""'


def test_a_span_over_values_spans_them_in_the_source() -> None:
    assert excerpt('hinge; size: 6 "wide"') == 'hinge,"6 ""wide""'
    assert excerpt('nge; size: 6 "wide"; wood: oa') == 'nge,"6 ""wide""",oa'


def test_a_column_name_stands_for_the_row() -> None:
    assert excerpt("part:") == ROW.text
    assert ROW.locate(0, 0) == (ROW.start, ROW.end)


@given(st.integers(0, len(ROW.body)), st.integers(0, len(ROW.body)))
def test_every_span_lies_in_the_row(start: int, end: int) -> None:
    low, high = ROW.locate(min(start, end), max(start, end))
    assert ROW.start <= low <= high <= ROW.end
