"""`motet gateway`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from motet.core.errors import UsageError
from motet.core.json import dumps

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from motet.cli.listening import Served
    from motet.server.lane.lane import Lane
    from motet.spec.types import Declaration


@click.command(epilog="Example: motet gateway --model openai/gpt-5-mini --port 8400")
@click.argument("system", required=False)
@click.option(
    "--model", "models", multiple=True, metavar="PROVIDER/NAME", help="A model to serve; repeat it."
)
@click.option("--found", is_flag=True, help="Serve what local servers on their usual ports offer.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8400, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option("--otlp", metavar="URL", help="Send requests to an OpenTelemetry collector.")
@click.option("--no-lane", is_flag=True, help="Take the ordinary path for every request.")
@click.option("--json", "as_json", is_flag=True, help="Announce the address as JSON.")
def command(
    system: str | None,
    models: tuple[str, ...],
    found: bool,
    host: str,
    port: int,
    workers: int,
    otlp: str | None,
    no_lane: bool,
    as_json: bool,
) -> None:
    """Serve models by their names, over every dialect.

    OpenAI's chat completions and responses are at /v1, Anthropic's messages too, Gemini's
    generateContent at /v1beta. SYSTEM is a motet.yaml or its folder, whose models are
    served; default: the nearest one upwards. Nothing else of the system is loaded.
    """
    from motet.cli import listening

    declaration = _declaration(system, models, found)
    key = listening.owner_key(host)
    listeners, address = listening.listen(host, port, workers)
    served = _served(declaration, key, otlp, lane=not no_lane)
    names = [model.name for model in declaration.models]
    text = f"Serving {', '.join(names)} at {address} (OpenAI and Anthropic API at /v1)"
    if as_json:
        text = dumps({"schema_version": 1, "models": names, "url": address})
    listening.serve(served, listeners, lambda: click.echo(text))


def _declaration(system: str | None, models: tuple[str, ...], found: bool) -> Declaration:
    from dataclasses import replace

    from motet.spec.load import declare, find, load
    from motet.spec.types import Gateway

    if models or found:
        if system is not None:
            raise UsageError("either SYSTEM or --model and --found, not both")
        names = [*models, *(_found() if found else ())]
        if not names:
            raise UsageError("no local server answers on its usual port", where="--found")
        return declare("gateway", models=names, gateway=True)
    declaration = load(Path(system) if system is not None else find())
    if declaration.gateway is None:
        declaration = replace(declaration, gateway=Gateway())
    return declaration


def _found() -> list[str]:
    import asyncio

    from motet.models.catalogue.probe import probe

    return [f"{card.provider}/{card.model}" for card in asyncio.run(probe())]


def _served(declaration: Declaration, key: str | None, otlp: str | None, *, lane: bool) -> Served:
    """Return what makes the application, in each worker anew."""

    def make() -> tuple[ASGIApp, Lane | None]:
        from motet.gateway.opening import open_gateway
        from motet.server.gateway_app import gateway_application

        export = None
        if otlp is not None:
            from motet.runtime.collector import Collector, LiveExport

            secrets = [name for each in declaration.models if each.key for name in each.key.names]
            export = LiveExport(Collector(otlp, secrets=secrets))
        application, fast = gateway_application(open_gateway([declaration]), key, export)
        return application, fast if lane else None

    return make
