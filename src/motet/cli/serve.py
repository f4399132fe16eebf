"""`motet serve`."""

from __future__ import annotations

import signal
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from motet.cli.keys import VARIABLE, api_key
from motet.core.errors import ProviderError, UsageError
from motet.core.json import dumps

if TYPE_CHECKING:
    from starlette.types import ASGIApp

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
    from motet.cli.options import opened
    from motet.server.app import application

    key = _key(host)
    with ExitStack() as stack:
        opened_systems = [
            stack.enter_context(opened(each, option="")) for each in systems or (None,)
        ]
        names = [each.name for each in opened_systems]
        if len(set(names)) < len(names):
            raise UsageError(f"two systems have one name: {', '.join(names)}")
        export = _export(otlp, opened_systems) if otlp else None
        listener = _listen(host, port)
        address = f"http://{_shown(host)}:{listener.getsockname()[1]}"
        text = f"Serving {', '.join(names)} at {address} (OpenAI API at /v1, page at /)"
        if as_json:
            text = dumps({"schema_version": 1, "systems": names, "url": address})
        click.echo(text)
        _serve(application(opened_systems, key=key, wait=wait, export=export), listener)


def _key(host: str) -> str | None:
    from motet.server.guard import is_loopback_host

    key = api_key()
    if key is None and not is_loopback_host(host):
        raise UsageError(
            "listening beyond this machine needs a key",
            where=f"--host {host}",
            hint=f"set {VARIABLE} to a secret that clients send as their API key",
        )
    return key


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise ProviderError(
            f"cannot listen there: {error.strerror or error}",
            where=f"{host}:{port}",
            hint="stop what uses the port, or choose another with --port",
        ) from error
    return listener


def _export(address: str, systems: list[System]) -> LiveExport:
    from motet.runtime.collector import Collector, LiveExport

    models = [model for system in systems for model in system.declaration.models]
    secrets = [name for model in models if model.key for name in model.key.names]
    return LiveExport(Collector(address, secrets=secrets))


def _serve(application: ASGIApp, listener: socket.socket) -> None:
    import uvicorn

    # The server ends its work and then repeats the signal: being asked to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)

    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])
