import extract_samples as make
import pytest

from motet.core.errors import ExtractionError
from motet.knowledge.extract import extract

PROSE = "The drawer is made of solid oak and carries up to thirty kilograms when mounted. " * 4
PAGE = f"""<!doctype html><html><head><title>Drawer</title><script>alert("never")</script></head>
<body><nav><a href="/">Home</a> <a href="/shop">Shop</a></nav><main><h1>Oak drawer</h1>
<p>{PROSE}</p><h2>Data</h2><table><tr><th>size</th><th>price</th></tr>
<tr><td>40 cm</td><td>89 €</td></tr></table><ul><li>soft close</li><li>oiled</li></ul>
<p>{PROSE}</p></main><footer>© 2024 Shop</footer></body></html>"""


def test_a_page_keeps_its_structure_and_loses_its_frame():
    found = extract(PAGE.encode(), "t.html")
    shown = [(block.kind, found.text[block.start : block.end]) for block in found.blocks]
    assert ("heading", "Oak drawer") in shown and ("list", "• soft close") in shown
    assert found.title == "Drawer" and found.tables[0].columns == ("size", "price")
    assert found.tables[0].name == "Data"
    for gone in ("Home", "never", "© 2024"):
        assert gone not in found.text


def test_a_page_that_is_all_frame_is_not_empty():
    found = extract(b"<html><body><nav><a>Only</a> this</nav></body></html>", "t.html")
    assert found.text == "Only this"


@pytest.mark.parametrize("charset", ["gb2312", "euc-kr", "shift_jis", "windows-1251"])
def test_the_declared_charset_is_used(charset):
    text = {"gb2312": "两年", "euc-kr": "두 해", "shift_jis": "二年です", "windows-1251": "два"}[
        charset
    ]
    data = f'<html><meta charset="{charset}"><p>{text}</p>'.encode(charset)
    assert extract(data, "t.html").text == text


def test_a_page_without_text_says_so():
    with pytest.raises(ExtractionError, match="no text"):
        extract(b"<html><body><script>x()</script></body></html>", "t.html")


def test_books_have_chapters():
    found = extract(make.epub(["<h1>One</h1><p>It begins.</p>", "<p>It ends.</p>"]), "t.epub")
    assert found.title == "The Book"
    assert [(region.kind, region.name) for region in found.regions] == [
        ("section", "One"),
        ("section", None),
    ]


def test_mail_headers_body_and_attachments():
    picture = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    data = make.mail("Two weeks.\n\nRegards", {"p.csv": b"part,n\nhinge,2\n", "x.png": picture})
    found = extract(data, "t.eml")
    assert found.text.startswith("From: Ana <ana@example.org>\nTo: bo@example.org")
    assert found.title == "Délai de livraison" and "Two weeks.\n\nRegards" in found.text
    assert [region.name for region in found.regions] == ["message", "p.csv"]
    cell = found.tables[0].rows[0][0]
    assert cell is not None and found.text[cell.start : cell.end] == "hinge"
    assert "x.png was not read" in found.notes[0]


def test_mails_in_mails_end():
    data = b"innermost"
    for depth in range(8):
        data = make.mail(f"level {depth}", {"inner.eml": data})
    assert "nested too deeply" in " ".join(extract(data, "t.eml").notes)
