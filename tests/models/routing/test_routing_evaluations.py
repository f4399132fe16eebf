"""What routing may learn of evaluations, kept in a file."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from motet.core.errors import StoreError
from motet.models.routing.evaluations import FILE, Row, Score, add, read, scores
from motet.models.routing.router import Router

ROW = Row("openai/gpt-5-mini", "code", [0.5, 1.0], "abc", "f1", None, 1.0)


def test_rows_are_kept_and_replaced_by_later_ones(tmp_path):
    add(tmp_path / "home", [ROW, replace(ROW, domain="food")])
    add(tmp_path / "home", [replace(ROW, model="other/model"), replace(ROW, within="kitchen")])
    assert len(read(tmp_path / "home")) == 4
    add(tmp_path / "home", [replace(ROW, scores=[0.9], at=2.0)])
    rows = read(tmp_path / "home")
    assert len(rows) == 3  # the row of food was of the same evaluation
    assert rows[-1].scores == [0.9]


def test_the_file_is_as_documented(tmp_path):
    place = add(tmp_path, [ROW])
    assert place == tmp_path / FILE
    assert json.loads(place.read_text()) == {
        "schema_version": 1,
        "evaluated": [
            {
                "model": "openai/gpt-5-mini",
                "domain": "code",
                "scores": [0.5, 1.0],
                "set": "abc",
                "scorer": "f1",
                "within": None,
                "at": 1.0,
            }
        ],
    }


def test_models_may_go_by_other_names():
    assert list(scores([ROW])) == [Score(ROW.model, "code", 0.5), Score(ROW.model, "code", 1.0)]
    named = scores([ROW, replace(ROW, model="x/y")], {ROW.model: ["fast", "mini"]})
    assert {each.model for each in named} == {"fast", "mini"}


def test_a_router_learns_from_it(tmp_path):
    add(tmp_path, [replace(ROW, scores=[1.0] * 30), replace(ROW, model="b/c", scores=[0.0] * 30)])
    router = Router(records=scores(read(tmp_path)))
    good, bad = (router.quality.belief(name, "code") for name in (ROW.model, "b/c"))
    assert good.here == 30
    assert good.mean > 0.7 > 0.3 > bad.mean


@pytest.mark.parametrize("text", ["{", "[]", '{"evaluated": [{"model": 1}]}', '{"evaluated": 3}'])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(StoreError, match=r"quality\.json"):
        read(tmp_path)


def test_nothing_was_evaluated_yet(tmp_path):
    assert read(tmp_path) == []
