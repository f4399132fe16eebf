"""Calling functions as tools: blocking, failing, hanging, large; what results become."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pydantic
import pytest

from motet.core.errors import ProviderError
from motet.tools.functions import FunctionTool, ToolFailure


class Side(Enum):
    LEFT = "left"


@dataclass
class Point:
    x: int
    side: Side


class Pair(NamedTuple):
    a: int
    b: str


class Model(pydantic.BaseModel):
    when: date


def result_of(function: Callable[[], Any]) -> Any:
    return asyncio.run(FunctionTool(function).call({}))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Point(1, Side.LEFT), {"x": 1, "side": "left"}),
        (Pair(1, "x"), {"a": 1, "b": "x"}),
        (Model(when=date(2025, 1, 31)), {"when": "2025-01-31"}),
        ((1, {2: Decimal("1.5")}), [1, {"2": 1.5}]),
        ({3}, [3]),
        (float("nan"), None),
        (b"ab", {"base64": "YWI="}),
        (Path("a/b"), "a/b"),
        (np.array([[1, 2]]), [[1, 2]]),
        (np.float32(0.5), 0.5),
    ],
    ids=str,
)
def test_results_become_json(value: Any, expected: Any) -> None:
    assert result_of(lambda: value) == expected


def test_what_is_not_json_is_a_failure_that_names_it() -> None:
    def odd() -> object:
        return object()

    def endless() -> list[Any]:
        loop: list[Any] = []
        loop.append(loop)
        return loop

    for function, words in [(odd, "builtins.object is not JSON"), (endless, "nested too deeply")]:
        with pytest.raises(ToolFailure, match=words):
            result_of(function)


def test_a_blocking_function_does_not_hold_up_the_loop() -> None:
    async def measure() -> float:
        tool = FunctionTool(block)
        began = time.perf_counter()
        await asyncio.gather(*(tool.call({}) for _ in range(20)))
        return time.perf_counter() - began

    def block() -> None:
        time.sleep(0.2)

    assert asyncio.run(measure()) < 1.5


def test_an_async_function_runs_on_the_loop() -> None:
    async def name() -> str:
        return threading.current_thread().name

    assert result_of(name) == threading.main_thread().name


def test_a_failure_is_one_line_with_the_tool_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICES_API_KEY", "hunter2-hunter2")

    def price() -> float:
        raise KeyError("no price\nwith hunter2-hunter2 at https://me:pass@host/ Bearer abcdefgh12")

    with pytest.raises(ProviderError) as caught:
        result_of(price)
    text = str(caught.value)
    assert text.startswith("price: KeyError: ")
    assert "\n" not in text
    for secret in ("hunter2", "pass@", "abcdefgh12"):
        assert secret not in text
    assert "Traceback" not in text


def test_a_long_message_is_cut() -> None:
    def fail() -> None:
        raise ValueError("x" * 10_000)

    with pytest.raises(ToolFailure) as caught:
        result_of(fail)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("error", [StopIteration("end"), SystemExit(3), ValueError()])
def test_odd_exceptions_are_failures_too(error: BaseException) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(ToolFailure, match=type(error).__name__):
        result_of(fail)


def test_a_hanging_function_can_be_left_alone() -> None:
    release = threading.Event()

    def hang() -> None:
        release.wait(30)

    async def leave() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(FunctionTool(hang).call({}), 0.1)

    began = time.perf_counter()
    asyncio.run(leave())
    assert time.perf_counter() - began < 5
    release.set()


def test_a_function_that_starts_threads_returns_at_once() -> None:
    release = threading.Event()

    def spawn() -> str:
        threading.Thread(target=release.wait, args=(30,), daemon=True).start()
        return "started"

    assert result_of(spawn) == "started"
    release.set()


def test_fifty_megabytes_do_not_hold_up_the_loop() -> None:
    async def rows() -> list[dict[str, int]]:
        return [{"i": i} for i in range(400_000)]

    async def longest_gap() -> float:
        task = asyncio.create_task(FunctionTool(passed).call({}))
        longest, last = 0.0, time.perf_counter()
        while not task.done():
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        assert len(await task) == 400_000
        return longest

    made = asyncio.run(rows())

    async def passed() -> list[dict[str, int]]:
        return made

    assert asyncio.run(longest_gap()) < 0.5


def test_a_generator_inside_a_result_is_refused() -> None:
    def lazily() -> Iterator[int]:
        return iter([1])

    with pytest.raises(ToolFailure, match="not JSON"):
        result_of(lazily)
