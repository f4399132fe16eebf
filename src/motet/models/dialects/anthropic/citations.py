"""Citations as Anthropic writes them on blocks of text.

Web search results have an address, documents a place (characters, pages, blocks). Address,
title and quote are everybody's; the place is in terms of the request's documents and stays in
the seal.
"""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import Citation
from motet.core.json import JSON
from motet.models.dialects.anthropic.own import fields_of, seal_of

_WEB = "web_search_result_location"
_SEARCH = "search_result_location"
_UNSEALED: Mapping[str, JSON] = {"type": _WEB, "encrypted_index": ""}


def read_citation(value: Mapping[str, JSON]) -> Citation:
    """Read one citation of whatever type."""
    address, title = _names(value)
    shared = {address, title, "cited_text"}
    own = {key: each for key, each in value.items() if key not in shared}
    return Citation(
        url=_text(value.get(address)),
        title=_text(value.get(title)),
        quote=_text(value.get("cited_text")),
        seal=None if own == _UNSEALED else seal_of(own),
    )


def write_citation(citation: Citation, *, to_provider: bool) -> dict[str, JSON] | None:
    """Write a citation, None where it cannot be.

    One that Anthropic did not make is written to clients as a web search result, if it has an
    address; the API itself accepts only its own.
    """
    own = fields_of(citation.seal)
    if not own:
        if to_provider or citation.url is None:
            return None
        own = dict(_UNSEALED)
    address, title = _names(own)
    written = {**own, "cited_text": citation.quote or "", title: citation.title}
    if citation.url is not None:
        written[address] = citation.url
    return written


def _names(value: Mapping[str, JSON]) -> tuple[str, str]:
    """Return what the type calls the address and the title."""
    if value.get("type") in (_WEB, _SEARCH):
        return ("url" if value["type"] == _WEB else "source"), "title"
    return "url", "document_title"


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None
