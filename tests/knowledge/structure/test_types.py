"""Types of columns, inferred from their values."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.text import normalised
from motet.knowledge.structure.identity import row_key
from motet.knowledge.structure.types import comparable, infer, read


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


@pytest.mark.parametrize(
    ("values", "kind", "form"),
    [
        (["1", "2", "3"], "integer", ""),
        (["1", "2.5", "3"], "decimal", ""),
        (["0171", "70174", "12227"], "text", ""),
        (["1,860", "12", "210,000"], "integer", "1,234"),
        (["1.234,50", "8,42", "12"], "decimal", "1.234,5"),
        (["1e5", "2.5e-3"], "real", ""),
        (["yes", "no", "no"], "boolean", "yes/no"),
        (["no", "se", "dk"], "text", ""),
        (["2025-04-01", "2025-02-28"], "date", ""),
        (["31.12.2025", "01.02.2025"], "date", "d.m.y"),
        (["12/31/2025", "01/02/2025"], "date", "m/d/y"),
        (["01/02/2025", "03/04/2025"], "text", ""),
        (["2025-04-01 09:30:00", "2025-04-02T10:00Z"], "datetime", ""),
        (["9999999999999999999999", "1"], "text", ""),
        ([1, 2, None], "integer", ""),
        ([0.99, 1.5], "decimal", ""),
        ([True, False], "boolean", "true/false"),
        ([None, "", "n/a"], "text", ""),
    ],
)
def test_a_type_is_proposed_where_values_are_written_one_way(values, kind, form) -> None:
    found = infer(values)
    assert (found.kind, found.form) == (kind, form)


def test_dirty_values_are_counted_and_shown() -> None:
    found = infer([*map(str, range(19)), "twelve", "n/a"])
    assert found.kind == "integer"
    assert found.dirty == pytest.approx(1 / 20)
    assert found.missing == pytest.approx(1 / 21)
    assert found.examples == ("twelve",)
    assert infer([*map(str, range(8)), "a", "b"]).kind == "text"


def test_whole_numbers_compare_however_they_are_written() -> None:
    assert comparable("5", infer(["5"])) == comparable(5.0, infer([5.0, 1.5])) == "5"
    assert comparable("1.860", infer(["1.860", "1.234.567"])) == "1860"


@settings(max_examples=50)
@given(st.lists(st.integers(-(10**12), 10**12), min_size=1))
def test_integers_are_read_back(numbers: list[int]) -> None:
    found = infer(map(str, numbers))
    assert found.kind == "integer" and found.dirty == 0
    assert [read(str(each), found) for each in numbers] == numbers


@settings(max_examples=50)
@given(st.lists(st.integers(10**6, 10**12), min_size=1))
def test_grouped_integers_are_read_back(numbers: list[int]) -> None:
    found = infer(map(_grouped, numbers))
    assert [read(_grouped(each), found) for each in numbers] == numbers


@settings(max_examples=50)
@given(st.lists(st.decimals(-1000, 1000, places=2), min_size=1))
def test_decimals_are_read_back_with_either_mark(numbers: list[Decimal]) -> None:
    for mark in ".,":
        texts = [str(each).replace(".", mark) for each in numbers]
        found = infer(texts)
        assert found.kind == "decimal"
        assert [read(each, found) for each in texts] == numbers


@settings(max_examples=50)
@given(st.dates(date(1000, 1, 1)), st.integers(0, 86_399))
def test_dates_and_times_are_read_back(day: date, second: int) -> None:
    moment = datetime(day.year, day.month, day.day) + timedelta(seconds=second)
    assert read(day.isoformat(), infer([day.isoformat()])) == day
    assert read(moment.isoformat(" "), infer([moment.isoformat(" ")])) == moment


@settings(max_examples=50)
@given(st.lists(st.text(), min_size=2, max_size=3), st.lists(st.text(), min_size=2, max_size=3))
def test_different_keys_never_give_one_text(left: list[str], right: list[str]) -> None:
    same = [normalised(each) for each in left] == [normalised(each) for each in right]
    assert (row_key(left) == row_key(right)) == same
