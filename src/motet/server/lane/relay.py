"""What the lane asks of the gateway: who may pass, and what one passage says."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from motet.models.http import Timeouts

Headers = list[tuple[bytes, bytes]]
"""Names in lower case, values without surrounding space, in the order they came."""


class Breakage(Enum):
    """How an upstream failed."""

    CONNECT = "connect"
    """No connection: the upstream was not asked."""
    TIMEOUT = "timeout"
    """It was asked and the first byte, or the next one, did not come in time."""
    CLOSED = "closed"
    """It closed the connection before its answer was complete."""
    GARBAGE = "garbage"
    """It did not answer in HTTP, or with a broken length or chunk."""
    TOO_LONG = "too_long"
    """An answer to be collected was longer than the lane keeps."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer to the client.

    `head` is the status line and header lines, each with its CR LF, without the empty line
    that ends them and without date, connection, content-length and transfer-encoding: those
    are the lane's.
    """

    head: bytes
    body: bytes = field(repr=False)


class Relay(Protocol):
    """One attempt at one upstream, without I/O.

    The lane calls `head` once, when the upstream's status and headers are there. Where it
    returns a head, the answer is passed on as it comes: `feed` for each piece, then `end`; the
    head is sent with the first of its bytes. Where it returns None, the answer is collected
    and `answer` is asked. `broken` or `gone` come instead of whatever is still missing, at
    most one of them, at most once.

    Wherever a method says "the ordinary path", the client has been sent nothing: the
    application gets the request as it came, and this relay as `scope["state"]["relay"]`,
    so that it knows what has been tried.
    """

    host: str
    port: int
    tls: bool
    timeouts: Timeouts
    request: bytes
    """The HTTP/1.1 request to send, head and body; without "connection: close"."""

    def head(self, status: int, headers: Headers) -> bytes | None:
        """Return the client's head, in `Reply.head`'s form, or None to collect the answer."""

    def answer(self, body: bytes) -> Reply | None:
        """Return what to send for a collected answer, or None for the ordinary path."""

    def feed(self, data: bytes) -> bytes:
        """Return the client's bytes for a piece of the body; may be empty."""

    def end(self) -> bytes | None:
        """Return the last bytes; the upstream's answer is complete.

        None, where the client has been sent nothing: the ordinary path.
        """

    def broken(self, how: Breakage, detail: str) -> bytes | None:
        """Hear that the upstream failed.

        Before the client was sent anything the request takes the ordinary path, whatever is
        returned. After that: bytes that end its stream in-band, or None to cut it off.
        """

    def gone(self) -> None:
        """Hear that the client left; the upstream's connection is closed."""


class Admitting(Protocol):
    """Who decides what passes through the lane."""

    def admit(
        self, path: bytes, headers: Headers, body: bytes, client: str
    ) -> Relay | Reply | None:
        """Decide about a complete POST request to a chat endpoint; must not block.

        `path` is as sent, query included; `client` is the peer's address. Returns a relay,
        a reply to send as it is (refusals, cached answers), or None: the ordinary path.
        """

    def commit(self) -> None:
        """Make durable what relays admitted since the last call promise.

        The lane calls it once for all requests of one turn of the event loop, and sends
        none of them before it returns. What it raises becomes an error 500 to the clients
        waiting on it, whose relays hear `gone`.
        """
