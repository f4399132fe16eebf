"""What the page shows of the gateway: models, their health, the last requests and their stories."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from motet.core.json import JSON, loads
from motet.core.money import dollars
from motet.gateway.ledger.entry import Entry
from motet.gateway.served import ServedModel
from motet.server.chats import gateway_of
from motet.server.failures import HTTPError


async def overview(request: Request) -> Response:
    """Tell what is served and how it is."""
    gateway = gateway_of(request)
    health = gateway.health.snapshot()
    models: list[JSON] = [
        {**_model(each), "health": health.get(each.name)} for each in gateway.served.models.values()
    ]
    return JSONResponse({"models": models, "names": list(gateway.served.names)})


async def requests(request: Request) -> Response:
    """Tell the last requests; `since` is the number of an earlier answer."""
    given = request.query_params.get("since", "0")
    if not given.isdecimal():
        raise HTTPError(400, "since must be a number", param="since")
    number, entries = gateway_of(request).recent.since(int(given))
    found: list[JSON] = [shown(each) for each in entries]
    return JSONResponse({"last": number, "requests": found})


def shown(entry: Entry) -> dict[str, JSON]:
    """Return an entry for people: money in USD, the story as an object."""
    found: dict[str, JSON] = {**entry._asdict()}
    found["cost"] = None if entry.cost is None else dollars(entry.cost)
    found["story"] = loads(entry.story) if entry.story else {}
    found["units"] = loads(entry.units) if entry.units else {}
    return found


def _model(model: ServedModel) -> dict[str, JSON]:
    card = model.card
    return {
        "name": model.name,
        "provider": model.provider,
        "model": model.model,
        "local": model.local,
        "priced": model.pricing is not None,
        "context": model.context,
        "max_output": card.max_output if card is not None else None,
    }
