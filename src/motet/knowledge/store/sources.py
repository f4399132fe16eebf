"""What the store says of its sources, and what a writer is told of a version it may add to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from motet.core.clock import iso
from motet.core.documents import Region
from motet.core.json import JSON
from motet.core.store.sessions import Row, Value
from motet.knowledge.prepare import Prepared

Kind = Literal["file", "memory", "database", "url"]


@dataclass(frozen=True, slots=True)
class Source:
    """A source as people see it in lists. `reason` says why it failed; `updated` is RFC 3339."""

    source: str
    status: str
    reason: str | None
    version: str
    bytes: int
    updated: str
    media_type: str | None
    title: str | None
    pages: int | None
    chunks: int
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "source": self.source,
            "status": self.status,
            "reason": self.reason,
            "version": self.version,
            "bytes": self.bytes,
            "updated": self.updated,
            "media_type": self.media_type,
            "title": self.title,
            "pages": self.pages,
            "chunks": self.chunks,
            "notes": self.notes,
        }


@dataclass(frozen=True, slots=True)
class Text:
    """The whole extracted text of one version; citations count in its code points."""

    source: str
    version: str
    media_type: str
    title: str | None
    text: str
    regions: tuple[Region, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        regions: list[JSON] = [
            {"kind": r.kind, "number": r.number, "start": r.start, "end": r.end, "name": r.name}
            for r in self.regions
        ]
        return {
            "source": self.source,
            "version": self.version,
            "media_type": self.media_type,
            "title": self.title,
            "text": self.text,
            "regions": regions,
        }


@dataclass(frozen=True, slots=True)
class Known:
    """What the store remembers of a source to tell whether it changed."""

    version: str
    fingerprint: str
    status: str
    extractor: str | None
    embedder: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """Where a source comes from and what may be done with it.

    `given_at` is when it says it was made, `expires` when it is forgotten, in seconds since
    1970. `derived` says who sees what was derived from it; `local` keeps it on this machine.
    """

    kind: Kind = "file"
    owner: str | None = None
    session: str | None = None
    given_by: str | None = None
    given_at: float | None = None
    origin: str | None = None
    expires: float | None = None
    publish: bool = True
    derived: Literal["everyone", "owner", "nobody"] = "everyone"
    local: bool = False

    def columns(self) -> tuple[Value, ...]:
        """Return the columns of a source, in the order of the fields."""
        origin = (self.kind, self.owner, self.session, self.given_by, self.given_at, self.origin)
        return (*origin, self.expires, int(self.publish), self.derived, int(self.local))


@dataclass(frozen=True, slots=True)
class Written:
    """A version that is being written; ids are in the order of `prepared`'s parts."""

    version_id: int
    source: str
    chunk_ids: Sequence[int]
    table_ids: Sequence[int]
    prepared: Prepared


def listed(row: Row) -> Source:
    """Return the source of a row of the listing."""
    source, status, reason, version, size, updated, media_type, title, regions, notes, chunks = row
    paged = [r for r in unpacked(regions or "[]") if r.kind in ("page", "sheet", "slide")]
    return Source(
        source=source,
        status=status,
        reason=reason,
        version=version,
        bytes=size,
        updated=iso(updated),
        media_type=media_type,
        title=title,
        pages=len(paged) or None,
        chunks=chunks,
        notes=tuple(json.loads(notes or "[]")),
    )


def unpacked(regions: str) -> tuple[Region, ...]:
    """Return the regions of a version as its row keeps them."""
    return tuple(Region(*each) for each in json.loads(regions))
