"""Forms with files: `multipart/form-data` (RFC 7578), read from and written to whole bodies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from motet.models.dialects.dialect import BadRequest

MAX_FIELDS = 256
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([a-zA-Z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')
_ESCAPE = {"%22": '"', "%0D": "\r", "%0A": "\n"}
_HEADER_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form; a file has a `filename` and a `media_type`."""

    name: str
    value: bytes
    filename: str | None = None
    media_type: str = ""

    @property
    def text(self) -> str:
        """The value as text. Raises `BadRequest` where it is not UTF-8."""
        try:
            return self.value.decode()
        except UnicodeDecodeError as error:
            raise BadRequest(f"{self.name} must be text", param=self.name) from error


def read_form(body: bytes, content_type: str) -> list[Field]:
    """Return the fields of a form in order. Raises `BadRequest`."""
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or found is None:
        raise BadRequest("the body must be multipart/form-data with a boundary")
    mark = b"--" + (found[1] or found[2]).encode("latin-1")
    # The mark stands at the begin of a line; the body may begin with it.
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise BadRequest("the form is cut off: its last boundary is missing")
    if len(pieces) > MAX_FIELDS + 2:
        raise BadRequest(f"a form has at most {MAX_FIELDS} fields")
    return [_field(piece) for piece in pieces[1:-1]]


def _field(piece: bytes) -> Field:
    line, _, rest = piece.partition(b"\r\n")
    head, gap, value = (b"\r\n" + rest).partition(b"\r\n\r\n")
    if line.strip() or not gap or len(head) > _HEADER_LIMIT:
        raise BadRequest("a field of the form has no header")
    headers = dict(_header(each) for each in head.decode("utf-8", "replace").split("\r\n") if each)
    disposition = headers.get("content-disposition", "")
    told = {
        name.lower(): _unescaped(quoted if quoted else plain)
        for name, quoted, plain in _PARAMETER.findall(disposition)
    }
    if "name" not in told:
        raise BadRequest("a field of the form has no name")
    return Field(told["name"], value, told.get("filename"), headers.get("content-type", ""))


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _unescaped(text: str) -> str:
    for code, letter in _ESCAPE.items():
        text = text.replace(code, letter)
    return re.sub(r'\\(["\\])', r"\1", text)


def written_form(fields: Sequence[Field]) -> tuple[bytes, str]:
    """Return the body of a form, and its content type."""
    boundary = uuid4().hex
    pieces: list[bytes] = []
    for field in fields:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_escaped(field.name)}"'
        if field.filename is not None:
            head += f'; filename="{_escaped(field.filename)}"'
        if field.media_type and not re.search(r"[\r\n]", field.media_type):
            head += f"\r\nContent-Type: {field.media_type}"
        pieces += [f"{head}\r\n\r\n".encode(), field.value, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces), f"multipart/form-data; boundary={boundary}"


def _escaped(text: str) -> str:
    for code, letter in _ESCAPE.items():
        text = text.replace(letter, code)
    return text
