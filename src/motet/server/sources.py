"""`/api`: what the page shows of the knowledge."""

from __future__ import annotations

import asyncio
import os
from array import array
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from motet.core.ids import sha256
from motet.core.json import JSON
from motet.core.version import __version__
from motet.erasure import UPLOADS
from motet.gateway.denial import Denial
from motet.server.ingests import Ingests
from motet.server.parameters import number
from motet.server.requests import served, systems
from motet.system import System

MAX_UPLOAD = 256 << 20
"""Bytes of one file that may be added."""


async def list_systems(request: Request) -> Response:
    """List the systems with what they are made of."""
    found: list[JSON] = []
    for name, system in systems(request).items():
        declared = system.declaration
        skills: list[JSON] = [{"name": s.name, "about": s.about} for s in declared.skills]
        models: list[JSON] = [each.name for each in declared.models]
        found.append({"name": name, "about": declared.about, "models": models, "skills": skills})
    gateway = request.app.state.gateway is not None
    return JSONResponse(
        {"schema_version": 1, "version": __version__, "systems": found, "gateway": gateway}
    )


def _system(request: Request) -> System:
    return served(request, request.query_params.get("system", next(iter(systems(request)))))


def _needed(request: Request, name: str) -> str:
    value = request.query_params.get(name)
    if not value:
        raise Denial(400, f"the parameter {name} is missing", param=name)
    return value


def _ingests(request: Request) -> Ingests:
    found: Ingests = request.app.state.ingests
    return found


async def list_sources(request: Request) -> Response:
    """List a system's sources with their state, and where its ingest stands."""
    system = _system(request)
    sources = await asyncio.to_thread(system.store.sources)
    listed: list[JSON] = [
        {**each.to_json(), "removable": _added_path(system, each.source) is not None}
        for each in sources
    ]
    return JSONResponse({"sources": listed, "ingest": _ingests(request).state(system)})


async def add_source(request: Request) -> Response:
    """Store a file beside the system's state and read it in the background."""
    system = _system(request)
    path = system.home / UPLOADS / _file_name(request.path_params["name"])
    try:
        await _receive(request, path)
    except OSError as error:
        raise Denial(503, f"the file cannot be stored: {error.strerror}") from error
    source = system.source_name(path)
    await asyncio.to_thread(system.store.add_root, source)
    _ingests(request).start(system)
    return JSONResponse({"source": source, "accepted": True}, 202)


async def _receive(request: Request, path: Path) -> None:
    """Store the body at the path, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{os.getpid()}-{id(request)}.part")
    try:
        with partial.open("wb") as file:
            size = 0
            async for piece in request.stream():
                size += len(piece)
                if size > MAX_UPLOAD:
                    raise Denial(413, f"the file is larger than {MAX_UPLOAD >> 20} MB")
                file.write(piece)
        if size == 0:
            raise Denial(400, "the file is empty")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _file_name(path: str) -> str:
    """Return the last part of a path as a browser names dropped files, checked."""
    from motet.knowledge.extract import SUFFIXES

    *folders, name = path.replace("\\", "/").split("/")
    unusable = not name or name.startswith(".") or len(name.encode()) > 200
    if unusable or ".." in folders or not name.isprintable():
        raise Denial(400, "this is no usable file name", param="name")
    if PurePosixPath(name).suffix.lower() not in SUFFIXES:
        known = ", ".join(sorted(SUFFIXES))
        raise Denial(415, f"files of this type cannot be read; there are: {known}")
    return name


async def remove_source(request: Request) -> Response:
    """Remove a file that was added through the page, and all that was derived from it."""
    system = _system(request)
    source = _needed(request, "source")
    path = _added_path(system, source)
    if path is None:
        raise Denial(403, "only files that were added here can be removed here")
    path.unlink(missing_ok=True)
    await asyncio.to_thread(system.store.drop_root, source)
    await asyncio.to_thread(system.store.remove, source)
    return JSONResponse({"deleted": True})


def _added_path(system: System, source: str) -> Path | None:
    """Return where a source that was added through the page is stored; None for any other."""
    path = system.home / UPLOADS / PurePosixPath(source).name
    added = "\0" not in source and source == system.source_name(path)
    return path if added else None


async def show_text(request: Request) -> Response:
    """Return a source's extracted text."""
    system = _system(request)
    source, version = _needed(request, "source"), request.query_params.get("version")
    text = await asyncio.to_thread(system.store.text, source, version)
    return JSONResponse(text.to_json())


async def show_page(request: Request) -> Response:
    """Return a page of a PDF as PNG."""
    from motet.knowledge.extract.render import render_page

    system = _system(request)
    data = await asyncio.to_thread(_original, system, request)
    page = number(request, "page")
    width = max(64, min(4096, number(request, "width", 1200)))
    png = await asyncio.to_thread(render_page, data, page, width)
    return Response(png, media_type="image/png", headers={"cache-control": "private, max-age=3600"})


def _original(system: System, request: Request) -> bytes:
    """Return the file a known source was read from, if it is still that version."""
    text = system.store.text(_needed(request, "source"), request.query_params.get("version"))
    if text.media_type != "application/pdf":
        raise Denial(400, "only PDF sources have page images")
    try:
        data = (system.base / text.source).read_bytes()
    except OSError as error:
        raise Denial(404, f"the file cannot be read: {error.strerror}") from error
    if sha256(data) != text.version:
        raise Denial(409, "the file changed since it was read; ask again")
    return data


async def show_words(request: Request) -> Response:
    """Return the boxes of a PDF page's words that overlap a range."""
    from motet.knowledge.extract.render import page_size

    system = _system(request)
    page, start, end = (number(request, name) for name in ("page", "start", "end"))
    data = await asyncio.to_thread(_original, system, request)
    width, height = await asyncio.to_thread(page_size, data, page)
    packed = system.store.words(_needed(request, "source"), sha256(data), page)
    boxes = [box for box in _boxes(*packed) if box["start"] < end and start < box["end"]]
    return JSONResponse({"width": width, "height": height, "boxes": boxes})


def _boxes(packed_ranges: bytes, packed_boxes: bytes) -> list[Mapping[str, float]]:
    ranges, boxes = array("i", packed_ranges), array("f", packed_boxes)
    return [
        {
            "start": ranges[2 * i],
            "end": ranges[2 * i + 1],
            "x0": boxes[4 * i],
            "y0": boxes[4 * i + 1],
            "x1": boxes[4 * i + 2],
            "y1": boxes[4 * i + 3],
        }
        for i in range(len(ranges) // 2)
    ]
