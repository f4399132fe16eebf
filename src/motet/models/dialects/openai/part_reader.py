"""Content parts of a client's messages, read as canonical parts."""

from __future__ import annotations

from motet.core.chat import Audio, Data, Document, File, Image, Native, Part, Source, Text
from motet.models.dialects.openai.given import Given
from motet.models.dialects.openai.media import from_file_data, from_url, sound_type, unnamed
from motet.models.dialects.openai.thoughts import read_seal


def read_part(given: Given, lost: list[str]) -> Part:
    """Return the part; an unknown type stays as it is. Raises `BadRequest`."""
    kind = given.needed("type")
    if kind == "text":
        cache = given.object("cache_control")
        part: Part = Text(given.needed("text"), cache, seal=read_seal(given.raw("extra_content")))
    elif kind == "refusal":
        part = Text(given.needed("refusal"))
    elif kind == "image_url":
        part = _image(given)
    elif kind == "input_audio":
        sound = _inner(given, "input_audio")
        part = Audio(Data(sound_type(sound.needed("format")), sound.needed("data")))
    elif kind == "file":
        part = _document(given)
    else:
        return Native("openai", given.whole())
    lost += [given.at(name) for name in given.rest()]
    return part


def _inner(given: Given, name: str) -> Given:
    inner = given.within(name)
    if inner is None:
        given.refuse(name, "is missing", "missing_required_parameter")
    return inner


def _image(given: Given) -> Image:
    cache = given.object("cache_control")
    if isinstance(given.raw("image_url"), str):
        return Image(from_url(given.needed("image_url")), cache=cache)
    place = _inner(given, "image_url")
    return Image(from_url(place.needed("url")), place.text("detail"), cache)


def _document(given: Given) -> Document:
    file = _inner(given, "file")
    name, id, data = file.text("filename"), file.text("file_id"), file.text("file_data")
    if id is None and data is None:
        file.refuse("file_data", "is missing", "missing_required_parameter")
    source: Source = File("openai", id) if id is not None else from_file_data(data or "", name)
    if isinstance(source, Data) and name == unnamed(source.media_type):
        name = None
    return Document(source, name, cache=given.object("cache_control"))
