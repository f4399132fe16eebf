"""The ledger's entry of a request for which no model was asked."""

from __future__ import annotations

import orjson

from motet.core.clock import tick
from motet.gateway.accounts import Entry
from motet.gateway.asked import Asked
from motet.gateway.attempt import ENDPOINT
from motet.gateway.guards.screening import shown
from motet.gateway.ledger.entry import Status


def unasked(asked: Asked, status: Status, http: int, *, used: str = "", error: str = "") -> Entry:
    """Return the entry of a request that was refused, or answered from what `used` once gave."""
    guard = shown(asked.screening.request) if asked.screening is not None else {}
    return Entry(
        id=asked.id,
        attempt=0,
        started=asked.started,
        status=status,
        trace_id=asked.trace_id,
        seconds=tick() - asked.tick,
        tenant=asked.tenant.id,
        team=asked.tenant.team,
        user=asked.user,
        endpoint=ENDPOINT,
        dialect=asked.dialect,
        model=asked.route.name,
        used=used,
        stream=asked.stream,
        http=http,
        cost=0,
        error=error,
        story=orjson.dumps({"guard": guard}).decode() if guard else "",
    )
