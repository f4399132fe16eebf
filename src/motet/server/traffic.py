"""What the page shows of the gateway: models, their health, the last requests and their stories."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from motet.core.json import JSON
from motet.core.version import __version__
from motet.gateway.denial import Denial
from motet.gateway.ledger import records
from motet.gateway.ledger.records import Recorded
from motet.gateway.ledger.report import BYS, By, report
from motet.gateway.served import ServedModel
from motet.server.chats import gateway_of
from motet.server.parameters import seconds
from motet.server.requests import systems

LIVE = 500
"""How many entries back a look at the traffic goes."""
OVERLAP = 2.0
"""Seconds by which looks overlap: other processes bring their entries a little late."""


async def list_none(request: Request) -> Response:
    """Tell that no systems are served here, in the shape of a server that has some."""
    return JSONResponse(
        {"schema_version": 1, "version": __version__, "systems": [], "gateway": True}
    )


async def overview(request: Request) -> Response:
    """Tell what is served, what it costs and how it is, as this process knows it."""
    gateway = gateway_of(request)
    health = gateway.health.snapshot()
    models: list[JSON] = [
        {**_model(each), "health": health.get(each.name)} for each in gateway.served.models.values()
    ]
    return JSONResponse(
        {
            "models": models,
            "names": list(gateway.served.names),
            "systems": list(systems(request)),
            "keys_needed": gateway.accounts.has_keys,
        }
    )


async def requests(request: Request) -> Response:
    """Tell the last entries of the ledger, those of other processes too.

    `since` is an earlier answer's `until`; what is told again has the same id and attempt.
    """
    since = seconds(request, "since", 0.0)
    accounts = gateway_of(request).accounts

    def found() -> list[Recorded]:
        accounts.flush()
        return records.latest(accounts.store, LIVE)

    listed = await asyncio.to_thread(found)
    until = max([since, *map(_ended, listed)])
    shown: list[JSON] = [each.to_json() for each in listed if _ended(each) > since - OVERLAP]
    return JSONResponse({"until": until, "requests": shown})


async def show_request(request: Request) -> Response:
    """Tell one request's story: all its attempts."""
    accounts = gateway_of(request).accounts
    name: str = request.path_params["request"]

    def found() -> list[Recorded]:
        accounts.flush()
        return records.request(accounts.store, name)

    recorded = await asyncio.to_thread(found)
    if not recorded:
        raise Denial(404, "no such request", code="not_found", param="request")
    attempts: list[JSON] = [each.to_json() for each in recorded]
    return JSONResponse({"request": name, "attempts": attempts})


async def show_spend(request: Request) -> Response:
    """Tell what was spent by key, team, model or day; `since` and `until` are epoch seconds."""
    by = request.query_params.get("by", "key")
    if by not in BYS:
        raise Denial(400, f"by must be one of {', '.join(BYS)}", param="by")
    known: By = by
    since, until = seconds(request, "since", 0.0), seconds(request, "until", 9e15)
    store = gateway_of(request).accounts.store
    rows, total = await asyncio.to_thread(report, store, known, since, until)
    listed: list[JSON] = [each.to_json() for each in rows]
    return JSONResponse({"by": by, "rows": listed, "total": total.to_json()})


def _ended(found: Recorded) -> float:
    return found.entry.started + found.entry.seconds


def _model(model: ServedModel) -> dict[str, JSON]:
    card, price = model.card, model.price
    return {
        "name": model.name,
        "provider": model.provider,
        "model": model.model,
        "local": model.local,
        "price": None
        if price is None
        else {"input": price.input, "output": price.output, "call": price.call},
        "context": model.context,
        "max_output": card.max_output if card is not None else None,
    }
