"""Work that must come to its end, also where its caller is cancelled meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def finished(work: Coroutine[Any, Any, T]) -> T:
    """Await work to its end. A cancellation that comes meanwhile is raised then.

    The work must end by itself in good time.
    """
    task = asyncio.ensure_future(work)
    interrupted: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            interrupted = error
    if interrupted is not None and not task.cancelled():
        task.exception()  # said to nobody: the caller is gone
        raise interrupted
    return task.result()
