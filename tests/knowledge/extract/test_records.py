"""JSON, JSON Lines and Parquet as tables whose cells stand at their place in the file."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract import extract
from motet.knowledge.extract.jsonscan import Array, Node, Object, Scalar, scan

ORDERS = {
    "made": "2025-04-01",
    "orders": [
        {
            "id": "A1",
            "customer": {"name": 'Ana "the oak"', "city": "Linz"},
            "lines": [{"sku": "p1", "qty": 2}, {"sku": "p2", "qty": 1}],
            "tags": ["a", "b"],
        },
        {"id": "A2", "customer": {"name": "Bo"}, "lines": [{"sku": "p1", "qty": 5}], "paid": True},
    ],
}


def values(document: Extracted, number: int) -> list[list[str | None]]:
    table = document.tables[number]
    return [[cell.value if cell else None for cell in row] for row in table.rows]


def test_lists_of_objects_are_tables_and_lists_inside_them_too() -> None:
    found = extract(json.dumps(ORDERS, indent=1).encode(), "shop.json")
    orders, lines = found.tables
    assert (orders.name, lines.name) == ("orders", "orders.lines")
    assert orders.columns == ("id", "customer.name", "customer.city", "tags", "paid")
    assert values(found, 0)[1] == ["A2", "Bo", None, None, "true"]
    assert lines.columns == ("orders.id", "sku", "qty")
    assert values(found, 1) == [["A1", "p1", "2"], ["A1", "p2", "1"], ["A2", "p1", "5"]]
    city = orders.rows[0][2]
    assert city is not None and found.text[city.start : city.end] == "Linz"
    start, end = lines.row_ranges[2]
    assert json.loads(found.text[start:end]) == {"sku": "p1", "qty": 5}


def test_broken_lines_are_left_out_and_named() -> None:
    found = extract(b'{"a": 1}\nnot json\n[2]\n{"a": 3, "b": null}\n', "log.jsonl")
    assert values(found, 0) == [["1"], ["3"]]
    assert found.notes == ("2 lines are no JSON objects, such as line 2, 3",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[{"a": 1},', "the document ends early in line 1"),
        ('{"a":\n1 "b": 2}', "a comma is missing in line 2"),
        ("[" * 5000, "nested more than 100 levels deep in line 1"),
        ('{"a": "x', "a text does not end in line 1"),
        ("{1: 2}", "a key is missing in line 1"),
    ],
)
def test_what_is_no_json_is_read_as_text(text: str, reason: str) -> None:
    found = extract(text.encode(), "broken.json")
    assert found.text == text and not found.tables
    assert found.notes == (f"no valid JSON, so read as text: {reason}",)


def test_settings_without_lists_of_objects_stay_text() -> None:
    assert not extract(b'{"name": "x", "files": ["a", "b"]}', "package.json").tables


def _plain(node: Node) -> object:
    if isinstance(node, Object):
        return {key: _plain(each) for key, each in node.members.items()}
    return [_plain(each) for each in node.items] if isinstance(node, Array) else node.value


def _texts(value: object) -> object:
    if isinstance(value, dict):
        return {key: _texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_texts(each) for each in value]
    return value if isinstance(value, str | None) else json.dumps(value)


@settings(max_examples=50)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    ),
    st.sampled_from([None, 2]),
)
def test_every_document_is_read_as_json_reads_it(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    node = scan(text)
    assert _plain(node) == _texts(value)
    if isinstance(node, Scalar) and isinstance(value, str):
        assert json.loads(f'"{text[node.start : node.end]}"') == value


def parquet(columns: dict[str, list[object]]) -> bytes:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    sink = io.BytesIO()
    write_table(pa.table(columns), sink)
    return sink.getvalue()


def test_parquet_rows_are_lines_of_text() -> None:
    data = parquet(
        {
            "id": [1, 2],
            "day": [date(2024, 1, 2), None],
            "price": [Decimal("1.50"), Decimal("2.00")],
            "tags": [["a"], []],
        }
    )
    found = extract(data, "prices.parquet")
    assert values(found, 0) == [["1", "2024-01-02", "1.50", '["a"]'], ["2", "", "2.00", "[]"]]
    assert found.text.splitlines()[2] == "2 |  | 2.00 | []"


@pytest.mark.parametrize("cut", [4, 40, -30])
def test_truncated_parquet_is_refused(cut: int) -> None:
    with pytest.raises(ExtractionError, match="the Parquet file is damaged"):
        extract(parquet({"id": [1, 2]})[:cut], "cut.parquet")
