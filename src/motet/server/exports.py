"""The gateway's requests on their way to an OpenTelemetry collector."""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.json import JSON
from motet.gateway.gateway import Gateway
from motet.gateway.ledger.entry import Entry
from motet.gateway.spans import span_of
from motet.runtime.collector import Collector, LiveExport


def listen(gateway: Gateway, export: LiveExport) -> None:
    """Send every attempt of the gateway from now on."""

    def take(entry: Entry) -> None:
        async def told(collector: Collector) -> Sequence[JSON]:
            return [span_of(entry)]

        export.take(told)

    gateway.ends.listener = take
