"""What Word, PowerPoint and Excel files share: relations between parts, and the title."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from motet.knowledge.extract.archive import Archive, attribute, local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element


def relations(archive: Archive, part: str) -> dict[str, str]:
    """Return the parts that `part` refers to, by relation id; outside targets are left out."""
    folder, name = posixpath.split(part)
    root = archive.optional_xml(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
    if root is None:
        return {}
    found: dict[str, str] = {}
    for relation in root:
        target, key = attribute(relation, "Target"), attribute(relation, "Id")
        if key and target and attribute(relation, "TargetMode") != "External":
            path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            found[key] = posixpath.normpath(path)
    return found


def related(archive: Archive, part: str, kind: str) -> list[str]:
    """Return the existing parts that `part` refers to by a relation whose type ends in `kind`."""
    folder, name = posixpath.split(part)
    root = archive.optional_xml(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
    if root is None:
        return []
    targets = relations(archive, part)
    keys = [
        attribute(relation, "Id") or ""
        for relation in root
        if (attribute(relation, "Type") or "").endswith(f"/{kind}")
    ]
    return [targets[key] for key in keys if targets.get(key) in archive.names]


def main_part(archive: Archive, fallback: str) -> str:
    """Return the part a package starts from."""
    found = related(archive, "", "officeDocument")
    return found[0] if found else fallback


def title(archive: Archive) -> str | None:
    """Return the title from the document's properties."""
    root = archive.optional_xml("docProps/core.xml")
    if root is None:
        return None
    return next((item.text for item in root if local(item) == "title" and item.text), None)


def children(element: _Element, *names: str) -> Iterator[_Element]:
    """Yield the children with one of these local names."""
    for child in element:
        if local(child) in names:
            yield child


def child(element: _Element, *path: str) -> _Element | None:
    """Return the first descendant along a path of local names, or None."""
    found: _Element | None = element
    for name in path:
        found = next(children(found, name), None) if found is not None else None
    return found
