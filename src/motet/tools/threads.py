"""Blocking calls beside the event loop, which they can neither block nor outlive."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(call: Callable[[], T]) -> T:
    """Run a blocking call in a thread of its own and return its result.

    Not a pool's: calls that never return would fill it and keep the process from ending.
    Cancelling stops waiting; the thread goes on by itself.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = context.run(call)
        except Exception as error:
            failure = error
        except BaseException as error:  # SystemExit and its like must not pass as silence
            failure = RuntimeError(f"{type(error).__name__}: {error}")
        if isinstance(failure, StopIteration):  # which no future accepts
            failure = RuntimeError("StopIteration")
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work, name="motet-tool", daemon=True).start()
    return await future
