"""What the database calls out to the workers that listen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

LOOK_SECONDS = 1.0
"""How often who listens is told to look for itself: nobody calls out that a worker died."""
AGAIN_SECONDS = 0.5
"""How long to wait before listening again when the connection was lost."""


async def notices(url: str) -> AsyncGenerator[str | None, None]:
    """Yield what is called out, as it comes; None where whoever listens should look for itself.

    That is at the start, whenever the connection was lost, and every `LOOK_SECONDS`.
    """
    import psycopg

    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(
                url, autocommit=True, application_name="motet listens"
            )
            async with connection:
                await connection.execute("LISTEN motet")
                while True:
                    yield None
                    async for each in connection.notifies(timeout=LOOK_SECONDS):
                        yield each.payload
        except psycopg.OperationalError:
            await asyncio.sleep(AGAIN_SECONDS)
            yield None
