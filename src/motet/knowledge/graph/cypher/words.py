"""A cursor over the words of a query, and what is said where they do not fit."""

from __future__ import annotations

from motet.core.errors import UsageError
from motet.knowledge.graph.cypher.lexer import SUPPORTED, Kind, Token, mistake, tokens

MAXIMUM_DEPTH = 60
"""How deep expressions may nest."""


class Words:
    """Reads a query word by word. Every method that expects something raises `UsageError`."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.place = 0
        self.depth = 0
        self._tokens = tokens(query)
        self._unnamed = 0

    @property
    def next(self) -> Token:
        """The word that comes next."""
        return self._tokens[self.place]

    def take(self) -> Token:
        """Return the next word and go on."""
        token = self._tokens[self.place]
        self.place = min(self.place + 1, len(self._tokens) - 1)
        return token

    def sees(self, *signs: str) -> bool:
        """Whether these signs come next, one after the other."""
        ahead = self._tokens[self.place : self.place + len(signs)]
        return [t.text for t in ahead if t.kind == "sign"] == list(signs)

    def sees_word(self, *words: str) -> bool:
        """Whether these keywords come next, in any case."""
        ahead = self._tokens[self.place : self.place + len(words)]
        return [t.text.upper() for t in ahead if t.kind == "name"] == list(words)

    def accept(self, sign: str) -> bool:
        """Go past a sign if it comes next."""
        if not self.sees(sign):
            return False
        self.take()
        return True

    def accept_word(self, *words: str) -> bool:
        """Go past keywords if they come next."""
        if not self.sees_word(*words):
            return False
        for _ in words:
            self.take()
        return True

    def expect(self, sign: str) -> Token:
        """Go past a sign."""
        if not self.sees(sign):
            raise self.unexpected(f"{sign!r}")
        return self.take()

    def expect_word(self, word: str) -> Token:
        """Go past a keyword."""
        if not self.sees_word(word):
            raise self.unexpected(word)
        return self.take()

    def name(self, what: str) -> str:
        """Return a name: a word, or anything between backticks."""
        if self.next.kind not in ("name", "quoted"):
            raise self.unexpected(what)
        return self.take().text

    def is_kind(self, kind: Kind) -> bool:
        """Whether the next word is of a kind."""
        return self.next.kind == kind

    def unnamed(self) -> str:
        """Return a name that no query can hold."""
        self._unnamed += 1
        return f" {self._unnamed}"

    def deeper(self) -> None:
        """Note that expressions nest one deeper."""
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            raise self.wrong(f"expressions nest deeper than {MAXIMUM_DEPTH}")

    def unexpected(self, expected: str) -> UsageError:
        """Return the error that something else was expected here."""
        found = "the end" if self.next.kind == "end" else repr(self.next.text)
        return mistake(self.query, self.next.at, f"expected {expected}, found {found}", SUPPORTED)

    def wrong(self, message: str, at: int | None = None, hint: str | None = None) -> UsageError:
        """Return an error about this place, or another one."""
        return mistake(self.query, self.next.at if at is None else at, message, hint)
