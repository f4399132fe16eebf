import zipfile

import extract_samples as make
import pytest

from motet.core.errors import ExtractionError
from motet.knowledge.extract import extract


def kinds(found):
    return [(block.kind, found.text[block.start : block.end]) for block in found.blocks]


def test_word():
    body = make.paragraph("Warranty", "H1") + make.paragraph("Two years.")
    body += make.word_table([["part", "years"], ["hinge", "2"]])
    found = extract(make.docx(body), "t.docx")
    assert kinds(found) == [
        ("heading", "Warranty"),
        ("paragraph", "Two years."),
        ("table", "part | years\nhinge | 2"),
    ]
    assert found.title == "Warranty" and found.tables[0].columns == ("part", "years")


def test_word_leaves_deleted_text_out_and_numbers_lists():
    item = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    body = f"<w:p>{item}<w:r><w:t>kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r>"
    found = extract(make.docx(f"{body}</w:del></w:p>"), "t.docx")
    assert kinds(found) == [("list", "• kept")]


def test_powerpoint_slides_are_regions():
    found = extract(make.pptx([("Plan", ["one", "two"]), ("End", ["done"])]), "t.pptx")
    assert [(region.number, region.name) for region in found.regions] == [(1, "Plan"), (2, "End")]
    second = found.regions[1]
    assert found.text[second.start : second.end] == "End\n\ndone"


def test_excel_shows_values_as_formatted():
    formats = "".join(f'<xf numFmtId="{n}"/>' for n in (0, 14, 10, 170))
    rows = [
        make.sheet_row(1, "what", "value"),
        make.sheet_row(2, "day", 45000, style=1),
        make.sheet_row(3, "share", 0.125, style=2),
        make.sheet_row(4, "price", 1234.5, style=3),
        make.sheet_row(5, "plain", 0.1),
    ]
    found = extract(make.xlsx({"Values": rows}, formats), "t.xlsx")
    assert found.text.split("\n") == [
        "what | value",
        "day | 2023-03-15",
        "share | 12.50%",
        "price | 1,234.50 EUR",
        "plain | 0.1",
    ]
    assert found.regions[0].name == "Values" and found.tables[0].name == "Values"
    assert all(block.kind == "row" for block in found.blocks)


def test_excel_tables_are_told_apart_and_titled():
    rows = [
        make.sheet_row(1, "Suppliers 2024"),
        make.sheet_row(2, "name", "city"),
        make.sheet_row(3, "Ana", "Porto"),
        make.sheet_row(6, "part", "pieces"),
        make.sheet_row(7, "hinge", 4),
    ]
    found = extract(make.xlsx({"S": rows}), "t.xlsx")
    assert [(table.name, table.columns) for table in found.tables] == [
        ("Suppliers 2024", ("name", "city")),
        ("S", ("part", "pieces")),
    ]


def test_opendocument():
    body = '<text:h text:outline-level="2">Teile</text:h><text:p>zwei<text:s/>Jahre</text:p>'
    found = extract(make.odt(body), "t.odt")
    assert kinds(found) == [("heading", "Teile"), ("paragraph", "zwei Jahre")]


def test_rich_text():
    assert extract(rb"{\rtf1\ansi Two years.\par}", "t.rtf").text == "Two years."


def test_content_wins_over_the_suffix():
    assert extract(make.docx(make.paragraph("hello")), "t.pdf").text == "hello"


def test_reasons():
    bomb = make.zipped({"word/document.xml": bytes(80 << 20)})
    entity = '<!DOCTYPE d [<!ENTITY a "b">]><w:document/>'
    cases = {
        "empty file": b"",
        "not a ZIP container": b"PK\x03\x04word/ and then nothing",
        "refused as a bomb": bomb,
        "XML entities": make.docx("", **{"word/document.xml": entity}),
        "is damaged": make.docx("", **{"word/document.xml": "<w:document"}),
        "lacks its part": make.zipped({"word/other.xml": "<a/>"}),
        "needs a password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "holds no text": make.docx(""),
    }
    for reason, data in cases.items():
        with pytest.raises(ExtractionError, match=reason):
            extract(data, "t.docx")


def test_a_container_with_too_many_members_is_refused(tmp_path):
    path = tmp_path / "many.docx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(50_001):
            archive.writestr(f"word/{number}", b"")
    with pytest.raises(ExtractionError, match="50,000 files"):
        extract(path.read_bytes(), "many.docx")
