"""The content of messages and tool results: texts, pictures, files, sound.

https://platform.openai.com/docs/api-reference/responses/create, `input`
"""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.chat import Audio, Data, Document, File, Image, Native, Part, Source, Text, Url
from motet.core.json import JSON
from motet.models.dialects.dialect import BadRequest
from motet.models.dialects.responses.fields import Fields
from motet.models.dialects.responses.media import (
    address,
    file_name,
    file_title,
    is_foreign,
    located,
    sound,
    sound_format,
)
from motet.models.dialects.responses.sealing import NAME

# Reading


def read_content(owner: Fields, name: str, lost: list[str]) -> str | tuple[Part, ...]:
    """Read the content of a message or of a tool result: a text, or its parts."""
    value = owner.raw(name)
    if isinstance(value, str):
        return value
    if value is None or not isinstance(value, Sequence):
        message = f"'{owner.at(name)}' must be a string or an array"
        raise BadRequest(message, param=owner.at(name))
    return tuple(
        _read_part(Fields(item, f"{owner.at(name)}[{place}]"), lost)
        for place, item in enumerate(value)
    )


def _read_part(part: Fields, lost: list[str]) -> Part:
    kind = part.needed("type")
    read: Part
    if kind in ("input_text", "output_text", "text"):
        read = Text(part.needed("text"))
    elif kind == "input_image":
        read = _read_image(part)
    elif kind == "input_file":
        read = _read_file(part)
    elif kind == "input_audio":
        inner = Fields(part.raw("input_audio"), part.at("input_audio"))
        read = sound(inner.needed("data"), inner.needed("format"))
    else:
        return Native(NAME, part.value)
    lost += part.unread()
    return read


def _read_image(part: Fields) -> Image:
    url, file, detail = part.text("image_url"), part.text("file_id"), part.text("detail")
    if url is not None:
        return Image(located(url), detail)
    if file is not None:
        return Image(File(NAME, file), detail)
    param = part.at("image_url")
    raise BadRequest(f"'{param}' is required where there is no file_id", param=param)


def _read_file(part: Fields) -> Document:
    data, url, file = part.text("file_data"), part.text("file_url"), part.text("file_id")
    name = part.text("filename")
    source: Source
    if data is not None:
        source = located(data)
        if isinstance(source, Url):
            source = Data("application/octet-stream", data)
    elif url is not None:
        source = Url(url)
    elif file is not None:
        source = File(NAME, file)
    else:
        param = part.at("file_data")
        raise BadRequest(f"'{param}', file_url or file_id is required", param=param)
    return Document(source, file_title(name))


# Writing


def written_content(parts: Sequence[Part], path: str, lost: list[str]) -> list[JSON]:
    """Write the parts of a message that is not the model's, or of a tool result."""
    content: list[JSON] = []
    for place, part in enumerate(parts):
        at = f"{path}[{place}]"
        written = _written_part(part, at, lost)
        if written is None:
            lost.append(at)
        else:
            content.append(written)
            lost += _unsaid(part, at)
    return content


def _written_part(part: Part, at: str, lost: list[str]) -> JSON:
    """Return a part, None where it cannot be said."""
    if isinstance(part, Text):
        return {"type": "input_text", "text": part.text}
    if isinstance(part, Image):
        return _written_image(part)
    if isinstance(part, Document):
        return _written_file(part)
    if isinstance(part, Audio) and isinstance(part.source, Data):
        format = sound_format(part.source.media_type)
        inner: dict[str, JSON] = {"data": part.source.base64, "format": format}
        return {"type": "input_audio", "input_audio": inner}
    return part.value if isinstance(part, Native) and part.dialect == NAME else None


def _written_image(image: Image) -> JSON:
    if is_foreign(image.source):
        return None
    # The API's own clients always say how closely to look.
    body: dict[str, JSON] = {"type": "input_image", "detail": image.detail}
    if isinstance(image.source, File):
        body["file_id"] = image.source.id
    else:
        body["image_url"] = address(image.source)
    return {name: value for name, value in body.items() if value is not None}


def _written_file(document: Document) -> JSON:
    source = document.source
    if is_foreign(source):
        return None
    body: dict[str, JSON] = {"type": "input_file", "filename": document.title}
    if isinstance(source, Data):
        body["filename"] = file_name(document.title, source.media_type)
        body["file_data"] = address(source)
    elif isinstance(source, Url):
        body["file_url"] = source.url
    else:
        body["file_id"] = source.id
    return {name: value for name, value in body.items() if value is not None}


def _unsaid(part: Part, at: str) -> list[str]:
    """Return the paths of what a written part does not say."""
    unsaid = {
        "cache_control": getattr(part, "cache", None),
        "citations": getattr(part, "citations", None),
        "seal": getattr(part, "seal", None),
        "context": getattr(part, "context", None),
        "cite": getattr(part, "cite", None),
        "transcript": getattr(part, "transcript", None),
        "id": getattr(part, "id", None) if isinstance(part, Audio) else None,
    }
    source = getattr(part, "source", None)
    if isinstance(source, Url | File):
        unsaid["source.media_type"] = source.media_type
    return [f"{at}.{name}" for name, value in unsaid.items() if value]
