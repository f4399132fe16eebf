"""What routing may learn of evaluations."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from motet.core.errors import StoreError
from motet.learning.quality import FILE, Row, add, averaged, read

ROW = Row("openai/gpt-5-mini", "code", "abc", "f1", None, 10, 0.5, 1.0)


def test_rows_are_kept_and_replaced_by_later_ones(tmp_path):
    add(tmp_path / "home", [ROW, replace(ROW, domain="food")])
    add(tmp_path / "home", [replace(ROW, model="other/model"), replace(ROW, within="kitchen")])
    assert len(read(tmp_path / "home")) == 4
    add(tmp_path / "home", [replace(ROW, score=0.9, at=2.0)])
    rows = read(tmp_path / "home")
    assert len(rows) == 3  # the row of food was of the same evaluation
    assert rows[-1].score == 0.9


def test_the_file_is_as_documented(tmp_path):
    place = add(tmp_path, [ROW])
    assert place == tmp_path / FILE
    assert json.loads(place.read_text()) == {
        "schema_version": 1,
        "scores": [
            {
                "model": "openai/gpt-5-mini",
                "domain": "code",
                "set": "abc",
                "scorer": "f1",
                "within": None,
                "count": 10,
                "score": 0.5,
                "at": 1.0,
            }
        ],
    }


def test_averages_weigh_by_questions():
    rows = [ROW, replace(ROW, domain="food", count=30, score=1.0)]
    assert averaged(rows, ROW.model) == (40, 0.875)
    assert averaged(rows, ROW.model, "code") == (10, 0.5)
    assert averaged(rows, "nobody") is None


@pytest.mark.parametrize("text", ["{", "[]", '{"scores": [{"model": 1}]}', '{"scores": 3}'])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(StoreError, match=r"quality\.json"):
        read(tmp_path)


def test_nothing_was_evaluated_yet(tmp_path):
    assert read(tmp_path) == []
