"""Work that must come to its end, also where its caller is cancelled."""

from __future__ import annotations

import asyncio

import pytest

from motet.core.finishing import finished


def test_it_gives_what_the_work_gives() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    async def fails() -> None:
        raise ValueError("no")

    assert asyncio.run(finished(work())) == 7
    with pytest.raises(ValueError, match="no"):
        asyncio.run(finished(fails()))


@pytest.mark.parametrize("fails", [False, True])
def test_cancelled_often_it_still_ends_first(fails: bool) -> None:
    log: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0.1)
        log.append("ended")
        if fails:
            raise ValueError("no")

    async def scenario() -> None:
        task = asyncio.create_task(finished(work()))
        for _ in range(3):
            await asyncio.sleep(0.01)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert log == ["ended"]

    asyncio.run(scenario())


def test_work_that_is_cancelled_itself_is_cancelled() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(finished(work()))
