"""Listening and serving: the socket, the server in this process or in several."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from motet.cli.keys import VARIABLE, api_key
from motet.core.errors import ProviderError, UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from motet.server.lane.lane import Lane

Served = Callable[[], "tuple[ASGIApp, Lane | None]"]
"""Makes what is served, in the process that serves it."""
RESPITE = 0.5
"""Seconds before a worker that died is replaced."""


def owner_key(host: str) -> str | None:
    """Return the owner's key. Raises `UsageError` where others can listen and there is none."""
    from motet.server.hosts import is_loopback_host

    key = api_key()
    if key is None and not is_loopback_host(host):
        raise UsageError(
            "listening beyond this machine needs a key",
            where=f"--host {host}",
            hint=f"set {VARIABLE} to a secret that clients send as their API key",
        )
    return key


def listen(host: str, port: int) -> tuple[socket.socket, str]:
    """Return a listening socket and its address as a URL. Raises `ProviderError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise ProviderError(
            f"cannot listen there: {error.strerror or error}",
            where=f"{host}:{port}",
            hint="stop what uses the port, or choose another with --port",
        ) from error
    shown = f"[{host}]" if ":" in host else host
    return listener, f"http://{shown}:{listener.getsockname()[1]}"


def serve(served: Served, listener: socket.socket, workers: int = 1) -> None:
    """Serve until asked to stop; with several workers, each in a process of its own."""
    if workers == 1:
        _serve(served, listener)
    else:
        _supervise(served, listener, workers)


def _serve(served: Served, listener: socket.socket) -> None:
    import uvicorn

    application, lane = served()
    # The server ends its work and then repeats the signal: being asked to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    config = uvicorn.Config(
        application,
        http=lane.protocol() if lane is not None else "auto",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _supervise(served: Served, listener: socket.socket, workers: int) -> None:
    """Keep so many workers alive; stop them all when asked to stop."""
    alive = {_worker(served, listener) for _ in range(workers)}
    stopping = False

    def stop(signum: int, _: object) -> None:
        nonlocal stopping
        stopping = True
        for pid in alive:
            os.kill(pid, signum)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while alive:
        pid, status = os.wait()
        alive.discard(pid)
        if not stopping:
            click.echo(f"motet: a worker ended with {os.waitstatus_to_exitcode(status)}", err=True)
            time.sleep(RESPITE)
            alive.add(_worker(served, listener))


def _worker(served: Served, listener: socket.socket) -> int:
    """Start a worker; in the child this does not return."""
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = 1
    try:
        _serve(served, listener)
        code = 0
    except KeyboardInterrupt:
        code = 0
    finally:
        os._exit(code)
