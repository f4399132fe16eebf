"""What a message or a delta says beside its calls: text, thoughts, sound, pictures, sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import (
    AudioDelta,
    ChatEvent,
    Citation,
    Cited,
    Image,
    ReasoningDelta,
    TextDelta,
    Whole,
)
from motet.core.json import JSON
from motet.models.dialects.openai.media import from_url, sound_type_of
from motet.models.dialects.openai.thoughts import read_details, read_seal


class Said:
    """Reads messages and deltas alike; whole ones are one delta."""

    def __init__(self) -> None:
        self.refused = False
        self._sound = ""

    def feed(self, delta: Mapping[str, JSON]) -> list[ChatEvent]:
        """Return what is new, in the order in which this dialect has it."""
        refusal = _text(delta.get("refusal"))
        self.refused = self.refused or bool(refusal)
        content = delta.get("content")
        events: list[ChatEvent] = [*_thoughts(delta, content)]
        events += [TextDelta(text) for text in (_text(content), refusal) if text]
        seal = read_seal(delta.get("extra_content"))
        if seal is not None:
            events.append(TextDelta("", seal=seal))
        events += [Cited(found) for found in _citations(delta.get("annotations"))]
        events += self._heard(delta.get("audio"))
        return [*events, *_pictures(delta.get("images"))]

    def _heard(self, audio: JSON) -> list[ChatEvent]:
        if not isinstance(audio, Mapping):
            return []
        id, data = string(audio.get("id")), string(audio.get("data"))
        transcript = string(audio.get("transcript"))
        self._sound = self._sound or (sound_type_of(data) if data else "")
        if not (id or data or transcript):
            return []
        return [AudioDelta(data, transcript, self._sound, id or None)]


def _thoughts(delta: Mapping[str, JSON], content: JSON) -> list[ReasoningDelta]:
    """Return the thoughts; the details count where there are any, being the same with seals."""
    if details := read_details(mappings(delta.get("reasoning_details"))):
        return details
    text = string(delta.get("reasoning_content")) or string(delta.get("reasoning"))
    # Mistral has them as parts of the content.
    text = text or "".join(_text(part.get("thinking")) for part in mappings(content))
    return [ReasoningDelta(text)] if text else []


def _citations(annotations: JSON) -> list[Citation]:
    found = []
    for annotation in mappings(annotations):
        place = annotation.get("url_citation")
        if isinstance(place, Mapping):
            start, end = place.get("start_index"), place.get("end_index")
            # An empty range is how the place is left open: clients need numbers.
            known = isinstance(start, int) and isinstance(end, int) and (start, end) != (0, 0)
            found.append(
                Citation(
                    string(place.get("url")) or None,
                    string(place.get("title")) or None,
                    string(place.get("content")) or None,
                    start if known and isinstance(start, int) else None,
                    end if known and isinstance(end, int) else None,
                )
            )
    return found


def _pictures(images: JSON) -> list[Whole]:
    """Return the pictures, which OpenRouter puts beside the content."""
    found = []
    for image in mappings(images):
        place = image.get("image_url")
        url = string(place.get("url")) if isinstance(place, Mapping) else string(place)
        if url:
            found.append(Whole(Image(from_url(url))))
    return found


def _text(content: JSON) -> str:
    if isinstance(content, str):
        return content
    return "".join(string(part.get("text")) for part in mappings(content))


def string(value: JSON) -> str:
    """Return a string, the empty one for anything else."""
    return value if isinstance(value, str) else ""


def mappings(value: JSON) -> list[Mapping[str, JSON]]:
    """Return the objects of a list, none for anything else."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [item for item in value if isinstance(item, Mapping)]
