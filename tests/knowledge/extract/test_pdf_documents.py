import struct
import zlib

import extract_samples as make
import pytest

from motet.core.errors import ExtractionError
from motet.knowledge.extract import extract
from motet.knowledge.extract.render import render_page


def blocks(found):
    return [found.text[block.start : block.end] for block in found.blocks]


def column(x, words, top=660):
    return [(x, top - 13 * n, 10, line) for n, line in enumerate(words)]


LEFT = [
    "The left column begins here with",
    "some prose that goes on and on",
    "until it ends at last",
]
RIGHT = [
    "The right column starts later and",
    "also has a few lines of prose",
    "before the page is done",
]


def test_columns_are_read_one_after_the_other():
    page = [(72, 720, 18, "A title above both"), *column(72, LEFT), *column(330, RIGHT)]
    found = extract(make.pdf(page), "t.pdf")
    assert blocks(found) == ["A title above both", " ".join(LEFT), " ".join(RIGHT)]
    assert found.blocks[0].kind == "heading" and found.title == "A title above both"


def test_broken_words_are_joined_and_compounds_kept():
    lines = ["A well-known rule says that exam-", "ples help, and a well-", "known one is this."]
    found = extract(make.pdf(column(72, lines)), "t.pdf")
    assert blocks(found) == [
        "A well-known rule says that examples help, and a well-known one is this."
    ]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_word_boxes_have_their_origin_at_the_top_left_of_the_shown_page(rotate):
    found = extract(make.pdf([(72, 700, 12, "hinge")], rotate=rotate), "t.pdf")
    word = found.words[0]
    x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
    near_left, near_top = x < 306, y < 396
    assert found.text == "hinge" and word.page == 1
    assert (near_left, near_top) == {
        0: (True, True),
        90: (False, True),
        180: (False, False),
        270: (True, False),
    }[rotate]


def test_pages_are_regions_and_bare_pages_are_noted():
    found = extract(make.pdf([(72, 700, 12, "one")], [], [(72, 700, 12, "three")]), "t.pdf")
    assert [found.text[region.start : region.end] for region in found.regions] == [
        "one",
        "",
        "three",
    ]
    assert found.notes == ("1 of 3 pages have no text layer: 2",)


def test_tables_have_cells():
    rows = [["part", "weight", "price"], ["hinge", "10 g", "2.50"], ["screw", "1 g", "0.10"]]
    rows += [["board", "900 g", "12.00"], ["handle", "80 g", "4.20"]]
    page = [
        (72 + 150 * at, 700 - 20 * line, 10, cell)
        for line, row in enumerate(rows)
        for at, cell in enumerate(row)
    ]
    found = extract(make.pdf(page), "t.pdf")
    assert len(found.tables) == 1 and found.tables[0].page == 1
    assert found.tables[0].columns == ("part", "weight", "price")
    assert [[cell and cell.value for cell in row] for row in found.tables[0].rows] == rows[1:]


TOOLS = [["Tool", "Size", "Steps"], ["Mallet", "300 g", "1, 4"], ["Level", "60 cm", "7"]]
TOOLS += [["Drill", "8 mm", "8"], ["Key", "4 mm", "2"]]


def tools(top):
    return [
        (x, top - 17 * line, 10, cell)
        for line, row in enumerate(TOOLS)
        for x, cell in zip((72, 270, 390), row, strict=True)
    ]


def rules(top, rows, edges=(66, 264, 384, 546)):
    height, width = 17 * rows, edges[-1] - edges[0]
    across = [(edges[0], top - 17 * row, width, 0.8) for row in range(rows + 1)]
    return across + [(x, top - height, 0.8, height) for x in edges]


def test_a_boxed_warning_above_a_table_is_no_row_of_it():
    warning = [
        "A cabinet that is not fixed to the wall can tip over and kill a child. Use both brackets",
        "(N) before you put anything inside.",
        "Read the whole guide once before you open the bags. Lay the panels on the carton so that",
        "their edges are not scratched, and compare the contents with the table on the third page.",
    ]
    page = [*column(72, warning[:2], 660), *column(72, warning[2:], 630), *tools(590)]
    frames = [(66, 643, 480, 30), *rules(602, len(TOOLS))]
    found = extract(make.pdf(page, frames=frames), "t.pdf")
    assert blocks(found)[:2] == [" ".join(warning[:2]), " ".join(warning[2:])]
    assert [table.columns for table in found.tables] == [tuple(TOOLS[0])]
    assert len(found.tables[0].rows) == len(TOOLS) - 1


def test_bulleted_columns_above_a_table_are_read_one_after_the_other():
    left = ["\u2022 Work with two people. The carcass must", "be turned over in the fourth step."]
    left += ["\u2022 Keep bags and small parts away from", "children under three years of age."]
    right = ["\u2022 Measure both diagonals before you fix", "the back panel with two screws."]
    right += ["\u2022 Press the hinges into the holes of the", "door."]
    page = [*column(72, left), *column(320, right), *tools(580)]
    found = extract(make.pdf(page, frames=rules(592, len(TOOLS))), "t.pdf")
    items = [" ".join(side[at : at + 2]) for side in (left, right) for at in (0, 2)]
    assert blocks(found)[:4] == items
    assert [table.columns for table in found.tables] == [tuple(TOOLS[0])]


def test_no_text_layer_is_said():
    with pytest.raises(ExtractionError, match="no text layer on any of 2 pages"):
        extract(make.pdf([], []), "t.pdf")


@pytest.mark.parametrize("data", [b"%PDF-1.4\nnothing", b"%PDF-1.7\n" + bytes(2000)])
def test_damaged_files_are_refused(data):
    with pytest.raises(ExtractionError, match="damaged"):
        extract(data, "t.pdf")


def test_a_cut_off_file_is_salvaged():
    whole = make.pdf([(72, 700, 12, "still here")])
    assert extract(whole[: whole.index(b"xref")], "t.pdf").text == "still here"


def test_pages_render_as_png():
    image = render_page(make.pdf([(72, 700, 40, "hinge")]), 1, 306)
    width, height = struct.unpack(">II", image[16:24])
    assert image.startswith(b"\x89PNG") and (width, height) == (306, 396)
    start = image.index(b"IDAT") + 4
    size = struct.unpack(">I", image[start - 8 : start - 4])[0]
    pixels = zlib.decompress(image[start : start + size])
    assert 0 in pixels and 255 in pixels


@pytest.mark.parametrize(("page", "width"), [(2, 100), (0, 100), (1, 0), (1, 100_000)])
def test_pages_that_cannot_be_rendered(page, width):
    with pytest.raises(ExtractionError):
        render_page(make.pdf([(72, 700, 12, "x")]), page, width)
