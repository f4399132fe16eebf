"""Forms with files, read and written."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.models.dialects.dialect import BadRequest
from motet.models.modalities.form_fields import Form
from motet.models.modalities.multipart import Field, read_form, written_form

letters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='\\%"')
fields = st.builds(
    Field,
    st.text(letters, min_size=1, max_size=9),
    st.binary(max_size=99),
    st.none() | st.text(letters, max_size=9),
    st.sampled_from(["", "audio/wav", "text/plain; charset=utf-8"]),
)


@given(st.lists(fields, max_size=5))
def test_forms_come_back(form: list[Field]) -> None:
    body, content_type = written_form(form)
    assert read_form(body, content_type) == form


def test_names_are_escaped_as_browsers_do() -> None:
    form = [Field('a"b\r\nc', b"1", 'x".wav')]
    body, content_type = written_form(form)
    assert b'name="a%22b%0D%0Ac"; filename="x%22.wav"' in body
    assert read_form(body, content_type) == form


def test_a_form_of_the_openai_client() -> None:
    sound = b"\x00\r\n--\xff"
    request = httpx.Request(
        "POST",
        "http://127.0.0.1/v1/audio/transcriptions",
        data={"model": "whisper-1", "prompt": "grüß", "include[]": ["a", "b"]},
        files={"file": ("ä b.wav", sound, "audio/wav")},
    )
    form = Form(read_form(request.read(), request.headers["content-type"]))
    assert (form.text("model"), form.text("prompt")) == ("whisper-1", "grüß")
    assert form.texts("include") == ("a", "b")
    assert form.file("file") == Field("file", sound, "ä b.wav", "audio/wav")


def test_a_quoted_boundary_and_a_preamble() -> None:
    body = b"hello\r\n--a b\r\ncontent-disposition: form-data; name=x\r\n\r\n1\r\n--a b--\r\nbye"
    assert read_form(body, 'multipart/form-data; boundary="a b"') == [Field("x", b"1")]


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (b"", "application/json", "must be multipart/form-data"),
        (b"", "multipart/form-data", "must be multipart/form-data"),
        (b"--x\r\n", "multipart/form-data; boundary=x", "cut off"),
        (b"--x\r\nno header--x--", "multipart/form-data; boundary=x", "cut off"),
        (b"--x\r\nno header\r\n--x--", "multipart/form-data; boundary=x", "no header"),
        (b"--x\r\nA: b\r\n\r\n1\r\n--x--", "multipart/form-data; boundary=x", "no name"),
        (b"\r\n--x" * 300 + b"\r\n--x--", "multipart/form-data; boundary=x", "at most 256"),
    ],
)
def test_broken_forms_are_refused(body: bytes, content_type: str, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        read_form(body, content_type)


def test_fields_by_type() -> None:
    form = Form([Field("n", b"2"), Field("t", b"0.5"), Field("s", b"TRUE"), Field("x[]", b"a")])
    assert (form.integer("n"), form.number("t"), form.flag("s"), form.texts("x")) == (
        2,
        0.5,
        True,
        ("a",),
    )
    assert form.rest() == ()
    wrong = Form([Field("n", b"x"), Field("t", b"x"), Field("s", b"x"), Field("u", b"\xff")])
    for name, read in (
        ("n", wrong.integer),
        ("t", wrong.number),
        ("s", wrong.flag),
        ("u", wrong.text),
        ("missing", wrong.needed),
        ("file", wrong.file),
    ):
        with pytest.raises(BadRequest) as caught:
            read(name)
        assert caught.value.param == name
    with pytest.raises(BadRequest, match="must be a file"):
        Form([Field("file", b"x")]).files("file")
