"""Whether a gateway's memory grows: many requests, a tenth of them left or failing.

    python bench/gateway/drift.py [--requests 200000] [--only PEER]

Of ten requests, eight are whole, one is a stream that its client leaves, one asks for a model that
fails. A tenth of the requests goes before the first measurement, and warms up.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

import uvloop
from compare import Bench, bench, body
from peers import PEERS
from processes import resident
from streams import request

CONNECTIONS = 32
LEFT, FAILING = 3, 7
"""Which ones of ten."""


async def ask(bench: Bench, count: int) -> int:
    """Send so many requests over a number of connections; return how many were answered well."""
    kinds = {
        name: request(asked, bench.gateway.lines)
        for name, asked in {
            "whole": body(),
            "left": body("sim-e20-r50", stream=True),
            "failing": body("sim-500"),
        }.items()
    }
    good = 0
    numbers = iter(range(count))

    async def one() -> None:
        nonlocal good
        reader = writer = None
        for number in numbers:
            if reader is None or writer is None:
                port = bench.gateway.running.port
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            kind = {LEFT: "left", FAILING: "failing"}.get(number % 10, "whole")
            writer.write(kinds[kind])
            if kind == "left":
                await reader.readuntil(b"data: ")
                writer.transport.abort()
                reader = writer = None
                continue
            well = await answered(reader)
            good += well
        if writer is not None:
            writer.close()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return good


async def answered(reader: asyncio.StreamReader) -> bool:
    """Read a whole answer; return whether it is a good one."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"transfer-encoding: chunked" in head:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    else:
        length = head.partition(b"content-length:")[2].split(b"\r\n")[0]
        await reader.readexactly(int(length))
    return b" 200 " in head.split(b"\r\n")[0]


def settled(pid: int) -> float:
    """Return the resident MB once what is still in flight is through."""
    time.sleep(3)
    return resident(pid)


def main() -> int:
    """Measure each gateway; print its memory before and after."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--only", action="append", choices=[peer.name for peer in PEERS])
    given = parser.parse_args()
    print(f"| gateway | MB after {given.requests // 10:,} | after {given.requests:,} | drift |")
    print("|---|---|---|---|")
    for peer in PEERS:
        if (given.only and peer.name not in given.only) or peer.find() is None:
            continue
        with bench(peer, 1, 1, warm=False) as running:
            uvloop.run(ask(running, given.requests // 10))
            first = settled(running.pid)
            good = uvloop.run(ask(running, given.requests - given.requests // 10))
            after = settled(running.pid)
            left = running.sent()["aborted"]
        expected = (given.requests - given.requests // 10) * 8 // 10
        note = "" if good == expected else f" ({good} of {expected} answered)"
        cells = f"{first:.1f} | {after:.1f} | {after - first:+.1f}"
        print(f"| {peer.name}{note}, {left} streams left | {cells} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
