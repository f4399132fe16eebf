"""Expressions of Cypher, read by precedence."""

from __future__ import annotations

from collections.abc import Callable

from motet.core.errors import UsageError
from motet.knowledge.graph.cypher import patterns
from motet.knowledge.graph.cypher.syntax import (
    Binary,
    Call,
    Case,
    Comprehension,
    Exists,
    Expression,
    HasLabels,
    Index,
    IsNull,
    ListOf,
    Literal_,
    MapOf,
    Parameter,
    Property,
    Quantifier,
    Slice,
    Unary,
    Variable,
)
from motet.knowledge.graph.cypher.words import Words

QUANTIFIERS = ("ALL", "ANY", "NONE", "SINGLE")
_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=", "=~")
_LEVELS = (("+", "-"), ("*", "/", "%"), ("^",))
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}


def expression(words: Words) -> Expression:
    """Read an expression. Raises `UsageError`."""
    words.deeper()
    left = _exclusive(words)
    while words.sees_word("OR"):
        left = Binary("OR", left, _after(words, _exclusive), words.next.at)
    words.depth -= 1
    return left


def _after(words: Words, read: Callable[[Words], Expression]) -> Expression:
    words.take()
    return read(words)


def _exclusive(words: Words) -> Expression:
    left = _conjunction(words)
    while words.sees_word("XOR"):
        left = Binary("XOR", left, _after(words, _conjunction), words.next.at)
    return left


def _conjunction(words: Words) -> Expression:
    left = _negation(words)
    while words.sees_word("AND"):
        left = Binary("AND", left, _after(words, _negation), words.next.at)
    return left


def _negation(words: Words) -> Expression:
    times = 0
    while words.accept_word("NOT"):
        times += 1
    found = _comparison(words)
    if times == 0:
        return found
    found = Unary("NOT", found)
    return found if times % 2 else Unary("NOT", found)


def _comparison(words: Words) -> Expression:
    """Read comparisons; `a < b < c` is `a < b AND b < c`."""
    left = _predicate(words)
    found: Expression | None = None
    while words.is_kind("sign") and words.next.text in _COMPARISONS:
        sign = words.take()
        if sign.text == "=~":
            hint = "use STARTS WITH, ENDS WITH or CONTAINS"
            raise words.wrong("regular expressions are not supported", sign.at, hint)
        right = _predicate(words)
        compared = Binary(sign.text, left, right, sign.at)
        found = compared if found is None else Binary("AND", found, compared, sign.at)
        left = right
    return left if found is None else found


def _predicate(words: Words) -> Expression:
    left = _sum(words, 0)
    while True:
        at = words.next.at
        if words.accept_word("IS"):
            negated = words.accept_word("NOT")
            words.expect_word("NULL")
            left = IsNull(left, negated)
        elif words.accept_word("IN"):
            left = Binary("IN", left, _sum(words, 0), at)
        elif words.accept_word("STARTS", "WITH"):
            left = Binary("STARTS WITH", left, _sum(words, 0), at)
        elif words.accept_word("ENDS", "WITH"):
            left = Binary("ENDS WITH", left, _sum(words, 0), at)
        elif words.accept_word("CONTAINS"):
            left = Binary("CONTAINS", left, _sum(words, 0), at)
        else:
            return left


def _sum(words: Words, level: int) -> Expression:
    if level == len(_LEVELS):
        return _signed(words)
    left = _sum(words, level + 1)
    while words.is_kind("sign") and words.next.text in _LEVELS[level]:
        sign = words.take()
        left = Binary(sign.text, left, _sum(words, level + 1), sign.at)
    return left


def _signed(words: Words) -> Expression:
    signs = ""
    while words.sees("-") or words.sees("+"):
        signs += words.take().text
    found = _postfix(words)
    return Unary("-", found) if signs.count("-") % 2 else found


def _postfix(words: Words) -> Expression:
    found = _atom(words)
    while True:
        if words.accept("."):
            found = Property(found, words.name("the name of a property"))
        elif words.accept("["):
            found = _within(words, found)
        elif words.sees(":"):
            found = HasLabels(found, patterns.labels(words))
        else:
            return found


def _within(words: Words, of: Expression) -> Expression:
    low = None if words.sees("..") else expression(words)
    if not words.accept(".."):
        words.expect("]")
        assert low is not None
        return Index(of, low)
    high = None if words.sees("]") else expression(words)
    words.expect("]")
    return Slice(of, low, high)


