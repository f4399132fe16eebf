"""The user's own names, matched over texts: a trie of tokens, exact and deterministic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from motet.core.graph import Entity
from motet.core.text import normalised
from motet.knowledge.entities import headers
from motet.knowledge.entities.forms import RANKS, Declared, Form, forms
from motet.knowledge.entities.tokens import Token, breaks, gap, joins_code, splits_word, tokens

_T = TypeVar("_T")
MANY = 3
"""Entities that share a form of the lowest rank up to which each is mentioned."""


@dataclass(frozen=True, slots=True)
class Hit:
    """`text[start:end]` is a form of each of `entities`; `rank` as in `RANKS`."""

    start: int
    end: int
    entities: tuple[Entity, ...]
    rank: int


class _Node:
    __slots__ = ("forms", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.forms: Counter[tuple[tuple[str, ...], Form]] = Counter()


class Gazetteer:
    """Names declared by versions, found in texts.

    Matching takes time in proportion to the text, whatever the number of names; adding and
    removing a name takes time in proportion to the name.
    """

    def __init__(self, declared: Iterable[Declared] = ()) -> None:
        self._root = _Node()
        self._cells: dict[str, Counter[tuple[int, Entity]]] = {}
        for each in declared:
            self.add(each)

    def add(self, declared: Declared) -> None:
        """Add a name once more."""
        for spelled, form in _spelled(declared):
            node = self._root
            for word in spelled[0]:
                node = node.next.setdefault(word, _Node())
            node.forms[(spelled[1], form)] += 1
        cell, ranked = _cell(declared)
        self._cells.setdefault(cell, Counter())[ranked] += 1

    def remove(self, declared: Declared) -> None:
        """Take a name away as often as it was added."""
        for spelled, form in _spelled(declared):
            self._prune(spelled[0], (spelled[1], form))
        cell, ranked = _cell(declared)
        held = self._cells.get(cell)
        if held is not None:
            _take(held, ranked)
            if not held:
                del self._cells[cell]

    def _prune(self, words: tuple[str, ...], entry: tuple[tuple[str, ...], Form]) -> None:
        path = [self._root]
        for word in words:
            below = path[-1].next.get(word)
            if below is None:
                return
            path.append(below)
        _take(path[-1].forms, entry)
        for word, parent, node in zip(
            reversed(words), reversed(path[:-1]), reversed(path[1:]), strict=True
        ):
            if node.next or node.forms:
                return
            del parent.next[word]

    def whole(self, value: str, label: str | None = None) -> tuple[Entity, int] | None:
        """Return the entity that a cell names as a whole, with its rank.

        An entity of the label, which the column gives, comes first. A bare number names nothing:
        see `OwnKeys`.
        """
        held = self._cells.get(normalised(value))
        if not held or not any(char.isalpha() for char in value):
            return None
        of_label = sorted(each for each in held if each[1].label == label)
        if of_label:
            return of_label[0][1], of_label[0][0]
        best = min(rank for rank, _ in held)
        entities = sorted(entity for rank, entity in held if rank == best)
        return (entities[0], best) if len(entities) == 1 else None

    def find(self, text: str) -> list[Hit]:
        """Return what stands in the text, by place.

        At each token that is the longest form, and a shorter one only of a better rank.
        """
        found = tokens(text)
        hits: list[Hit] = []
        first = self._root.next
        for position, token in enumerate(found):
            if token[0] in first:
                hits += self._from(text, found, position)
        return hits

    def _from(self, text: str, found: list[Token], position: int) -> list[Hit]:
        """Return what begins at a token."""
        node = self._root
        hits: list[Hit] = []
        between: tuple[str, ...] = ()
        _, start, end = found[position]
        for word, low, high in found[position:]:
            if low > start:
                apart = text[end:low]
                if word not in node.next or breaks(apart):
                    break
                between = (*between, gap(apart))
            node, end = node.next[word], high
            if node.forms:
                hit = _meant(text, start, end, between, node.forms)
                if hit is not None:
                    hits = [*(each for each in hits if each.rank < hit.rank), hit]
        return hits


class OwnKeys:
    """The numbers that one version's rows are known by: they mean something there alone."""

    def __init__(self, declared: Iterable[Declared]) -> None:
        self._held: dict[str, set[tuple[int, Entity]]] = {}
        for each in declared:
            if not any(char.isalpha() for char in each.form):
                cell, ranked = _cell(each)
                self._held.setdefault(cell, set()).add(ranked)

    def whole(self, value: str, column: str) -> tuple[Entity, int] | None:
        """Return whom a number in a column identifies: `customer_id: 7`, or `id: 7` at home."""
        held = self._held.get(normalised(value))
        if not held:
            return None
        label = headers.stem(column)
        for rank, entity in sorted(held):
            if entity.label == label or (not label and rank == RANKS["key"]):
                return entity, rank
        return None


def _meant(
    text: str,
    start: int,
    end: int,
    between: tuple[str, ...],
    entries: Iterable[tuple[tuple[str, ...], Form]],
) -> Hit | None:
    """Return whom the forms that fit at this place stand for."""
    fitting = [
        form
        for gaps, form in entries
        if gaps == between
        and not (form.cased and not text[start].isupper())
        and not (form.code and joins_code(text, start, end))
    ]
    if not fitting or splits_word(text, start, end):
        return None
    rank = min(form.rank for form in fitting)
    entities = tuple(sorted({form.entity for form in fitting if form.rank == rank}))
    if len(entities) > (MANY if rank < RANKS["short"] else 1):
        return None
    return Hit(start, end, entities, rank)


def _spelled(declared: Declared) -> Iterator[tuple[tuple[tuple[str, ...], tuple[str, ...]], Form]]:
    """Yield each form as tokens and what stands between them, and its plural."""
    for form in forms(declared):
        found = tokens(form.text)
        if not found:
            continue
        words = tuple(word for word, _, _ in found)
        gaps = tuple(gap(form.text[a[2] : b[1]]) for a, b in pairwise(found))
        yield (words, gaps), form
        last = words[-1]
        if last.isascii() and last.isalpha() and len(last) >= 4 and not form.code:
            plural = f"{last}es" if last.endswith(("s", "x", "ch", "sh")) else f"{last}s"
            yield ((*words[:-1], plural), gaps), form


def _cell(declared: Declared) -> tuple[str, tuple[int, Entity]]:
    return normalised(declared.form), (RANKS[declared.kind], declared.entity)


def _take(counter: Counter[_T], key: _T) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
