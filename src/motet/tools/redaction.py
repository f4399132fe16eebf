"""Texts for models and traces, without secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

LIMIT = 500
_SECRET_NAME = re.compile(r"key|token|secret|passw|credential|auth(?!or)", re.IGNORECASE)
_PATTERNS = (
    re.compile(r"\b(?:sk|pk|ghp|gho|xox[abp])[-_][A-Za-z0-9_-]{12,}"),
    re.compile(r"(?<=Bearer )\S{6,}", re.IGNORECASE),
    re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"),
)


def redacted(text: str, environ: Mapping[str, str] | None = None) -> str:
    """Return the text on one line of at most `LIMIT` characters, without secrets.

    Secrets are the values of variables whose names say so, and what looks like a key.
    """
    variables = os.environ if environ is None else environ
    values = {v for name, v in variables.items() if len(v) >= 6 and _SECRET_NAME.search(name)}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "[secret]")
    for pattern in _PATTERNS:
        text = pattern.sub("[secret]", text)
    text = " ".join(text.split())
    return text if len(text) <= LIMIT else f"{text[:LIMIT]}…"
