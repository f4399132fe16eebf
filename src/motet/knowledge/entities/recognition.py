"""Names that recognisers find in the prose of one version, and who is meant by short ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from motet.core.graph import Entity, Named, Producer
from motet.core.text import normalised
from motet.knowledge.entities.forms import Declared, has_legal_form
from motet.knowledge.entities.patterns import ORGANISATION, PERSON, capitalised, sure

if TYPE_CHECKING:
    from motet.core.protocols import NameFinder

PATTERNS = Producer("patterns", "2")
EXPERT = "names"
_HONORIFIC = re.compile(r"^(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Sir|Dame)\.?\s+)+(?=\S)")
_PARAGRAPH = re.compile(r"\s*\n\s*\n")
_ADDRESS = re.compile(r"\s*<?\S*@.*", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]{2}")
_LEGAL_ONLY = re.compile(r"(?:Co\.?,?\s*)?(?:Ltd|Inc|LLC|GmbH|AG|KG|Corp|PLC)\.?")
SHORT = 0.6
"""Score of a person's last name alone, which stands with the whole name in the version."""
SURNAME = 4
"""Letters of the shortest last name that is looked for by itself."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A name that a recogniser found, which one, and the key of whom is meant."""

    named: Named
    producer: Producer
    key: str

    @property
    def entity(self) -> Entity:
        """Return whom the name means."""
        return Entity(self.named.label, self.key)


class Recogniser:
    """Finds names in the prose of a version.

    `finder` is the NER expert, None where there is none; then capitalised sequences stand in.
    """

    def __init__(self, finder: NameFinder | None) -> None:
        self._finder = finder
        self.expert = Producer(EXPERT, finder.name) if finder is not None else None

    def find(
        self, texts: Sequence[str], told: Sequence[Sequence[Recognised]]
    ) -> list[list[Recognised]]:
        """Return the names of each text; the texts are the whole prose of one version.

        `told` are names that somebody else found in them.
        """
        found = [
            [*also, *(_recognised(text, each, PATTERNS) for each in sure(text))]
            for text, also in zip(texts, told, strict=True)
        ]
        if self._finder is None or self.expert is None:
            for text, names in zip(texts, found, strict=True):
                names += [_recognised(text, each, PATTERNS) for each in capitalised(text)]
            return [*map(_plausible, texts, found)]
        read = [at for at, text in enumerate(texts) if self._finder.can_read(text)]
        named = self._finder.find([texts[at] for at in read])
        for at, each in zip(read, named, strict=True):
            found[at] += [_recognised(texts[at], name, self.expert) for name in each]
        return _people(texts, [*map(_plausible, texts, found)])


def companies(texts: Iterable[str], found: Iterable[Sequence[Recognised]]) -> Iterator[Declared]:
    """Yield the companies whose legal form says that they are some: names for every document."""
    for text, names in zip(texts, found, strict=True):
        for each in names:
            written = " ".join(text[each.named.start : each.named.end].split())
            sure_company = each.named.label == ORGANISATION and each.producer == PATTERNS
            if sure_company and has_legal_form(written):
                yield Declared(each.entity, written, "reference")


def _recognised(text: str, named: Named, producer: Producer) -> Recognised:
    """Return a name without a form of address, and not beyond its paragraph."""
    whole = text[named.start : named.end]
    whole = _ADDRESS.sub("", _PARAGRAPH.split(whole)[0])
    polite = _HONORIFIC.match(whole) if named.label == PERSON else None
    start = named.start + (polite.end() if polite else 0)
    end = named.start + len(whole)
    kept = replace(named, start=start, end=end)
    return Recognised(kept, producer, normalised(text[start:end]))


def _plausible(text: str, names: Sequence[Recognised]) -> list[Recognised]:
    """Leave out what is hardly a name: a legal form alone, a single letter."""
    return [
        each
        for each in names
        if _LETTERS.search(text, each.named.start, each.named.end)
        and not _LEGAL_ONLY.fullmatch(text[each.named.start : each.named.end])
    ]


def _people(texts: Sequence[str], found: Sequence[Sequence[Recognised]]) -> list[list[Recognised]]:
    """Let a first or last name mean the one person of the version who is called so in full."""
    full = {each.key for names in found for each in names if _is_full(each)}
    short: dict[str, set[str]] = {}
    for key in full:
        words = key.split()
        for word in {words[0], words[-1]}:
            short.setdefault(word, set()).add(key)
    meant = {word: next(iter(keys)) for word, keys in short.items() if len(keys) == 1}
    surnames = {key.split()[-1] for key in full}
    return [
        [*(_meant(each, meant) for each in names), *_alone(text, names, meant, surnames)]
        for text, names in zip(texts, found, strict=True)
    ]


def _is_full(each: Recognised) -> bool:
    return each.named.label == PERSON and 2 <= len(each.key.split()) <= 4


def _meant(each: Recognised, meant: dict[str, str]) -> Recognised:
    if each.named.label == PERSON and each.key in meant:
        return replace(each, key=meant[each.key])
    return each


def _alone(
    text: str, names: Sequence[Recognised], meant: dict[str, str], surnames: set[str]
) -> Iterator[Recognised]:
    """Yield last names that stand alone where no recogniser saw one."""
    taken = [(each.named.start, each.named.end) for each in names]
    for match in re.finditer(r"\b[^\W\d_][\w’']+", text) if surnames else ():
        word = re.sub(r"[’']s?$", "", match.group())
        start, end = match.start(), match.start() + len(word)
        if len(word) < SURNAME or not word[0].isupper() or word.isupper():
            continue
        key = normalised(word)
        if (
            key in surnames
            and key in meant
            and all(end <= low or high <= start for low, high in taken)
        ):
            yield Recognised(Named(start, end, PERSON, SHORT), PATTERNS, meant[key])
