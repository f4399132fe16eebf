"""Listening and serving: the socket, the server in this process or in several."""

from __future__ import annotations

import gc
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from motet.cli.keys import VARIABLE, api_key
from motet.core.errors import ProviderError, UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from motet.server.lane.lane import Lane

Served = Callable[[], "tuple[ASGIApp, Lane | None]"]
"""Makes what is served, in the process that serves it."""
KEEP_ALIVE = 75
"""Seconds for which an idle client may come back on its connection."""
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


def listen(host: str, port: int, workers: int = 1) -> tuple[list[socket.socket], str]:
    """Return a listening socket for each worker, and their address as a URL.

    With a socket of its own each, the system spreads connections over the workers; of one
    socket, whoever wakes up first takes all that wait. Raises `ProviderError`.
    """
    listeners: list[socket.socket] = []
    try:
        first = _bound(host, port)
        port = first.getsockname()[1]
        if workers > 1:
            first.close()  # it found out that nobody else has the port
        else:
            listeners.append(first)
        while len(listeners) < workers:
            listeners.append(_bound(host, port, shared=True))
        for listener in listeners:
            listener.listen(2048)
    except OSError as error:
        for listener in listeners:
            listener.close()
        raise ProviderError(
            f"cannot listen there: {error.strerror or error}",
            where=f"{host}:{port}",
            hint="stop what uses the port, or choose another with --port",
        ) from error
    shown = f"[{host}]" if ":" in host else host
    return listeners, f"http://{shown}:{port}"


def _bound(host: str, port: int, *, shared: bool = False) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((host, port))
    except BaseException:
        made.close()
        raise
    return made


def serve(served: Served, listeners: Sequence[socket.socket], announce: Callable[[], None]) -> None:
    """Serve until asked to stop; with several sockets, each in a process of its own.

    `announce` is called once what is served is loaded.
    """
    if len(listeners) == 1:
        _serve(served, listeners[0], announce)
    else:
        _supervise(served, listeners, announce)


def _serve(served: Served, listener: socket.socket, loaded: Callable[[], None]) -> None:
    import uvicorn

    application, lane = served()
    config = uvicorn.Config(
        application,
        http=lane.protocol() if lane is not None else "auto",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=KEEP_ALIVE,
        server_header=False,
    )
    server = uvicorn.Server(config)

    def stop(*_: object) -> None:
        server.should_exit = True

    # Until the server listens to signals itself; it repeats those that it got once its work has
    # ended, and being asked to stop is no failure.
    signal.signal(signal.SIGTERM, stop)
    # What is loaded by now stays: the garbage collector need not look through it each time.
    gc.collect()
    gc.freeze()
    loaded()
    server.run(sockets=[listener])


def _supervise(
    served: Served, listeners: Sequence[socket.socket], announce: Callable[[], None]
) -> None:
    """Keep a worker alive for each socket; stop them all when asked to stop."""
    told, tell = os.pipe()
    alive = {_worker(served, each, tell): each for each in listeners}
    stopping = False

    def stop(signum: int, _: object) -> None:
        nonlocal stopping
        stopping = True
        for pid in alive:
            os.kill(pid, signum)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    os.close(tell)
    if _loaded(told) == len(listeners):
        announce()
    while alive:
        pid, status = os.wait()
        listener = alive.pop(pid)
        if not stopping:
            click.echo(f"motet: a worker ended with {os.waitstatus_to_exitcode(status)}", err=True)
            time.sleep(RESPITE)
            alive[_worker(served, listener)] = listener


def _loaded(told: int) -> int:
    """Wait until every worker has loaded what it serves, or has ended; return how many have."""
    with os.fdopen(told, "rb") as pipe:
        return len(pipe.read())


def _worker(served: Served, listener: socket.socket, tell: int | None = None) -> int:
    """Start a worker, which tells when it is loaded; in the child this does not return."""
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def loaded() -> None:
        if tell is not None:
            os.write(tell, b".")
            os.close(tell)

    code = 1
    try:
        _serve(served, listener, loaded)
        code = 0
    except KeyboardInterrupt:
        code = 0
    finally:
        os._exit(code)
