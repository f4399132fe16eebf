import time

import pytest

from motet.core.errors import ExtractionError
from motet.knowledge.extract import extract


def values(data: bytes, name: str = "t.csv"):
    table = extract(data, name).tables[0]
    return table.columns, [[cell and cell.value for cell in row] for row in table.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_separator(delimiter):
    data = "\n".join(delimiter.join(row) for row in (["id", "name"], ["1", "a b"], ["2", "c d"]))
    assert values(data.encode()) == (("id", "name"), [["1", "a b"], ["2", "c d"]])


def test_text_is_the_decoded_file_itself():
    data = b"\xef\xbb\xbfname,city\r\nAna,K\xc3\xb6ln\r\n"
    found = extract(data, "t.csv")
    assert found.text == data.decode("utf-8") and found.text[0] == "\ufeff"
    cell = found.tables[0].rows[0][1]
    assert cell is not None and found.text[cell.start : cell.end] == "Köln"
    assert found.tables[0].columns == ("name", "city")


def test_quoted_cells_point_inside_their_quotes():
    found = extract(b'a,b\n"x ""y"", z","two\nlines"\n', "t.csv")
    first, second = found.tables[0].rows[0]
    assert (
        first and first.value == 'x "y", z' and found.text[first.start : first.end] == 'x ""y"", z'
    )
    assert second and second.value == found.text[second.start : second.end] == "two\nlines"


def test_decimal_commas_do_not_win_over_semicolons():
    assert values(b"part;eur;kg\nhinge;2,50;0,1\nscrew;0,10;0,01\n")[1][0] == [
        "hinge",
        "2,50",
        "0,1",
    ]


def test_tolerates_ragged_rows_and_repeated_names():
    columns, rows = values(b"a,b,a\n1,2\n3,4,5,6\n7,8,9\n1,2,3\n")
    assert columns == ("a", "b", "a (2)", "column 4")
    assert rows[0] == ["1", "2", None, None] and rows[1] == ["3", "4", "5", "6"]


def test_without_a_header_columns_are_numbered():
    assert values(b"1,2.5\n2,3.5\n")[0] == ("column 1", "column 2")


def test_an_unclosed_quote_keeps_the_rest_of_the_file():
    found = extract(b'a,b\n"oops,1\nx,2\n', "t.csv")
    assert "oops" in found.text[found.blocks[1].start : found.blocks[1].end]
    assert len(found.blocks) == 3


def test_a_hundred_thousand_rows_take_seconds():
    data = "id,name,note\n" + "".join(f'{n},part {n},"a, b"\n' for n in range(100_000))
    start = time.perf_counter()
    found = extract(data.encode(), "t.csv")
    assert len(found.tables[0].rows) == 100_000
    assert time.perf_counter() - start < 30


def test_white_space_alone_is_refused():
    with pytest.raises(ExtractionError, match="white space"):
        extract(b" \n\n", "t.csv")


def test_a_million_columns_are_refused_at_once():
    with pytest.raises(ExtractionError, match="its first line has 1,000,000 columns"):
        extract(b"x," * 999_999 + b"x\n1\n", "t.csv")
