"""Texts for models and traces, without secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence

LIMIT = 500
_SECRET_NAME = re.compile(r"key|token|secret|passw|credential|auth(?!or)", re.IGNORECASE)
_PATTERNS = (
    re.compile(r"\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|hf|xox[abp])[-_][A-Za-z0-9_-]{12,}"),
    re.compile(r"\b(?:AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*)"),
    re.compile(r"(?<=Bearer )\S{6,}", re.IGNORECASE),
    re.compile(r"(?<=Basic )[A-Za-z0-9+/=]{8,}", re.IGNORECASE),
    re.compile(r"(?i)(?<=key=)[^\s&\"']{6,}|(?<=token=)[^\s&\"']{6,}|(?<=secret=)[^\s&\"']{6,}"),
    re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"),
)


def redacted(text: str, environ: Mapping[str, str] | None = None) -> str:
    """Return the text on one line of at most `LIMIT` characters, without secrets.

    Secrets are the values of variables whose names say so, and what looks like a key.
    """
    return redactor(environ)(text)


def without_secrets(text: str, environ: Mapping[str, str] | None = None) -> str:
    """Return the text as it is, but for secrets; see `redacted`."""
    return _cut_out(text, _values(environ, ()))


def redactor(
    environ: Mapping[str, str] | None = None, also: Collection[str] = ()
) -> Callable[[str], str]:
    """Return `redacted` for many texts; the variables that `also` names are secret too."""
    values = _values(environ, also)

    def redact(text: str) -> str:
        text = " ".join(_cut_out(text, values).split())
        return text if len(text) <= LIMIT else f"{text[:LIMIT]}…"

    return redact


def _values(environ: Mapping[str, str] | None, also: Collection[str]) -> list[str]:
    """Return the values of secret variables, longest first."""
    variables = os.environ if environ is None else environ
    values = {
        value
        for name, value in variables.items()
        if len(value) >= 6 and (name in also or _SECRET_NAME.search(name))
    }
    return sorted(values, key=len, reverse=True)


def _cut_out(text: str, values: Sequence[str]) -> str:
    for value in values:
        text = text.replace(value, "[secret]")
    for pattern in _PATTERNS:
        text = pattern.sub("[secret]", text)
    return text
