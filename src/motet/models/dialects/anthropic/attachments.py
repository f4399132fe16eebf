"""Images and documents: their blocks and sources, read and written."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from motet.core.chat import Data, Document, File, Image, Native, Source, Url
from motet.core.json import JSON
from motet.models.dialects.anthropic.fields import Fields
from motet.models.dialects.anthropic.own import NAME

_TEXT = "text/plain"


def read_image(block: Fields) -> Image | Native:
    """Read an image; one from a source of an unknown type stays as it is."""
    source = _read_source(block)
    if source is None:
        return Native(NAME, block.value)
    return Image(source, cache=block.object("cache_control"))


def read_document(block: Fields) -> Document | Native:
    """Read a document; one from a source of an unknown type, as from blocks, stays as it is."""
    source = _read_source(block)
    if source is None:
        return Native(NAME, block.value)
    citations = block.fields("citations")
    return Document(
        source,
        title=block.maybe_text("title"),
        context=block.maybe_text("context"),
        cite=citations is not None and citations.flag("enabled") is True,
        cache=block.object("cache_control"),
    )


def _read_source(block: Fields) -> Source | None:
    source = Fields(block.required("source"), block.at("source"))
    kind = source.text("type")
    if kind == "base64":
        return Data(source.text("media_type"), source.text("data"))
    if kind == "text":
        return Data(_TEXT, base64.b64encode(source.text("data").encode()).decode())
    if kind == "url":
        return Url(source.text("url"))
    if kind == "file":
        return File(NAME, source.text("file_id"))
    return None


def write_image(image: Image, path: str, lost: list[str]) -> dict[str, JSON] | None:
    """Write an image, None where its source cannot be said; `lost` takes what is left out."""
    source = _write_source(image.source, path, lost)
    if source is None:
        return None
    if image.detail not in (None, "auto"):
        lost.append(f"{path}.detail")
    return {"type": "image", "source": source}


def write_document(document: Document, path: str, lost: list[str]) -> dict[str, JSON] | None:
    """Write a document, None where its source cannot be said; `lost` takes what is left out."""
    source = _text_source(document.source, path, lost) or _write_source(document.source, path, lost)
    if source is None:
        return None
    block: dict[str, JSON] = {"type": "document", "source": source}
    if document.title is not None:
        block["title"] = document.title
    if document.context is not None:
        block["context"] = document.context
    if document.cite:
        block["citations"] = {"enabled": True}
    return block


def _write_source(source: Source, path: str, lost: list[str]) -> Mapping[str, JSON] | None:
    if isinstance(source, Data):
        return {"type": "base64", "media_type": source.media_type, "data": source.base64}
    if isinstance(source, File) and source.dialect != NAME:
        lost.append(path)
        return None
    if source.media_type is not None:
        lost.append(f"{path}.source.media_type")
    if isinstance(source, File):
        return {"type": "file", "file_id": source.id}
    return {"type": "url", "url": source.url}


def _text_source(source: Source, path: str, lost: list[str]) -> Mapping[str, JSON] | None:
    """Return the source of a document that is text, the one kind besides PDF that is taken."""
    if not isinstance(source, Data) or not source.media_type.startswith("text/"):
        return None
    try:
        text = base64.b64decode(source.base64, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    if source.media_type != _TEXT:
        lost.append(f"{path}.source.media_type")
    return {"type": "text", "media_type": _TEXT, "data": text}