def _atom(words: Words) -> Expression:
    token = words.next
    if token.kind == "string":
        return Literal_(words.take().text)
    if token.kind == "integer":
        return Literal_(_integer(words))
    if token.kind == "float":
        return Literal_(float(words.take().text))
    if token.kind == "parameter":
        return Parameter(words.take().text, token.at)
    if words.sees("("):
        return _pattern(words) or _parenthesised(words)
    if words.sees("["):
        return _list(words)
    if words.sees("{"):
        return MapOf(pairs(words))
    if token.kind == "quoted":
        return Variable(words.take().text, token.at)
    if token.kind == "name":
        return _named(words)
    raise words.unexpected("an expression")


def _integer(words: Words) -> int:
    token = words.take()
    value = int(token.text, 0) if token.text[:2].lower() == "0x" else int(token.text)
    if value >= 2**63:
        raise words.wrong("the number needs more than 64 bits", token.at)
    return value


def _parenthesised(words: Words) -> Expression:
    words.expect("(")
    found = expression(words)
    words.expect(")")
    return found


def _pattern(words: Words) -> Expression | None:
    """Read a pattern that stands for whether it matches; None where it is none."""
    place, depth = words.place, words.depth
    try:
        chain = patterns.chain(words)
    except UsageError:
        chain = None
    if chain is None or not chain.relations:
        words.place, words.depth = place, depth
        return None
    return Exists((chain,), None)


def _list(words: Words) -> Expression:
    words.expect("[")
    place = words.place
    if words.is_kind("name"):
        variable = words.take().text
        if words.accept_word("IN"):
            return _comprehension(words, variable)
        words.place = place
    items: list[Expression] = []
    while not words.accept("]"):
        items.append(expression(words))
        if not words.sees("]"):
            words.expect(",")
    return ListOf(tuple(items))


def _comprehension(words: Words, variable: str) -> Expression:
    source = expression(words)
    where = expression(words) if words.accept_word("WHERE") else None
    value = expression(words) if words.accept("|") else None
    words.expect("]")
    return Comprehension(variable, source, where, value)


def pairs(words: Words) -> tuple[tuple[str, Expression], ...]:
    """Read `{name: value, ...}`."""
    words.expect("{")
    found: list[tuple[str, Expression]] = []
    while not words.accept("}"):
        name = words.name("the name of a property")
        words.expect(":")
        found.append((name, expression(words)))
        if not words.sees("}"):
            words.expect(",")
    return tuple(found)


def _named(words: Words) -> Expression:
    token = words.take()
    word = token.text.upper()
    if word == "CASE" and not words.sees("("):
        return _case(words)
    if word == "EXISTS" and words.sees("{"):
        return _exists(words)
    if words.sees("("):
        if word in QUANTIFIERS:
            return _quantifier(words, word.lower())
        return _call(words, token.text.lower(), token.at)
    if word in _CONSTANTS:
        return Literal_(_CONSTANTS[word])
    return Variable(token.text, token.at)


def _call(words: Words, name: str, at: int) -> Expression:
    words.expect("(")
    if words.accept("*"):
        words.expect(")")
        return Call(name, (), False, True, at)
    distinct = words.accept_word("DISTINCT")
    found: list[Expression] = []
    while not words.accept(")"):
        found.append(expression(words))
        if not words.sees(")"):
            words.expect(",")
    if name == "exists" and len(found) == 1:
        return found[0] if isinstance(found[0], Exists) else IsNull(found[0], True)
    return Call(name, tuple(found), distinct, False, at)


def _quantifier(words: Words, kind: str) -> Expression:
    words.expect("(")
    variable = words.name("a name")
    words.expect_word("IN")
    source = expression(words)
    words.expect_word("WHERE")
    where = expression(words)
    words.expect(")")
    return Quantifier(kind, variable, source, where)


def _exists(words: Words) -> Expression:
    words.expect("{")
    words.accept_word("MATCH")
    chains = patterns.chains(words)
    where = expression(words) if words.accept_word("WHERE") else None
    words.expect("}")
    return Exists(chains, where)


def _case(words: Words) -> Expression:
    subject = None if words.sees_word("WHEN") else expression(words)
    branches: list[tuple[Expression, Expression]] = []
    while words.accept_word("WHEN"):
        condition = expression(words)
        words.expect_word("THEN")
        branches.append((condition, expression(words)))
    if not branches:
        raise words.unexpected("WHEN")
    otherwise = expression(words) if words.accept_word("ELSE") else None
    words.expect_word("END")
    return Case(subject, tuple(branches), otherwise)
