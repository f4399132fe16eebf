"""How text becomes terms of the full-text index, and a question an FTS5 expression.

SQLite's tokenizers find nothing inside Chinese, Japanese or Korean runs, so these are
indexed as single characters and overlapping bigrams and asked for as bigrams.
"""

from __future__ import annotations

import re
import unicodedata

from motet.core.text import CJK, content_terms, ngrams, words

_RUN = re.compile(f"[{CJK}]+")
MAX_TERMS = 64
"""Terms of one question that are looked up; the rest adds cost and no ranking."""


def index_text(text: str) -> str:
    """Return the text as the full-text index takes it."""
    folded = unicodedata.normalize("NFKC", text).replace("\0", " ")
    return _RUN.sub(lambda run: f" {' '.join(_units(run.group()))} ", folded)


def _units(run: str) -> list[str]:
    return [*run, *ngrams(run)] if len(run) > 1 else [run]


def query_expression(question: str) -> str | None:
    """Return an FTS5 expression that matches any term; None when there is no term."""
    terms = content_terms(question) or tuple(words(question))
    quoted = dict.fromkeys(f'"{term.replace(chr(34), chr(34) * 2)}"' for term in terms)
    return " OR ".join(list(quoted)[:MAX_TERMS]) or None
