"""Bytes in requests: `data:` URLs (RFC 2397) and the formats of sound."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from motet.core.chat import Data, Source, Url

_SOUND: Mapping[str, str] = {"mp3": "audio/mpeg", "pcm16": "audio/pcm"}
_FORMATS: Mapping[str, str] = {
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/pcm": "pcm16",
}
_BEGINNINGS = (
    (b"RIFF", "audio/wav"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
)
_UNNAMED = "document"


def data_url(data: Data) -> str:
    """Return the bytes as a URL."""
    return f"data:{data.media_type};base64,{data.base64}"


def from_url(url: str) -> Source:
    """Return the bytes that a `data:` URL holds, any other address as it is."""
    if not url.startswith("data:"):
        return Url(url)
    head, _, body = url.removeprefix("data:").partition(",")
    if head.endswith(";base64"):
        return Data(head.removesuffix(";base64"), body)
    return Data(head or "text/plain", base64.b64encode(unquote_to_bytes(body)).decode())


def from_file_data(text: str, filename: str | None) -> Source:
    """Return what `file_data` holds: a URL, or bare base64 whose type the file's name tells."""
    if text.startswith(("data:", "http://", "https://")):
        return from_url(text)
    guessed, _ = mimetypes.guess_type(filename or "")
    return Data(guessed or "application/pdf", text)


def unnamed(media_type: str) -> str:
    """Return the file name for a document without one, which OpenAI does not take."""
    return f"{_UNNAMED}{mimetypes.guess_extension(media_type.partition(';')[0]) or ''}"


def sound_format(media_type: str) -> str:
    """Return the `format` of a sound: `wav`, `mp3`, `pcm16`, …"""
    return _FORMATS.get(media_type) or media_type.removeprefix("audio/")


def sound_type(format: str) -> str:
    """Return the media type of a `format`."""
    return _SOUND.get(format) or f"audio/{format}"


def sound_type_of(encoded: str) -> str:
    """Return the media type that the first bytes of a sound tell; raw samples have no mark."""
    try:
        start = base64.b64decode(encoded[:8])
    except ValueError:
        start = b""
    return next((kind for mark, kind in _BEGINNINGS if start.startswith(mark)), "audio/pcm")
