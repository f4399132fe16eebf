"""Sending runs to an OpenTelemetry collector, over OTLP/HTTP with JSON."""

from __future__ import annotations

import asyncio
import logging
import os
from base64 import b64encode
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import cast
from urllib.parse import unquote, urlsplit, urlunsplit

from motet.core.errors import MotetError, ProviderError, UsageError
from motet.core.json import JSON, dumps, loads
from motet.models.failures import provider_message, retry_after
from motet.models.http import Timeouts, post
from motet.runtime.journal import Journal
from motet.runtime.otlp import request, spans
from motet.runtime.records import FINAL, Record

HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"
"""The environment variable with headers for the collector, as OpenTelemetry defines it."""
SPANS_AT_ONCE = 1000
ATTEMPTS = 4
_AGAIN = (429, 502, 503, 504)
_TIMEOUTS = Timeouts(connect=5.0, first_byte=20.0, idle=20.0)
_logger = logging.getLogger("motet.otlp")


class Collector:
    """A collector; `/v1/traces` is added where its address has no path.

    Headers, as for a key, come from `OTEL_EXPORTER_OTLP_HEADERS`. `secrets` names
    environment variables whose values are never sent. Raises `UsageError` for what is no
    address.
    """

    def __init__(self, url: str, *, secrets: Collection[str] = (), pause: float = 1.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError("expected an address like http://127.0.0.1:4318", where=url)
        path = "/v1/traces" if parts.path in ("", "/") else parts.path
        address = parts._replace(path=path, netloc=parts.netloc.rpartition("@")[2])
        self.where = urlunsplit(address)
        self._headers = _headers(os.environ.get(HEADERS, ""))
        if parts.username is not None:
            known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["authorization"] = f"Basic {b64encode(known.encode()).decode()}"
        self.secrets = (*secrets, HEADERS)
        self._pause = pause

    async def send(self, records: Sequence[Record]) -> int:
        """Send runs; return how many spans were taken.

        Raises `ProviderError` where the collector cannot be reached or refuses.
        """
        return await self.send_spans(
            [span for record in records for span in spans(record, self.secrets)]
        )

    async def send_spans(self, found: Sequence[JSON]) -> int:
        """Send spans of any origin; raises and returns as `send`."""
        for at in range(0, len(found), SPANS_AT_ONCE):
            await self._post(dumps(request(found[at : at + SPANS_AT_ONCE])).encode())
        return len(found)

    async def _post(self, body: bytes) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._post_once(body)
                return
            except ProviderError as error:
                if attempt == ATTEMPTS or (error.status is not None and error.status not in _AGAIN):
                    raise
                wait = self._pause * 2 ** (attempt - 1)
                await asyncio.sleep(wait if error.retry_after is None else error.retry_after)

    async def _post_once(self, body: bytes) -> None:
        headers = self._headers
        async with post(self.where, body, headers, where=self.where, timeouts=_TIMEOUTS) as answer:
            data = await answer.body()
            if not 200 <= answer.status < 300:
                raise self._refusal(answer.status, answer.headers, data)
        self._check(data)

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        said = provider_message(body, "")
        for secret in self._headers.values():
            said = said.replace(secret, "[key]")
        return ProviderError(
            f"the collector answered {status}" + (f": {said}" if said else ""),
            where=self.where,
            hint=f"set {HEADERS}" if status in (401, 403) else None,
            status=status,
            retry_after=retry_after(headers),
        )

    def _check(self, data: bytes) -> None:
        """Raise `ProviderError` where a collector took only some of the spans."""
        try:
            said = loads(data) if data.strip() else {}
        except ValueError:
            return  # a collector may answer in words, or in protobuf
        partial = said.get("partialSuccess") if isinstance(said, Mapping) else None
        if isinstance(partial, Mapping) and int(cast(str, partial.get("rejectedSpans") or 0)):
            why = partial.get("errorMessage") or "it did not say why"
            raise ProviderError(
                f"the collector refused {partial['rejectedSpans']} spans: {why}",
                where=self.where,
                status=200,
            )


def _headers(text: str) -> dict[str, str]:
    """Read `name=value,name=value`, with values percent-encoded."""
    found = {}
    for each in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise UsageError("expected NAME=VALUE,NAME=VALUE", where=HEADERS)
        found[name.strip().lower()] = unquote(value.strip())
    return found


Told = Callable[[Collector], Awaitable[Sequence[JSON]]]
"""Gives the spans of something that ended."""


class LiveExport:
    """Sends runs as they end, beside everything else: nothing ever waits for the collector.

    At most `most` runs, or requests of a gateway, wait to be sent; what comes on top of
    them, or is refused, is counted and dropped.
    """

    def __init__(self, collector: Collector, *, most: int = 1000, every: float = 1.0) -> None:
        self._collector = collector
        self._most = most
        self._every = every
        self._waiting: deque[Told] = deque()
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._sent = 0
        self._failed = 0
        self._dropped = 0
        self._error: str | None = None

    def watch(self, journal: Journal) -> None:
        """Send the runs of a journal that this process ends from now on."""
        journal.on_end(lambda record: self._ended(journal, record))

    def start(self) -> None:
        """Begin to send, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run())

    def _ended(self, journal: Journal, record: Record) -> None:
        loop = self._loop
        if record.status in FINAL and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.take, partial(_read, journal, record.id))

    def take(self, told: Told) -> None:
        """Send what this gives, soon; to be called from the event loop."""
        if len(self._waiting) >= self._most:
            self._dropped += 1
            return
        self._waiting.append(told)
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(self._every)  # runs that end together are sent together
            self._wake.clear()
            await self._send()

    async def _send(self) -> None:
        while self._waiting:
            some = [self._waiting.popleft() for _ in range(min(50, len(self._waiting)))]
            try:
                found = [await told(self._collector) for told in some]
                await self._collector.send_spans([span for spans in found for span in spans])
            except asyncio.CancelledError:
                self._waiting.extendleft(reversed(some))
                raise
            except MotetError as error:
                self._failed += len(some)
                if str(error) != self._error:
                    _logger.warning("%d runs or requests were not exported: %s", len(some), error)
                self._error = str(error)
            else:
                self._sent += len(some)
                self._error = None

    async def stop(self, seconds: float = 5.0) -> None:
        """Send what waits, within reason, and end."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        try:
            async with asyncio.timeout(seconds):
                await self._send()
        except TimeoutError:
            self._dropped += len(self._waiting)
            self._waiting.clear()

    def state(self) -> dict[str, JSON]:
        """Return the documented counts of runs; `error` is why the last ones were not sent."""
        return {
            "to": self._collector.where,
            "waiting": len(self._waiting),
            "sent": self._sent,
            "failed": self._failed,
            "dropped": self._dropped,
            "error": self._error,
        }


async def _read(journal: Journal, run: str, collector: Collector) -> Sequence[JSON]:
    await journal.flush()
    record = await asyncio.to_thread(journal.get, run)
    return list(spans(record, collector.secrets))
