"""How text becomes terms of the full-text index, and a question an FTS5 expression.

SQLite's tokenizers find nothing inside Chinese, Japanese or Korean runs, so these are
indexed as single characters and overlapping bigrams and asked for as bigrams.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from motet.core.text import CJK, content_terms, ngrams, normalised, words

_RUN = re.compile(f"[{CJK}]+")
MAX_TERMS = 64
"""Terms of one question that are looked up; the rest adds cost and no ranking."""


def index_text(text: str) -> str:
    """Return the text as the full-text index takes it."""
    if text.isascii():  # the tokenizer folds these itself
        return text.replace("\0", " ")
    folded = normalised(text).replace("\0", " ")
    if folded.isascii():
        return folded
    return _RUN.sub(lambda run: f" {' '.join(_units(run.group()))} ", folded)


def _units(run: str) -> list[str]:
    return [*run, *ngrams(run)] if len(run) > 1 else [run]


def query_terms(question: str) -> list[str]:
    """Return the terms to look up: those that carry meaning, else all words there are."""
    return list(content_terms(question) or dict.fromkeys(words(question)))[:MAX_TERMS]


def term_expression(term: str) -> str:
    """Return an FTS5 expression for a term, whatever characters it holds."""
    return f'"{term.replace(chr(34), chr(34) * 2)}"'


def any_of(terms: Sequence[str]) -> str:
    """Return an FTS5 expression that matches where any of the terms stands."""
    return " OR ".join(term_expression(term) for term in terms)
