"""Markers in a model's text, while it streams: checked, renumbered or taken out.

The model is given numbered units of the sources and marks its statements with their
numbers. A marker becomes a citation of exactly that unit when the unit bears the statement
out; its words never decide *where* a citation points. What is checked is that the unit
exists, holds every number and every quotation of the statement, and shares words with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from motet.core.answers import Citation
from motet.core.passages import Passage
from motet.core.text import content_terms, has_cjk, normalised, sentences, words
from motet.runtime.methods.drafts import citation

UNIT = 320
"""Code points up to which neighbouring sentences of a passage share one number."""
SHARED = 0.25
"""Least share of a statement's words that its source must hold."""

CLAIM = 2000
"""Code points before a marker among which its statement is looked for."""

_MARKER = re.compile(r"\[(?=[\s,;]*\d)[\d\s,;]{1,40}\]")
_OPEN = re.compile(r"\[[\d\s,;]{0,40}\Z")
_ITEM = re.compile(r"^(?:[-*•]\s+)?\d{1,3}[.)]\s+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTED = re.compile(r"[\"“”„«»「」『』]([^\"“”„«»「」『』]+)[\"“”„«»「」『』]")


@dataclass(frozen=True, slots=True)
class Unit:
    """A numbered stretch of a passage that a model may cite; offsets in the source."""

    passage: Passage
    start: int
    end: int

    def shown(self) -> str:
        """Return the unit as the model reads it, on one line."""
        if self.passage.segments is not None:
            return " ".join(self.passage.body.split())
        return " ".join(self.passage.excerpt(self.start, self.end).split())


def units(passages: Sequence[Passage]) -> list[Unit]:
    """Cut passages into units of one or a few sentences, a table's row being one."""
    found: list[Unit] = []
    for passage in passages:
        if passage.segments is not None:
            found.append(Unit(passage, passage.start, passage.end))
            continue
        low: int | None = None
        high = 0
        for start, end in sentences(passage.text):
            if low is not None and end - low > UNIT:
                found.append(Unit(passage, passage.start + low, passage.start + high))
                low = None
            low = start if low is None else low
            high = end
        if low is not None:
            found.append(Unit(passage, passage.start + low, passage.start + high))
    return found


class Marking:
    """Feeds on a model's text and gives text whose markers number real citations.

    `feed` and `finish` return what may be shown so far; put together that is `marked`,
    wherever the text was cut. `policy` is the guard's: with `required` nothing is shown
    before the first citation is verified, with `none` every marker goes. Where there are
    no units, brackets are no markers and stay.
    """

    def __init__(self, found: Sequence[Unit], question: str, *, policy: str) -> None:
        self._units = found
        self._known_numbers = set(_NUMBER.findall(normalised(question)))
        self._policy = policy
        self._waiting = ""
        self._space = ""
        self._held = ""
        self._since = ""
        self._claim = ""
        self._numbers: dict[int, int] = {}
        self.text = ""
        self.marked = ""
        self.citations: list[Citation] = []

    def feed(self, piece: str) -> str:
        """Take more of the model's text."""
        self._waiting += piece
        cut = _OPEN.search(self._waiting)
        end = len(self._waiting) if cut is None else cut.start()
        ready, self._waiting = self._waiting[:end], self._waiting[end:]
        return self._show(self._resolve(ready))

    def finish(self) -> str:
        """Take what still waits as the end of the text."""
        rest, self._waiting = self._waiting, ""
        return self._show(self._resolve(rest))

    def _show(self, text: str) -> str:
        if self._policy == "required" and not self.citations:
            self._held += text
            return ""
        shown, self._held = self._held + text, ""
        return shown

    def _resolve(self, text: str) -> str:
        out = ""
        at = 0
        for match in _MARKER.finditer(text) if self._units else ():
            out += self._plain(text[at : match.start()])
            out += self._mark([int(n) for n in re.findall(r"\d+", match.group())])
            at = match.end()
        return out + self._plain(text[at:])

    def _plain(self, text: str) -> str:
        """Take text; white space at its end waits until something follows."""
        self._since = (self._since + text)[-CLAIM:]
        whole = self._space + text
        bare = whole.rstrip()
        self._space = whole[len(bare) :]
        shown = bare if self.marked else bare.lstrip()
        self.text += shown
        self.marked += shown
        return shown

    def _mark(self, numbers: Sequence[int]) -> str:
        claim = self._statement()
        good = [n for n in dict.fromkeys(numbers) if self._bears_out(n, claim)]
        if not good:
            # The blank between the statement and a marker that goes is not missed.
            self._space = self._space if "\n" in self._space else ""
            return ""
        shown = self._space + "".join(f"[{self._number(number)}]" for number in good)
        self._space = ""
        self.marked += shown
        return shown

    def _statement(self) -> str:
        """Return what a marker here belongs to: the sentence, or its part since the last one."""
        since = _last_sentence(self._since)
        if words(since):
            self._claim = since
        self._since = ""
        return self._claim

    def _bears_out(self, number: int, claim: str) -> bool:
        if self._policy == "none" or not 1 <= number <= len(self._units):
            return False
        return supports(self._units[number - 1], claim, self._known_numbers)

    def _number(self, unit: int) -> int:
        if unit not in self._numbers:
            self._numbers[unit] = len(self._numbers) + 1
            found = self._units[unit - 1]
            number = self._numbers[unit]
            self.citations.append(citation(number, found.passage, found.start, found.end))
        return self._numbers[unit]


def supports(unit: Unit, claim: str, known_numbers: set[str]) -> bool:
    """Whether a unit bears a statement out, as far as words can tell.

    Every number (but those of the question) and every quotation of the statement must
    stand in the unit or above it; of its words a share must, unless the statement is in
    another script than the source.
    """
    around = f"{unit.passage.context} {unit.shown()}"
    source = normalised(around)
    figures = set(_NUMBER.findall(source))
    stated = _NUMBER.findall(normalised(claim))
    if any(number not in figures and number not in known_numbers for number in stated):
        return False
    if any(normalised(quoted) not in source for quoted in _QUOTED.findall(claim)):
        return False
    terms = content_terms(claim)
    if not terms or has_cjk(claim) != has_cjk(around):
        return bool(claim.strip())
    held = sum(1 for term in terms if term[: max(4, len(term) - 2)] in source)
    return held / len(terms) >= SHARED


def _last_sentence(text: str) -> str:
    """Return the statement a marker at the end of the text belongs to."""
    found = sentences(text.rstrip())
    return _ITEM.sub("", text[found[-1][0] : found[-1][1]]) if found else ""
