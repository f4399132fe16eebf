"""An answer's events as they pass the guards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from motet.core.chat import (
    AudioDelta,
    ChatEvent,
    Citation,
    Cited,
    Finished,
    Native,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Whole,
)
from motet.gateway.guards.fitting import Fitting
from motet.gateway.guards.requests import screened_value
from motet.gateway.guards.screening import Side
from motet.gateway.guards.watching import Watched

Key = tuple[str, int]


@dataclass(slots=True)
class _Growing:
    """A part that is still coming: who looks through it, and how more of it is said."""

    watched: Watched
    say: Callable[[str], ChatEvent]


class AnswerScreen:
    """Screens one answer; a `Screen`.

    Where a find stops it, the answer ends before the find with `content_filter`; what comes
    after is read no further than to learn what was used.
    """

    def __init__(self, side: Side, fitting: Fitting | None = None) -> None:
        self.side = side
        self.fitting = fitting
        self._parts: dict[Key, _Growing] = {}
        self._last: Key | None = None
        self._over = False

    def feed(self, event: ChatEvent) -> Sequence[ChatEvent]:
        """Return the events that may pass. Raises `ProviderError` where the answer must stop."""
        if self._over:
            return [_filtered(event)] if isinstance(event, Finished) else []
        passed = self._passed(event)
        if self.side.stopped is not None:
            self._over = True
            if isinstance(event, Finished):
                return [*passed, _filtered(event)]
            return passed
        if self.fitting is not None:
            self.fitting.read(passed)
        return passed

    def _passed(self, event: ChatEvent) -> list[ChatEvent]:
        match event:
            case Finished():
                rest = self._flushed(None)
                return rest if self.side.stopped is not None else [*rest, event]
            case TextDelta(block=block):
                return self._text(("text", block), event, TextDelta("", block))
            case ReasoningDelta(block=block):
                return self._text(("reasoning", block), event, ReasoningDelta("", block))
            case ToolCallDelta():
                return self._call(event)
            case AudioDelta():
                return self._sound(event)
            case Cited():
                return [replace(event, citation=self._citation(event))]
            case Whole(part=Native() as part):
                value = screened_value(part.value, self.side)
                assert isinstance(value, dict)
                stopped = self.side.stopped is not None
                return [] if stopped else [Whole(replace(part, value=value))]
            case _:
                return [event]

    def _part(
        self, key: Key, say: Callable[[str], ChatEvent], json: bool = False
    ) -> tuple[list[ChatEvent], Watched]:
        """Return the part, and what was still waiting of others: a new one ends them."""
        before = self._flushed(key) if key != self._last else []
        self._last = key
        if key not in self._parts:
            self._parts[key] = _Growing(self.side.watched(json=json), say)
        return before, self._parts[key].watched

    def _flushed(self, but: Key | None) -> list[ChatEvent]:
        found: list[ChatEvent] = []
        for key, part in self._parts.items():
            if key == but or self.side.stopped is not None:
                continue
            rest = part.watched.finish()
            if rest and self.side.rules.changing:
                found.append(part.say(rest))
        return found

    def _read(self, watched: Watched, text: str, ends: bool) -> str:
        """Return what may pass of a part's next piece; all of it where nothing can change it."""
        said = watched.feed(text) + (watched.finish() if ends else "")
        return said if self.side.rules.changing else text

    def _text(
        self, key: Key, event: TextDelta | ReasoningDelta, empty: TextDelta | ReasoningDelta
    ) -> list[ChatEvent]:
        before, watched = self._part(key, lambda rest: replace(empty, text=rest))
        if self.side.stopped is not None:
            return before
        said = self._read(watched, event.text, event.seal is not None)
        seal = None if watched.changed else event.seal  # it would not fit what is said now
        if said or seal or not event.text:
            before.append(replace(event, text=said, seal=seal))
        return before

    def _call(self, event: ToolCallDelta) -> list[ChatEvent]:
        index = event.index
        before, watched = self._part(
            ("call", index), lambda rest: ToolCallDelta(index, None, None, rest), json=True
        )
        if self.side.stopped is not None:
            return before
        said = self._read(watched, event.arguments, False)
        if said or event.id or event.name or event.seal or not event.arguments:
            before.append(replace(event, arguments=said))
        return before

    def _sound(self, event: AudioDelta) -> list[ChatEvent]:
        before, watched = self._part(
            ("audio", 0), lambda rest: AudioDelta("", rest, event.media_type, event.id)
        )
        if self.side.stopped is not None:
            return before
        return [*before, replace(event, transcript=self._read(watched, event.transcript, False))]

    def _citation(self, event: Cited) -> Citation:
        found, part = event.citation, self._parts.get(("text", event.block))
        start, end = found.start, found.end
        if part is not None and self.side.rules.changing:
            start = None if start is None else part.watched.moved(start)
            end = None if end is None else part.watched.moved(end)
        url, title, quote = (
            None if each is None else self.side.screened(each)
            for each in (found.url, found.title, found.quote)
        )
        return replace(found, url=url, title=title, quote=quote, start=start, end=end)


def _filtered(event: Finished) -> Finished:
    return replace(event, reason="content_filter", detail="", stop=None)
