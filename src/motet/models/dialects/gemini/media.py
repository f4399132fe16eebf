"""Pictures, sound and documents as blobs (`inlineData`) and as addresses (`fileData`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from motet.core.chat import Audio, Data, Document, File, Image, Source, Url
from motet.core.json import JSON
from motet.models.dialects.gemini.fields import Fields
from motet.models.dialects.gemini.signatures import NAME

Medium = Image | Audio | Document

_OWN = ("https://generativelanguage.googleapis.com/", "gs://", "files/")
_BY_SUFFIX: Mapping[type[Image] | type[Audio] | type[Document], Mapping[str, str]] = {
    Image: {
        ".png": "image/png",
        ".webp": "image/webp",
        ".gif": "image/gif",
        ".heic": "image/heic",
        ".heif": "image/heif",
    },
    Audio: {
        ".wav": "audio/wav",
        ".aac": "audio/aac",
        ".ogg": "audio/ogg",
        ".flac": "audio/flac",
        ".aiff": "audio/aiff",
    },
    Document: {
        ".txt": "text/plain",
        ".md": "text/markdown",
        ".html": "text/html",
        ".csv": "text/csv",
        ".xml": "text/xml",
        ".json": "application/json",
    },
}
_DEFAULTS = {Image: "image/jpeg", Audio: "audio/mpeg", Document: "application/pdf"}


def written_source(medium: Medium) -> dict[str, JSON] | None:
    """Return the part's data, None for a file that another provider stores."""
    source = medium.source
    if isinstance(source, Data):
        return {"inlineData": {"mimeType": source.media_type, "data": source.base64}}
    if isinstance(source, Url):
        media_type = source.media_type or _guess(source.url, type(medium))
        return {"fileData": {"fileUri": source.url, "mimeType": media_type}}
    if source.dialect != NAME:
        return None
    kind = source.media_type or _guess(source.id, type(medium))
    return {"fileData": {"fileUri": source.id, "mimeType": kind}}


def read_blob(fields: Fields) -> Medium | None:
    """Read `inlineData`; None for what the canonical model has no part for (moving pictures).

    Raises `BadRequest`.
    """
    kind = fields.text("mimeType") or ""
    data = fields.text("data") or ""
    return _medium(kind, Data(kind, data), title=fields.text("displayName"))


def read_address(fields: Fields) -> Medium | None:
    """Read `fileData`; None as for `read_blob`, and where no media type is given."""
    kind = fields.text("mimeType") or ""
    address = fields.text("fileUri") or ""
    title = fields.text("displayName")
    medium = _medium(kind, Url(address, kind), title=title)
    if medium is None:
        return None
    told = None if _guess(address, type(medium)) == kind else kind
    own = address.startswith(_OWN)
    source: Source = File(NAME, address, told) if own else Url(address, told)
    return _medium(kind, source, title=title)


def _medium(kind: str, source: Source, *, title: str | None) -> Medium | None:
    family = kind.partition("/")[0]
    if family == "image":
        return Image(source)
    if family == "audio":
        return Audio(source)
    if family in ("application", "text"):
        return Document(source, title=title)
    return None


def _guess(address: str, kind: type[Medium]) -> str:
    """Return the media type by the address's ending, or the most usual of its kind."""
    suffix = PurePosixPath(address.partition("?")[0]).suffix.lower()
    return _BY_SUFFIX[kind].get(suffix, _DEFAULTS[kind])
