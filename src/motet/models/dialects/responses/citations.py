"""Annotations of a text: addresses as they are, stored files under an address of our own form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from motet.core.chat import Citation
from motet.core.json import JSON

_FILE = "openai-file:"
_PATH = "openai-path:"
_CONTAINER = "openai-container:"


def read_annotation(value: JSON) -> Citation | None:
    """Return the citation, None for a kind of annotation that is none."""
    if not isinstance(value, Mapping):
        return None
    kind, file = value.get("type"), _text(value.get("file_id")) or ""
    start, end = _number(value.get("start_index")), _number(value.get("end_index"))
    if kind == "url_citation":
        url, title = _text(value.get("url")), _text(value.get("title"))
        return Citation(url=url, title=title, start=start, end=end)
    title, at = _text(value.get("filename")), _number(value.get("index"))
    if kind == "file_citation":
        return Citation(url=f"{_FILE}{file}" if file else None, title=title, start=at)
    if kind == "file_path":
        return Citation(url=f"{_PATH}{file}", start=at)
    if kind == "container_file_citation":
        container = _text(value.get("container_id")) or ""
        return Citation(url=f"{_CONTAINER}{container}/{file}", title=title, start=start, end=end)
    return None


def written_annotation(citation: Citation) -> dict[str, JSON]:
    """Return the annotation. A quote cannot be said; `unsaid` tells."""
    url, title = citation.url or "", citation.title or ""
    if url.startswith(_FILE):
        return _file(url.removeprefix(_FILE), title, citation.start)
    if url.startswith(_PATH):
        file = url.removeprefix(_PATH)
        return {"type": "file_path", "file_id": file, "index": citation.start}
    span: dict[str, JSON] = {"start_index": citation.start, "end_index": citation.end}
    if url.startswith(_CONTAINER):
        container, _, file = url.removeprefix(_CONTAINER).partition("/")
        kind = {"type": "container_file_citation", "container_id": container, "file_id": file}
        return {**kind, "filename": title, **span}
    return {"type": "url_citation", "url": url, "title": title, **span}


def unsaid(citation: Citation) -> bool:
    """Whether the annotation says less than the citation."""
    said = read_annotation(written_annotation(citation))
    return said != replace(citation, url=citation.url or None, title=citation.title or None)


def _file(file: str, title: str, at: int | None) -> dict[str, JSON]:
    return {"type": "file_citation", "file_id": file, "filename": title, "index": at}


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: JSON) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
