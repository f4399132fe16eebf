"""What holds for every format: ranges, coverage, cells, pickling, determinism."""

import pickle

import extract_samples as make
import pytest

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract import extract

TWO_COLUMNS = [
    (72, 700, 18, "Hinges and other small parts"),
    *[(72, 660 - 14 * n, 10, f"left column line number {n} says") for n in range(8)],
    *[(330, 660 - 14 * n, 10, f"right column line number {n} says") for n in range(8)],
]
DOCUMENTS: dict[str, bytes] = {
    "a.txt": b"one\r\n\r\n- two\r\n- three\r\n",
    "b.md": b"---\ntitle: T\n---\n# A\n\ntext\n\n| a | b |\n|---|---|\n| 1 | x\\|y |\n\n- i\n- j\n",
    "c.csv": b'name;note\r\n"a ""q""";"b\r\nc"\r\n d ;\r\n',
    "d.json": b'{"a": [1, 2]}\n',
    "e.jsonl": b'{"a": 1}\n{"a": 2}\n',
    "f.pdf": make.pdf(TWO_COLUMNS, [(72, 700, 10, "second page")]),
    "g.docx": make.docx(
        make.paragraph("Warranty", "H1")
        + make.paragraph("Two years. 保修期为两年。")
        + make.word_table([["part", "years"], ["hinge", "2"]])
    ),
    "h.pptx": make.pptx([("Plan", ["one", "two"]), ("계획", ["셋"])]),
    "i.xlsx": make.xlsx(
        {"Parts": [make.sheet_row(1, "part", "price"), make.sheet_row(2, "hinge", 2.5)]},
        '<xf numFmtId="0"/>',
    ),
    "j.odt": make.odt('<text:h text:outline-level="1">Titel</text:h><text:p>Absatz</text:p>'),
    "k.epub": make.epub(["<h1>One</h1><p>It begins.</p>", "<h1>Two</h1><p>It ends.</p>"]),
    "l.eml": make.mail("Bonjour.\n\nMerci.\n", {"x.csv": b"a,b\n1,2\n"}),
    "m.html": b"<title>P</title><h1>H</h1><p>a<br>b</p><table><tr><th>k<th>v<tr><td>1<td>2</table>",
    "n.rtf": rb"{\rtf1\ansi Hello from \b rich\b0  text.\par}",
}


@pytest.fixture(params=sorted(DOCUMENTS))
def found(request: pytest.FixtureRequest) -> Extracted:
    return extract(DOCUMENTS[request.param], request.param)


def test_blocks_are_ordered_and_cover_all_text(found):
    last = 0
    for block in found.blocks:
        assert last <= block.start < block.end <= len(found.text)
        assert not found.text[last : block.start].strip()
        last = block.end
    assert not found.text[last:].strip()


def test_cells_and_words_stand_where_they_say(found):
    for table in found.tables:
        assert len(set(table.columns)) == len(table.columns)
        assert len(table.row_ranges) == len(table.rows)
        for row, (start, end) in zip(table.rows, table.row_ranges, strict=True):
            assert len(row) == len(table.columns)
            for cell in filter(None, row):
                assert start <= cell.start <= cell.end <= end
                assert found.text[cell.start : cell.end].replace('""', '"') == cell.value
    for word in found.words:
        shown = found.text[word.start : word.end]
        assert shown and not any(char.isspace() for char in shown)
        assert word.x0 < word.x1 and word.y0 < word.y1


def test_regions_are_in_bounds_and_in_order(found):
    last = 0
    for number, region in enumerate(found.regions, start=1):
        assert region.number == number
        assert last <= region.start <= region.end <= len(found.text)
        last = region.end


def test_results_pickle_and_repeat():
    for name, data in DOCUMENTS.items():
        first = extract(data, name)
        assert pickle.loads(pickle.dumps(first)) == first == extract(data, name)


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_damage_gives_text_or_a_reason(name):
    whole = DOCUMENTS[name]
    for step in range(1, 20):
        cut = len(whole) * step // 20
        for data in (whole[:cut], whole[: cut - 8] + b"\xff\x00garbage" + whole[cut:], whole[cut:]):
            try:
                assert extract(data, name).text.strip()
            except ExtractionError as error:
                assert str(error) and "\n" not in str(error)
