from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.graph import Entity
from motet.knowledge.entities.forms import Declared
from motet.knowledge.entities.gazetteer import Gazetteer

SUPPLIER = Entity("supplier", "s-04")
HINGE = Entity("part", "hg-110")
STOOL = Entity("product", "ms-65")
NAMES = [
    Declared(SUPPLIER, "S-04", "key"),
    Declared(SUPPLIER, "Alpscharnier AG", "name"),
    Declared(Entity("supplier", "s-11"), "Sugiura Hinge Works Co., Ltd.", "name"),
    Declared(HINGE, "HG-110", "key"),
    Declared(HINGE, "Soft-close hinge", "name"),
    Declared(STOOL, "Moss", "name"),
    Declared(Entity("product", "bk-180"), "비르카", "name"),
    Declared(Entity("product", "ln-80"), "林登", "name"),
    Declared(Entity("product", "tr-150"), "タルン", "name"),
    Declared(Entity("order", "1994"), "1994", "key"),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("HG-110, hg-110 and HG 110.", ["HG-110", "hg-110", "HG 110"]),
        ("HG-110-2, XHG-110 or LHG-110", []),
        ("two soft-close hinges", ["soft-close hinges"]),
        ("Soft close\nhinge", ["Soft close\nhinge"]),
        ("Soft-close.\n\nHinge", []),
        ("moss grows on the Moss", ["Moss"]),
        ("Alpscharnier's lot; Alpscharnier AG", ["Alpscharnier", "Alpscharnier AG"]),
        ("Sugiura Hinge Works Co. Ltd. and Sugiura", ["Sugiura Hinge Works Co. Ltd", "Sugiura"]),
        ("비르카를 샀다, 대비르카", ["비르카"]),
        ("受影响的林登吊柜", ["林登"]),
        ("タルンを", ["タルン"]),
        ("タルンター", []),
        ("since 1994", []),
    ],
)
def test_names_are_found_as_they_are_written(text: str, found: list[str]) -> None:
    assert [text[hit.start : hit.end] for hit in Gazetteer(NAMES).find(text)] == found


def test_a_row_that_has_a_name_goes_before_one_that_refers_to_it() -> None:
    key = Declared(Entity("product", "ab-1"), "AB-1", "key")
    reference = Declared(Entity("model", "ab-1"), "AB-1", "reference")
    (hit,) = Gazetteer([reference, key]).find("AB-1")
    assert hit.entities == (key.entity,)


def test_a_name_of_two_is_of_both_and_a_short_name_of_two_of_neither() -> None:
    pair = [Declared(Entity("person", each), "Ana Lopez", "name") for each in ("7", "8")]
    firms = [
        Declared(Entity("supplier", each), f"Kramme {each} GmbH", "name")
        for each in ("Fronten", "Holz")
    ]
    (hit,) = Gazetteer([*pair, *firms]).find("Ana Lopez of Kramme")
    assert [each.key for each in hit.entities] == ["7", "8"]


def test_a_cell_is_what_its_column_says() -> None:
    names = Gazetteer(
        [Declared(Entity(label, "oslo"), "Oslo", "name") for label in ("place", "product")]
    )
    assert names.whole("oslo", "product") == (Entity("product", "oslo"), 0)
    assert names.whole("Oslo") is None
    assert names.whole("Oslo 2", "place") is None


_WORDS = st.lists(
    st.sampled_from(["Oak", "oak", "Table", "HW-20", "HW", "20", "林登", "林", "비르", "AG", "of"]),
    min_size=1,
    max_size=4,
).map(" ".join)


@given(
    st.lists(_WORDS, max_size=8), st.lists(_WORDS, max_size=8), _WORDS, st.sampled_from([" ", ""])
)
@settings(max_examples=50, deadline=None)
def test_what_was_added_and_taken_away_leaves_no_trace(
    kept: list[str], gone: list[str], text: str, between: str
) -> None:
    def declared(names: list[str]) -> list[Declared]:
        return [Declared(Entity("thing", name), name, "name") for name in names]

    names = Gazetteer(declared([*gone, *kept]))
    for each in reversed(declared(gone)):
        names.remove(each)
    text = between.join((text, *kept, *gone))
    assert names.find(text) == Gazetteer(declared(sorted(kept))).find(text)
