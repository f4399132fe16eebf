"""Ten tools, the same for every agent; each waits as long as the model asks it to."""

from __future__ import annotations

import asyncio


async def tool_0(number: int, wait_ms: int) -> int:
    """Return the number after this one, from the first shelf."""
    return await _next(number, wait_ms)


async def tool_1(number: int, wait_ms: int) -> int:
    """Return the number after this one, from the second shelf."""
    return await _next(number, wait_ms)


async def tool_2(number: int, wait_ms: int) -> int:
    """Return the number after this one, from the third shelf."""
    return await _next(number, wait_ms)


async def tool_3(number: int, wait_ms: int) -> int:
    """Return the number after this one, from the fourth shelf."""
    return await _next(number, wait_ms)


async def tool_4(number: int, wait_ms: int) -> int:
    """Return the number after this one, from the fifth shelf."""
    return await _next(number, wait_ms)


async def tool_5(number: int, wait_ms: int) -> int:
    """Return the number after this one, from the sixth shelf."""
    return await _next(number, wait_ms)


async def tool_6(number: int, wait_ms: int) -> int:
    """Return the number after this one, from the seventh shelf."""
    return await _next(number, wait_ms)


async def tool_7(number: int, wait_ms: int) -> int:
    """Return the number after this one, from the eighth shelf."""
    return await _next(number, wait_ms)


async def tool_8(number: int, wait_ms: int) -> int:
    """Return the number after this one, from the ninth shelf."""
    return await _next(number, wait_ms)


async def tool_9(number: int, wait_ms: int) -> int:
    """Return the number after this one, from the tenth shelf."""
    return await _next(number, wait_ms)


async def _next(number: int, wait_ms: int) -> int:
    if wait_ms:
        await asyncio.sleep(wait_ms / 1000)
    return number + 1


ALL = (tool_0, tool_1, tool_2, tool_3, tool_4, tool_5, tool_6, tool_7, tool_8, tool_9)
