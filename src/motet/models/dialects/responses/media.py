"""Bytes as the Responses API writes them: data URLs, addresses, ids of stored files."""

from __future__ import annotations

import re
from typing import Final

from motet.core.chat import Audio, Data, File, Source, Url
from motet.models.dialects.responses.sealing import NAME

OWNERS: Final = (NAME, "openai")
"""Both APIs of OpenAI share its stored files."""

_DATA_URL = re.compile(r"data:([^;,]+);base64,(.*)", re.DOTALL)
_SOUNDS = {"wav": "audio/wav", "mp3": "audio/mpeg"}
_FORMATS = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}
_SUFFIXES = {"application/pdf": "pdf", "text/plain": "txt", "text/markdown": "md"}
_NAMELESS = re.compile(r"untitled(\.\w+)?")


def located(url: str) -> Data | Url:
    """Return what an address holds: the bytes themselves for a data URL."""
    found = _DATA_URL.fullmatch(url)
    return Data(found[1], found[2]) if found else Url(url)


def address(source: Data | Url) -> str:
    """Return the address, a data URL for bytes."""
    if isinstance(source, Url):
        return source.url
    return f"data:{source.media_type};base64,{source.base64}"


def is_foreign(source: Source) -> bool:
    """Whether it is a file that another provider stores."""
    return isinstance(source, File) and source.dialect not in OWNERS


def sound(data: str, format: str) -> Audio:
    """Return the sound of an `input_audio`."""
    return Audio(Data(_SOUNDS.get(format, f"audio/{format}"), data))


def sound_format(media_type: str) -> str:
    """Return the `format` of an `input_audio`."""
    return _FORMATS.get(media_type, media_type.removeprefix("audio/"))


def file_name(title: str | None, media_type: str) -> str:
    """Return a file's name; bytes need one, and its suffix says what they are."""
    if title:
        return title
    subtype = media_type.partition("/")[2]
    return f"untitled.{_SUFFIXES.get(media_type, subtype if subtype.isalnum() else 'bin')}"


def file_title(name: str | None) -> str | None:
    """Return the title that a file's name says, None for one that says nothing."""
    return name if name and not _NAMELESS.fullmatch(name) else None
