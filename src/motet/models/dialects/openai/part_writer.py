"""Canonical parts, written as content parts of a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import (
    Audio,
    Data,
    Document,
    File,
    Image,
    Native,
    Part,
    Text,
    Url,
)
from motet.core.json import JSON
from motet.models.dialects.openai.media import data_url, sound_format, unnamed
from motet.models.dialects.openai.thoughts import seal_field
from motet.models.providers import Flavour

Written = dict[str, JSON]

_ONE_STORE = ("openai", "responses")
"""The dialects whose files OpenAI keeps in one place."""


class PartWriter:
    """Writes parts for servers of one flavour; what cannot be said is named in `lost`."""

    def __init__(self, flavour: Flavour, lost: list[str]) -> None:
        """Start; names are added to `lost`."""
        self._extended = flavour == "extended"
        self._lost = lost

    def write(self, part: Part, path: str) -> Written | None:
        """Return the content part, None where there is none for it."""
        found: Written | None = None
        if isinstance(part, Text):
            found = self._text(part, path)
        elif isinstance(part, Image):
            found = self._image(part, path)
        elif isinstance(part, Audio):
            found = self._audio(part, path)
        elif isinstance(part, Document):
            found = self._document(part, path)
        elif isinstance(part, Native) and part.dialect == "openai":
            found = dict(part.value)
        if found is None:
            self._lost.append(path)
        return found

    def cached(self, cache: Mapping[str, JSON] | None, path: str) -> Written:
        """Return the field that controls the cache, none where there is none."""
        if cache is not None and self._extended:
            return {"cache_control": cache}
        if cache is not None:
            self._lost.append(f"{path}.cache_control")
        return {}

    def _text(self, part: Text, path: str) -> Written:
        seal: Written = {}
        if self._extended:
            seal = seal_field(part.seal)
        elif part.seal is not None:
            self._lost.append(f"{path}.seal")
        if part.citations:
            self._lost.append(f"{path}.citations")
        return {"type": "text", "text": part.text, **self.cached(part.cache, path), **seal}

    def _image(self, part: Image, path: str) -> Written | None:
        source = part.source
        if isinstance(source, File):
            return None
        url = source.url if isinstance(source, Url) else data_url(source)
        self._untyped(source, path)
        place: Written = (
            {"url": url} if part.detail is None else {"url": url, "detail": part.detail}
        )
        return {"type": "image_url", "image_url": place, **self.cached(part.cache, path)}

    def _audio(self, part: Audio, path: str) -> Written | None:
        if not isinstance(part.source, Data):
            return None
        if part.transcript is not None:
            self._lost.append(f"{path}.transcript")
        sound: Written = {
            "data": part.source.base64,
            "format": sound_format(part.source.media_type),
        }
        return {"type": "input_audio", "input_audio": sound}

    def _document(self, part: Document, path: str) -> Written | None:
        source, title = part.source, part.title
        file: Written = {}
        if isinstance(source, File) and source.dialect in _ONE_STORE:
            file["file_id"] = source.id
        elif isinstance(source, Data):
            file["file_data"] = data_url(source)
            title = title or unnamed(source.media_type)
        elif isinstance(source, Url) and self._extended:
            file["file_data"] = source.url
        else:
            return None
        self._untyped(source, path)
        if title is not None:
            file["filename"] = title
        if part.context is not None:
            self._lost.append(f"{path}.context")
        if part.cite:
            self._lost.append(f"{path}.cite")
        return {"type": "file", "file": file, **self.cached(part.cache, path)}

    def _untyped(self, source: Data | Url | File, path: str) -> None:
        if not isinstance(source, Data) and source.media_type is not None:
            self._lost.append(f"{path}.source.media_type")


def shortest(parts: Sequence[Mapping[str, JSON]]) -> JSON:
    """Return the content, as a plain string where it is one text and no more."""
    if not parts:
        return ""
    if len(parts) == 1 and set(parts[0]) == {"type", "text"}:
        return parts[0]["text"]
    return parts
