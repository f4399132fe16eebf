"""Requests for what is not chat, ready for any provider, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from motet.core.errors import ProviderError
from motet.gateway.accounts import Tenant
from motet.models.modalities.apis import Api
from motet.models.modalities.exchange import Sent, Spent

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks; with `local` only models of this machine may answer. `trace` is the trace's id."""

    tenant: Tenant
    local: bool = False
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a request is written for: the model, as its provider calls it, and its API.

    `counted` says that it is paid by tokens, so that its usage must come with the answer.
    """

    model: str
    api: Api
    base_url: str
    dialects: tuple[str, ...]
    counted: bool


@dataclass(frozen=True, slots=True)
class Received:
    """A provider's whole answer, or the head of one that still comes, without its `body`.

    `where` names the model in errors, from which `key` is cut out.
    """

    content_type: str
    api: Api
    where: str
    key: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Job(Generic[A]):
    """One request whose answer comes as a whole.

    `most` is what it can use at most. `write` may raise `UsageError`, `read` `ProviderError`;
    `spent` tells what an answer used. `user` is the client's own name for whom it asks.
    `split` gives several jobs for an API that takes less at once, `join` makes one answer of
    theirs, in order.
    """

    endpoint: str
    model: str
    most: Spent
    write: Callable[[Addressee], Sent]
    read: Callable[[Received], A]
    spent: Callable[[A], Spent]
    user: str = ""
    split: Callable[[Api], Sequence[Job[A]]] | None = None
    join: Callable[[Sequence[A]], A] | None = None


class Passing(Protocol):
    """Reads an answer while it passes on."""

    @property
    def content_type(self) -> str:
        """Of what the client gets."""

    @property
    def spent(self) -> Spent | None:
        """What it used, as far as it told."""

    @property
    def complete(self) -> bool:
        """Whether its end has come, as far as it has one."""

    @property
    def error(self) -> ProviderError | None:
        """What the provider reported within it; nothing after it counts."""

    def feed(self, piece: bytes) -> bytes:
        """Take bytes as they come, none at the end; return the client's. Raises ValueError."""

    def broken(self, message: str) -> bytes:
        """Return what tells the client in-band that it broke off; nothing where it cannot."""


@dataclass(frozen=True, slots=True)
class StreamJob:
    """A request whose answer is passed on as it comes; otherwise as `Job`.

    `passing` gives the reader of an answer by its head.
    """

    endpoint: str
    model: str
    most: Spent
    write: Callable[[Addressee], Sent]
    passing: Callable[[Received], Passing]
    user: str = ""


class Closing(Protocol):
    """What holds a connection."""

    async def aclose(self) -> None:
        """Let it go."""


@dataclass(frozen=True, slots=True)
class Delivered(Generic[A]):
    """An answer, the name of the model that gave it, the request's id.

    `lost` is what of the request its API could not say; `held` is closed where nobody wants
    the answer.
    """

    answer: A
    model: str
    id: str
    lost: tuple[str, ...] = ()
    held: Closing | None = None

    async def aclose(self) -> None:
        """Hang up, where the answer still passes."""
        if self.held is not None:
            await self.held.aclose()
