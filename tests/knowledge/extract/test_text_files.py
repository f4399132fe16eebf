import pytest

from motet.core.errors import ExtractionError
from motet.knowledge.extract import extract, media_type

TEXTS = {
    "gb18030": "这份合同由供应商签订,有效期为两年。所有零件必须在交货之前经过检验,不合格的退回。",
    "big5": "這份合約由供應商簽訂,有效期為兩年。所有零件必須在交貨之前經過檢驗,不合格的退回。",
    "shift_jis": "この契約書は部品の供給について定めるものです。納期までに検査を行います。",
    "euc_jp": "この契約書は部品の供給について定めるものです。納期までに検査を行います。",
    "euc_kr": "이 계약서는 부품 공급에 관한 것입니다. 납품 전에 모든 부품을 검사합니다.",
    "cp1252": "Der Vertrag läuft zwei Jahre. Mängel müssen sofort gemeldet werden – sonst nicht.",
    "cp1251": "Договор действует два года. Все детали должны быть проверены до поставки заказчику.",
    "utf-16": "Plain text with a mark, 两年.",
    "utf-32": "Plain text with a mark, 两年.",
    "utf-8": "Größe, 两年, 두 해, سنتان",
}


@pytest.mark.parametrize("encoding", sorted(TEXTS))
def test_decodes(encoding):
    assert (
        extract(TEXTS[encoding].encode(encoding), "t.txt").text.lstrip("\ufeff") == TEXTS[encoding]
    )


def test_line_ends_and_the_byte_order_mark_stay():
    assert extract(b"\xef\xbb\xbfa\r\nb\rc\n", "t.txt").text == "\ufeffa\r\nb\rc\n"


def test_a_few_damaged_bytes_do_not_change_the_encoding():
    found = extract(("größer " * 50).encode() + b"\xff end", "t.txt")
    assert found.text.startswith("größer") and "\ufffd" in found.text
    assert "1 damaged" in found.notes[0]


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(range(256)) * 9])
def test_binary_data_is_refused(data):
    with pytest.raises(ExtractionError):
        extract(data, "t.txt")


def test_markdown_structure():
    text = "Title\n=====\n\nIntro\nline\n\n## Parts ##\n\n| part | n |\n|:--|--:|\n| hinge | 2 |\n"
    text += "\n```py\n# no heading\n```\n\n1. one\n2. two\n\nend\n\n    code\n"
    found = extract(text.encode(), "t.md")
    assert [(block.kind, block.level) for block in found.blocks] == [
        ("heading", 1),
        ("paragraph", 0),
        ("heading", 2),
        ("table", 0),
        ("code", 0),
        ("list", 0),
        ("paragraph", 0),
        ("code", 0),
    ]
    assert found.title == "Title" and found.text == text
    table = found.tables[0]
    assert table.name == "Parts" and table.columns == ("part", "n")


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.txt", b"%PDF-1.4\n", "application/pdf"),
        ("a.pdf", b"hello", "application/pdf"),
        ("a.doc", b"<html><body>x", "text/html"),
        ("a.doc", b"{\\rtf1 x}", "application/rtf"),
        ("README", b"plain words", "text/plain"),
        ("a.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", None),
        ("a.md", b"<html>", "text/markdown"),
        ("a.zip", b"PK\x03\x04" + bytes(20), None),
    ],
)
def test_media_type(name, head, expected):
    assert media_type(name, head) == expected
