"""Cypher read into its syntax tree; what would change the graph is refused."""

from __future__ import annotations

from functools import lru_cache

from motet.knowledge.graph.cypher import patterns
from motet.knowledge.graph.cypher.expressions import expression
from motet.knowledge.graph.cypher.lexer import SUPPORTED
from motet.knowledge.graph.cypher.syntax import (
    Clause,
    Expression,
    Item,
    Match,
    Projection,
    Query,
    Unwind,
    Variable,
)
from motet.knowledge.graph.cypher.words import Words

WRITING = ("CREATE", "MERGE", "SET", "DELETE", "DETACH", "REMOVE", "DROP", "FOREACH", "LOAD")


@lru_cache(maxsize=256)
def parse(text: str) -> Query:
    """Read a query. Raises `UsageError` with line and column."""
    words = Words(text)
    if words.is_kind("end"):
        raise words.wrong("the query is empty", hint=SUPPORTED)
    clauses: list[Clause] = []
    while not (clauses and isinstance(clauses[-1], Projection) and clauses[-1].final):
        clauses.append(_clause(words))
    words.accept(";")
    if not words.is_kind("end"):
        raise _refused(words, "the end")
    return Query(text, tuple(clauses))


def _clause(words: Words) -> Clause:
    if words.accept_word("OPTIONAL", "MATCH"):
        return _match(words, optional=True)
    if words.accept_word("MATCH"):
        return _match(words, optional=False)
    if words.accept_word("UNWIND"):
        source = expression(words)
        words.expect_word("AS")
        return Unwind(source, words.name("a name"))
    if words.accept_word("WITH"):
        return _projection(words, final=False)
    if words.accept_word("RETURN"):
        return _projection(words, final=True)
    raise _refused(words, "RETURN" if words.is_kind("end") else "a clause")


def _refused(words: Words, expected: str) -> Exception:
    word = words.next.text.upper()
    if words.is_kind("name") and word in WRITING:
        message = f"{word} would change the graph; queries only read"
        return words.wrong(message, hint=SUPPORTED)
    if words.is_kind("name") and word in ("CALL", "UNION", "USE"):
        return words.wrong(f"{word} is not supported", hint=SUPPORTED)
    return words.unexpected(expected)


def _match(words: Words, *, optional: bool) -> Match:
    chains = patterns.chains(words)
    where = expression(words) if words.accept_word("WHERE") else None
    return Match(chains, optional, where)


def _projection(words: Words, *, final: bool) -> Projection:
    distinct = words.accept_word("DISTINCT")
    star = words.accept("*")
    items: list[Item] = []
    if not star or words.accept(","):
        items.append(_item(words))
        while words.accept(","):
            items.append(_item(words))
    order: list[tuple[Expression, bool]] = []
    if words.accept_word("ORDER", "BY"):
        order.append(_ordered(words))
        while words.accept(","):
            order.append(_ordered(words))
    skip = expression(words) if words.accept_word("SKIP") else None
    limit = expression(words) if words.accept_word("LIMIT") else None
    where = expression(words) if not final and words.accept_word("WHERE") else None
    return Projection(tuple(items), star, distinct, tuple(order), skip, limit, where, final)


def _item(words: Words) -> Item:
    begin = words.next.at
    value = expression(words)
    written = words.query[begin : words.next.at].strip()
    if words.accept_word("AS"):
        return Item(value, words.name("a name"))
    return Item(value, value.name if isinstance(value, Variable) else written)


def _ordered(words: Words) -> tuple[Expression, bool]:
    found = expression(words)
    for word in ("DESC", "DESCENDING"):
        if words.accept_word(word):
            return found, True
    for word in ("ASC", "ASCENDING"):
        if words.accept_word(word):
            break
    return found, False
