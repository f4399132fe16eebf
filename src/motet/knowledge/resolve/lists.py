"""Lists of texts in queries, empty ones too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motet.core.store.sessions import Value
    from motet.knowledge.store.dialect import Dialect


def among_texts(dialect: Dialect, texts: Iterable[str]) -> tuple[str, tuple[Value, ...]]:
    """Return what stands behind `IN`, and its values.

    PostgreSQL takes an empty list for one of numbers, so it holds a text that nothing is.
    """
    return dialect.among(sorted(texts) or ["\N{REPLACEMENT CHARACTER}"])
