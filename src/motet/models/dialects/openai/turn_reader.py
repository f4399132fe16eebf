"""A client's messages, read as canonical turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from motet.core.chat import (
    Audio,
    File,
    Finished,
    Image,
    Message,
    Native,
    Part,
    ReasoningDelta,
    Role,
    Seal,
    Text,
    ToolCall,
)
from motet.models.assembly import assemble
from motet.models.dialects.openai.given import Given
from motet.models.dialects.openai.media import from_url
from motet.models.dialects.openai.part_reader import read_part
from motet.models.dialects.openai.said import mappings
from motet.models.dialects.openai.thoughts import read_details, read_seal

_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_SILENT = ("annotations", "thought_signature")
"""Fields of answers that clients send back; nothing is lost with them."""


class TurnReader:
    """Reads the messages of one request; what cannot be held is named in `lost`."""

    def __init__(self, lost: list[str]) -> None:
        """Start; names are added to `lost`."""
        self._lost = lost
        self._called: dict[str, str] = {}

    def read(self, given: Sequence[Given]) -> tuple[Message, ...]:
        """Return the turns. Raises `BadRequest`."""
        return tuple(self._message(place, each) for place, each in enumerate(given))

    def _message(self, place: int, given: Given) -> Message:
        role = given.needed("role")
        if role not in _ROLES:
            known = ", ".join(sorted(_ROLES))
            given.refuse("role", f"must be one of {known}", "invalid_value")
        if role == "assistant":
            message = self._assistant(place, given)
        elif role in ("tool", "function"):
            message = self._result(given, role)
        else:
            message = Message(
                cast(Role, role),
                self._content(given),
                name=given.text("name"),
                cache=given.object("cache_control"),
            )
        self._lost += [given.at(name) for name in given.rest() if name not in _SILENT]
        return message

    def _result(self, given: Given, role: str) -> Message:
        name = given.text("name")
        if role == "tool":
            id = given.needed("tool_call_id")
        else:
            id = self._called.get(name or "", f"call_{name}")
        content = self._content(given)
        return Message("tool", content, id, name, cache=given.object("cache_control"))

    def _content(self, given: Given) -> str | tuple[Part, ...]:
        content = given.raw("content")
        if content is None:
            given.refuse("content", "is missing", "missing_required_parameter")
        if isinstance(content, str):
            return content
        if not isinstance(content, list):
            given.refuse("content", "must be a string or a list of parts", "invalid_type")
        return tuple(read_part(each, self._lost) for each in given.items("content"))

    def _assistant(self, place: int, given: Given) -> Message:
        content = given.raw("content")
        said = self._said(given)
        seal = read_seal(given.raw("extra_content"))
        if seal is not None:
            said = _sealed(said, seal)
        parts = [*_thoughts(given), *said, *_audio(given), *_images(given)]
        parts += self._calls(place, given)
        plain = isinstance(content, str) and parts in ([], [Text(content)])
        return Message(
            "assistant",
            content if plain and isinstance(content, str) else tuple(parts),
            name=given.text("name"),
            cache=given.object("cache_control"),
        )

    def _said(self, given: Given) -> list[Part]:
        content = given.raw("content")
        if content is None or isinstance(content, str):
            texts: list[Part] = [Text(content)] if content else []
        else:
            texts = list(cast("tuple[Part, ...]", self._content(given)))
        refusal = given.text("refusal")
        return [*texts, Text(refusal)] if refusal else texts

    def _calls(self, place: int, given: Given) -> list[Part]:
        found: list[Part] = [self._call(each) for each in given.items("tool_calls")]
        if (legacy := given.within("function_call")) is not None:
            name = legacy.needed("name")
            self._called[name] = f"call_{place}"
            found.append(ToolCall(f"call_{place}", name, legacy.text("arguments") or ""))
        return found

    def _call(self, given: Given) -> Part:
        if given.text("type") not in (None, "function"):
            return Native("openai", given.whole())
        function = given.within("function")
        if function is None:
            given.refuse("function", "is missing", "missing_required_parameter")
        call = ToolCall(
            given.needed("id"),
            function.needed("name"),
            function.text("arguments") or "",
            read_seal(given.raw("extra_content")),
            given.object("cache_control"),
        )
        given.raw("index")
        self._lost += [given.at(name) for name in given.rest()]
        return call


def _thoughts(given: Given) -> tuple[Part, ...]:
    details, content = given.raw("reasoning_details"), given.raw("reasoning_content")
    plain = content or given.raw("reasoning")
    deltas = read_details(mappings(details))
    if not deltas and isinstance(plain, str) and plain:
        deltas = [ReasoningDelta(plain)]
    return assemble([*deltas, Finished("stop", None)]).parts


def _sealed(said: list[Part], seal: Seal) -> list[Part]:
    """Return the parts with the seal on the last text, an empty one where there is none."""
    for place in reversed(range(len(said))):
        part = said[place]
        if isinstance(part, Text):
            return [*said[:place], replace(part, seal=seal), *said[place + 1 :]]
    return [*said, Text("", seal=seal)]


def _audio(given: Given) -> list[Part]:
    """Return the sound of an earlier answer, which OpenAI keeps under its id."""
    audio = given.within("audio")
    if audio is None:
        return []
    id = audio.needed("id")
    return [Audio(File("openai", id), audio.text("transcript"), id)]


def _images(given: Given) -> list[Part]:
    found: list[Part] = []
    for image in given.items("images"):
        place = image.within("image_url")
        if place is not None:
            found.append(Image(from_url(place.needed("url")), place.text("detail")))
    return found
