"""Patterns of Cypher: nodes, relations between them, and paths."""

from __future__ import annotations

from dataclasses import replace

from motet.knowledge.graph.cypher import expressions
from motet.knowledge.graph.cypher.syntax import (
    Chain,
    Direction,
    NodePattern,
    Properties,
    RelationPattern,
)
from motet.knowledge.graph.cypher.words import Words

MAXIMUM_STEPS = 8
"""How many relations `*` may stand for."""


def chains(words: Words) -> tuple[Chain, ...]:
    """Read patterns with commas between them. Raises `UsageError`."""
    found = [_path(words)]
    while words.accept(","):
        found.append(_path(words))
    return tuple(found)


def _path(words: Words) -> Chain:
    name = None
    if words.is_kind("name") or words.is_kind("quoted"):
        place = words.place
        name = words.take().text
        if not words.accept("="):
            words.place, name = place, None
    for word, kind in (("SHORTESTPATH", "one"), ("ALLSHORTESTPATHS", "all")):
        if words.accept_word(word):
            words.expect("(")
            at = words.next.at
            found = chain(words)
            words.expect(")")
            if len(found.relations) != 1:
                raise words.wrong("a shortest path has one relation, such as -[*..4]-", at)
            return replace(found, path=name, shortest=kind)  # type: ignore[arg-type]
    return replace(chain(words), path=name)


def chain(words: Words) -> Chain:
    """Read nodes with relations between them. Raises `UsageError`."""
    nodes = [_node(words)]
    relations: list[RelationPattern] = []
    while words.sees("-") or words.sees("<", "-"):
        relations.append(_relation(words))
        nodes.append(_node(words))
    return Chain(tuple(nodes), tuple(relations))


def labels(words: Words) -> tuple[str, ...]:
    """Read `:A:B`."""
    found: list[str] = []
    while words.accept(":"):
        found.append(words.name("a label"))
    return tuple(found)


def _variable(words: Words) -> str:
    if words.is_kind("name") or words.is_kind("quoted"):
        return words.take().text
    return words.unnamed()


def _node(words: Words) -> NodePattern:
    words.expect("(")
    variable = _variable(words)
    found = labels(words)
    properties = expressions.pairs(words) if words.sees("{") else ()
    words.expect(")")
    return NodePattern(variable, found, properties)


def _relation(words: Words) -> RelationPattern:
    at = words.next.at
    inward = words.accept("<")
    words.expect("-")
    variable, steps = "", None
    types: tuple[str, ...] = ()
    properties: Properties = ()
    if words.accept("["):
        variable = _variable(words)
        types = _types(words)
        steps = _steps(words) if words.accept("*") else None
        properties = expressions.pairs(words) if words.sees("{") else ()
        words.expect("]")
    words.expect("-")
    outward = words.accept(">")
    direction: Direction = "both" if inward == outward else "in" if inward else "out"
    return RelationPattern(variable or words.unnamed(), types, direction, properties, steps, at)


def _types(words: Words) -> tuple[str, ...]:
    if not words.accept(":"):
        return ()
    found = [words.name("a type")]
    while words.accept("|"):
        words.accept(":")
        found.append(words.name("a type"))
    return tuple(dict.fromkeys(found))


def _steps(words: Words) -> tuple[int, int]:
    at = words.next.at
    low = int(words.take().text) if words.is_kind("integer") else None
    if words.accept(".."):
        high = int(words.take().text) if words.is_kind("integer") else MAXIMUM_STEPS
        low = 1 if low is None else low
    else:
        high = MAXIMUM_STEPS if low is None else low
        low = 1 if low is None else low
    if high > MAXIMUM_STEPS:
        hint = f"write at most *..{MAXIMUM_STEPS}"
        raise words.wrong(f"paths of up to {high} relations are too many to follow", at, hint)
    return low, high
