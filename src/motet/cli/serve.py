"""`motet serve`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from motet.core.errors import UsageError
from motet.core.json import dumps

if TYPE_CHECKING:
    from motet.gateway.gateway import Gateway
    from motet.runtime.collector import LiveExport
    from motet.system import System


@click.command(epilog="Example: motet serve examples/kitchen --port 8400")
@click.argument("systems", nargs=-1, metavar="[SYSTEM]...")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8400, show_default=True)
@click.option(
    "--wait-for-people",
    "wait",
    type=click.FloatRange(0),
    default=0.0,
    metavar="SECONDS",
    help="How long a streamed answer waits for approvals before it is an error; default 0.",
)
@click.option("--otlp", metavar="URL", help="Send runs to an OpenTelemetry collector as they end.")
@click.option("--json", "as_json", is_flag=True, help="Announce the address as JSON.")
def command(
    systems: tuple[str, ...], host: str, port: int, wait: float, otlp: str | None, as_json: bool
) -> None:
    """Serve systems over the OpenAI API and a web page.

    The API is at /v1, the page at /.

    SYSTEM is a motet.yaml or its folder; default: the nearest one upwards. Beyond loopback
    the server needs a key in the environment variable MOTET_API_KEY. Port 0 takes a free one.
    """
    from motet.cli import listening
    from motet.cli.options import opened
    from motet.server.app import application

    key = listening.owner_key(host)
    with ExitStack() as stack:
        opened_systems = [
            stack.enter_context(opened(each, option="")) for each in systems or (None,)
        ]
        names = [each.name for each in opened_systems]
        if len(set(names)) < len(names):
            raise UsageError(f"two systems have one name: {', '.join(names)}")
        export = _export(otlp, opened_systems) if otlp else None
        listeners, address = listening.listen(host, port)
        text = f"Serving {', '.join(names)} at {address} (OpenAI API at /v1, page at /)"
        if as_json:
            text = dumps({"schema_version": 1, "systems": names, "url": address})
        gateway = _gateway(opened_systems)
        listening.serve(
            lambda: application(opened_systems, key=key, wait=wait, export=export, gateway=gateway),
            listeners,
            lambda: click.echo(text),
        )


def _export(address: str, systems: list[System]) -> LiveExport:
    from motet.runtime.collector import Collector, LiveExport

    models = [model for system in systems for model in system.declaration.models]
    secrets = [name for model in models if model.key for name in model.key.names]
    return LiveExport(Collector(address, secrets=secrets))


def _gateway(systems: list[System]) -> Gateway | None:
    """Return the gateway to the models of the systems that declare one, None where none does."""
    from motet.gateway.opening import open_gateway

    declared = [system.declaration for system in systems if system.declaration.gateway is not None]
    if not declared:
        return None
    gateway = open_gateway(declared)
    twice = {system.name for system in systems} & set(gateway.served.names)
    if twice:
        raise UsageError(f"a system and a model have one name: {', '.join(sorted(twice))}")
    return gateway
