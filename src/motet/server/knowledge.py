"""`/api/knowledge`: what the page shows of entities, the graph and what waits for a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from motet.core.errors import UsageError
from motet.core.json import JSON
from motet.gateway.denial import Denial
from motet.knowledge.entities.lookup import Lookup
from motet.knowledge.graph.drawn import Drawing
from motet.knowledge.overview import overview
from motet.knowledge.provenance.lineage import Lineage
from motet.knowledge.provenance.viewer import Viewer
from motet.knowledge.resolve.resolution import Decided, Resolution
from motet.knowledge.resolve.reviews import Reviews
from motet.knowledge.search.query import KINDS, Filters, Query
from motet.knowledge.structure.discovery import discovered
from motet.knowledge.structure.evidence import evidence
from motet.knowledge.structure.proposals import Proposal, Proposals
from motet.server.parameters import number
from motet.server.requests import read_object, served, systems
from motet.system import System

K = TypeVar("K")
T = TypeVar("T")
MOST = 1000
"""Entities of one list."""
HOPS = 4


def _system(request: Request) -> System:
    return served(request, request.query_params.get("system", next(iter(systems(request)))))


def _viewer(request: Request) -> Viewer:
    """Return who looks: whoever has the page sees what is everybody's, and one user's own."""
    return Viewer(request.query_params.get("user") or None)


async def _found(find: Callable[[K], T], key: K, status: int = 404) -> T:
    """Return what is found in a thread. Raises `Denial` with what was wrong."""
    try:
        return await asyncio.to_thread(find, key)
    except UsageError as error:
        raise Denial(status, str(error)) from error


async def show_overview(request: Request) -> Response:
    """Return how much a system knows, and what waits for a person."""
    store = _system(request).store
    counts = await asyncio.to_thread(overview, store)
    return JSONResponse({**counts, "merges": await asyncio.to_thread(Reviews(store).count)})


async def search(request: Request) -> Response:
    """Find passages, also what was remembered, along the graph too, each with its reasons."""
    asked = request.query_params
    viewer = _viewer(request)
    query = Query(
        asked.get("query", ""),
        k=max(1, min(MOST, number(request, "k", 10))),
        filters=Filters(kinds=KINDS),
        user=viewer.user,
        graph=True,
        explain=True,
    )
    found = await _found(_system(request).find, query, 400)
    return JSONResponse({"hits": [{**each.to_json(), "kind": each.kind} for each in found]})


async def list_entities(request: Request) -> Response:
    """List entities, those found most often first."""
    asked = request.query_params
    lookup = Lookup(_system(request).store, _viewer(request))
    found = await asyncio.to_thread(
        lookup.listed,
        asked.get("label") or None,
        max(1, min(MOST, number(request, "limit", 100))),
        containing=asked.get("query", ""),
    )
    return JSONResponse({"entities": [each.to_json() for each in found]})


async def show_entity(request: Request) -> Response:
    """Return all that is known of an entity."""
    lookup = Lookup(_system(request).store, _viewer(request))
    return JSONResponse(await _found(lookup.entity, request.path_params["uid"]))


async def show_graph(request: Request) -> Response:
    """Return a part of the graph: around an entity, or the most connected entities."""
    drawing = Drawing(_system(request).store, _viewer(request))

    def drawn(uid: str | None) -> dict[str, JSON]:
        hops = max(1, min(HOPS, number(request, "hops", 2)))
        return drawing.around(uid, hops=hops, limit=number(request, "limit", 200)).to_json()

    return JSONResponse(await _found(drawn, request.query_params.get("around") or None))


async def show_lineage(request: Request) -> Response:
    """Return the chain behind a fact: what derived it from what, and who gave that."""
    lineage = Lineage(_system(request).store, _viewer(request))
    found = await _found(lineage.of, request.query_params.get("of", ""))
    return JSONResponse({"lineage": found.to_json()})


async def list_proposals(request: Request) -> Response:
    """List the plans of the graph with what speaks for each now, the latest first."""
    found = await asyncio.to_thread(_proposals, _system(request))
    return JSONResponse({"proposals": found})


def _proposals(system: System) -> list[JSON]:
    proposals = Proposals(system.store).all()
    if not proposals:
        return []
    discovery = discovered(system.store)
    return [
        {**each.to_json(), "evidence": evidence(system.store, discovery, each.plan)}
        for each in proposals
    ]


async def decide_proposal(request: Request) -> Response:
    """Approve or reject a plan in a person's name; whoever has the page's key may.

    Models are never offered this, and virtual keys that are not an admin's do not reach it.
    """
    asked = await read_object(request)
    system = served(request, asked.get("system"))
    by, decision = _text(asked, "by"), _text(asked, "decision")
    proposals = Proposals(system.store)
    decisions = {"approve": proposals.approve, "reject": proposals.reject}
    if decision not in decisions:
        raise Denial(400, "decision must be approve or reject", param="decision")

    def decide(hash: str) -> Proposal:
        return decisions[decision](hash, by)

    proposal = await _found(proposals.get, request.path_params["hash"])
    decided = await _found(decide, proposal.hash, 409)
    return JSONResponse(decided.to_json())


async def list_merges(request: Request) -> Response:
    """List pairs of names: those in doubt, those that were joined, those that stay two."""
    reviews = Reviews(_system(request).store)
    found = await asyncio.to_thread(_reviewed, reviews)
    return JSONResponse({"merges": found})


def _reviewed(reviews: Reviews) -> list[JSON]:
    states = {"waiting": reviews.waiting, "joined": reviews.done, "apart": reviews.apart}
    return [{**each.to_json(), "state": state} for state, of in states.items() for each in of()]


async def decide_merge(request: Request) -> Response:
    """Say in a person's name that two are one, are two after all, or stay two."""
    asked = await read_object(request)
    resolution = Resolution(served(request, asked.get("system")).store)
    by, decision = _text(asked, "by"), _text(asked, "decision")
    decisions = {
        "merge": resolution.merge,
        "unmerge": resolution.unmerge,
        "apart": resolution.keep_apart,
    }
    if decision not in decisions:
        known = ", ".join(decisions)
        raise Denial(400, f"decision must be one of {known}", param="decision")

    def decide(pair: tuple[str, str]) -> Decided:
        return decisions[decision](*pair, by)

    decided = await _found(decide, (_text(asked, "left"), _text(asked, "right")), 409)
    return JSONResponse(decided.to_json())


def _text(asked: Mapping[str, JSON], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Denial(400, f"{name} is missing", param=name)
    return value
