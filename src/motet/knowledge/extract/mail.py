"""E-mail: headers and body as text, readable attachments as parts of their own."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import TYPE_CHECKING

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract.decoding import decode
from motet.knowledge.extract.formats import MAIL
from motet.knowledge.extract.html import decode_html, parse_html
from motet.knowledge.extract.markup import MarkupReader
from motet.knowledge.extract.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_MAX_DEPTH = 3


def extract_mail(
    data: bytes, read: Callable[[bytes, str, int], Extracted], depth: int = 0
) -> Extracted:
    """Return a message: headers, body (plain text before HTML), then its attachments.

    `read(data, name, depth)` extracts an attachment; mails inside mails go three levels deep.
    Raises ExtractionError when there is neither a header nor a body.
    """
    message = email.message_from_bytes(data, policy=email.policy.default)
    writer = Writer()
    with writer.region("part", 1, "message"):
        writer.write("\n".join(_headers(message)))
        _write_body(writer, message)
    if writer.empty:
        raise ExtractionError("not an e-mail: it has neither headers nor a body")
    for number, (name, payload) in enumerate(_attachments(message), start=2):
        writer.write(f"Attachment: {name}")
        _write_attachment(writer, number, name, payload, read, depth)
    return writer.finish(MAIL, _header(message, "Subject"))


def _headers(message: EmailMessage) -> list[str]:
    found = [(name, _header(message, name)) for name in _HEADERS]
    return [f"{name}: {value}" for name, value in found if value]


def _header(message: EmailMessage, name: str) -> str | None:
    try:
        value = message[name]
    except (ValueError, IndexError, AttributeError):
        return None
    return " ".join(str(value).split()) if value is not None else None


def _write_body(writer: Writer, message: EmailMessage) -> None:
    body = message.get_body(("plain", "html"))
    if body is None:
        return
    if body.get_content_type() == "text/html":
        payload = body.get_payload(decode=True)
        charset = body.get_content_charset()
        if isinstance(payload, bytes) and payload.strip():
            MarkupReader(writer).read(parse_html(_text(payload, charset) or decode_html(payload)))
        return
    payload = body.get_payload(decode=True)
    text = _text(payload, body.get_content_charset()) if isinstance(payload, bytes) else ""
    for paragraph in (text or "").replace("\r\n", "\n").split("\n\n"):
        writer.write(paragraph)


def _text(payload: bytes, charset: str | None) -> str | None:
    if charset:
        try:
            return payload.decode(charset)
        except (LookupError, UnicodeDecodeError):
            return decode(payload).text if payload else ""
    return decode(payload).text if payload else ""


def _attachments(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for part in message.iter_attachments():
        name = part.get_filename() or f"unnamed ({part.get_content_type()})"
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0) if part.is_multipart() else None
            yield f"{name}.eml", inner.as_bytes() if isinstance(inner, EmailMessage) else b""
            continue
        payload = part.get_payload(decode=True)
        yield name, payload if isinstance(payload, bytes) else b""


def _write_attachment(
    writer: Writer,
    number: int,
    name: str,
    payload: bytes,
    read: Callable[[bytes, str, int], Extracted],
    depth: int,
) -> None:
    if depth >= _MAX_DEPTH:
        writer.note(f"{name} was not read: mails are nested too deeply")
        return
    try:
        found = read(payload, name, depth + 1)
    except ExtractionError as error:
        writer.note(f"{name} was not read: {error.message}")
        return
    with writer.region("part", number, name):
        writer.write_document(found)
    for remark in found.notes:
        writer.note(f"{name}: {remark}")
