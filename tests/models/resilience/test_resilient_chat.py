"""A chat model made of several, over real connections to providers that fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest
from flaky_server import FlakyServer, Hangs, Raw, Refusal, Resets, Says, Step

from motet.core.chat import ChatRequest, Finished, Message, TextDelta, ToolSpec
from motet.core.errors import ProviderError
from motet.models.http import Timeouts
from motet.models.remote import RemoteChat
from motet.models.resilience.chat import ResilientChat
from motet.models.resilience.health import Health
from motet.models.resilience.policy import Policy
from motet.models.resilience.tries import AllFailed, Tried
from motet.models.target import target

HELLO = ChatRequest((Message("user", "hello"),))
QUICK = Policy(first_delay=0.02, jitter=lambda: 1.0)


class Shop:
    """Models of one flaky server behind one resilient model."""

    def __init__(
        self,
        server: FlakyServer,
        *names: str,
        policy: Policy = QUICK,
        health: Health | None = None,
        patience: float = 0.3,
    ) -> None:
        timeouts = Timeouts(connect=patience, first_byte=patience, idle=patience)
        self.told: list[Tried] = []
        self.chat = ResilientChat(
            [
                RemoteChat(target(f"t/{name}", base_url=server.base_url, timeouts=timeouts))
                for name in names
            ],
            policy=policy,
            health=health,
            tell=self.told.append,
        )

    async def streamed(self, request: ChatRequest = HELLO) -> str:
        events = [event async for event in self.chat.stream(request)]
        assert isinstance(events[-1], Finished)
        return "".join(event.text for event in events if isinstance(event, TextDelta)).strip()

    async def whole(self, request: ChatRequest = HELLO) -> str:
        return (await self.chat.complete(request)).text.strip()

    async def asked(self, streamed: bool) -> str:
        return await (self.streamed() if streamed else self.whole())


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


both = pytest.mark.parametrize("streamed", [True, False])


@both
@pytest.mark.parametrize(
    "fault",
    [
        Refusal(500),
        Refusal(529, "overloaded"),
        Refusal(503, headers={"Retry-After": "0"}),
        Resets(),
        Hangs(),
        Hangs(headers=True),
        Raw(b"\x16\x03\x01 no HTTP\r\n\r\n"),
        Raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"),
        Raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"),
        Raw(b""),
    ],
    ids=str,
)
def test_one_fault_costs_one_more_try(streamed: bool, fault: Step) -> None:
    async def story() -> None:
        async with FlakyServer({"a": [fault, Says("all is well")]}).running() as server:
            shop = Shop(server, "a")
            assert await shop.asked(streamed) == "all is well"
            assert [tried.outcome for tried in shop.told] == ["failed", "won"]

    run(story())


@both
def test_a_provider_that_stays_broken_is_replaced(streamed: bool) -> None:
    async def story() -> None:
        steps: dict[str, list[Step]] = {"a": [Refusal(500, "no memory")], "b": [Says("from b")]}
        async with FlakyServer(steps).running() as server:
            shop = Shop(server, "a", "b")
            assert await shop.asked(streamed) == "from b"
            assert shop.chat.used == "t/b"
            assert (server.asked("a"), server.asked("b")) == (3, 1)

    run(story())


@both
def test_retry_after_is_honoured_in_seconds_and_as_a_date(streamed: bool) -> None:
    async def story(value: str, least: float) -> None:
        refusal = Refusal(429, "slow down", {"Retry-After": value})
        async with FlakyServer({"a": [refusal, Says("now")]}).running() as server:
            began = time.perf_counter()
            assert await Shop(server, "a").asked(streamed) == "now"
            assert time.perf_counter() - began >= least

    run(story("0.3", 0.3))
    run(story(formatdate(time.time() + 2, usegmt=True), 0.9))


def test_who_answered_is_told_with_the_answer() -> None:
    async def story() -> None:
        steps: dict[str, list[Step]] = {"a": [Refusal(404)], "b": [Says("hi")]}
        async with FlakyServer(steps).running() as server:
            shop = Shop(server, "a", "b")
            events = [event async for event in shop.chat.stream(HELLO)]
            assert isinstance(events[-1], Finished)
            assert events[-1].model == "t/b"  # the server does not say
            assert (await shop.chat.complete(HELLO)).model == "t/b"
            opened = await shop.chat.open(HELLO)
            assert opened.used == "t/b"
            await opened.aclose()

    run(story())


def test_after_the_first_event_nobody_takes_over() -> None:
    async def story() -> None:
        steps: dict[str, list[Step]] = {
            "a": [Says("one two three", dies_after=2)],
            "b": [Says("never")],
        }
        async with FlakyServer(steps).running() as server:
            shop, heard = Shop(server, "a", "b"), []
            with pytest.raises(ProviderError, match="broke the connection"):
                async for event in shop.chat.stream(HELLO):
                    heard.append(event)
            assert heard == [TextDelta("one "), TextDelta("two ")]
            assert server.asked("b") == 0
            failures = shop.chat.health.snapshot()["t/a"]
            assert isinstance(failures, dict)
            assert failures["failures"] == {"fault": 1}

    run(story())


def test_answers_that_break_off_again_and_again_open_the_breaker() -> None:
    async def story() -> None:
        steps: dict[str, list[Step]] = {
            "a": [Says("one two three", dies_after=2)],
            "b": [Says("from b")],
        }
        async with FlakyServer(steps).running() as server:
            shop = Shop(server, "a", "b")
            for _ in range(5):
                with pytest.raises(ProviderError):
                    await shop.streamed()
            assert await shop.streamed() == "from b"

    run(story())


def test_a_hedge_wins_and_the_losers_connection_is_closed() -> None:
    async def story() -> None:
        steps: dict[str, list[Step]] = {"a": [Hangs(headers=True), Says("quick")]}
        async with FlakyServer(steps).running() as server:
            policy = replace(QUICK, hedge=0.05)
            shop = Shop(server, "a", policy=policy, patience=5.0)
            opened = await shop.chat.open(HELLO)
            won = time.perf_counter()
            async with asyncio.timeout(1):
                await server.visits[0].gone.wait()
            assert (server.visits[0].left or 0.0) - won < 0.05
            async for _ in opened.events():
                pass
            await opened.aclose()
            assert [(tried.outcome, tried.hedge) for tried in shop.told] == [
                ("won", True),
                ("lost", False),
            ]

    run(story())


@both
@pytest.mark.parametrize("step", [Hangs(), Hangs(headers=True), Says("x", before=9)], ids=str)
@pytest.mark.parametrize("hedge", [None, 0.02])
def test_a_caller_who_leaves_closes_every_connection_at_once(
    streamed: bool, step: Step, hedge: float | None
) -> None:
    async def story() -> None:
        async with FlakyServer({"a": [step]}).running() as server:
            shop = Shop(server, "a", policy=replace(QUICK, hedge=hedge), patience=9.0)
            asking = asyncio.ensure_future(shop.asked(streamed))
            await asyncio.sleep(0.15)
            asking.cancel()
            left = time.perf_counter()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert len(server.visits) == (2 if hedge else 1)
            await server.left()
            assert max(visit.left or 0.0 for visit in server.visits) - left < 0.05

    run(story())


def test_leaving_in_the_middle_closes_the_connection() -> None:
    async def story() -> None:
        async with FlakyServer({"a": [Says("one two three", between=5.0)]}).running() as server:
            shop = Shop(server, "a", patience=9.0)
            stream = shop.chat.stream(HELLO)
            assert await anext(stream) == TextDelta("one ")
            left = time.perf_counter()
            await stream.aclose()
            assert await server.left() - left < 0.05

    run(story())


def test_the_deadline_ends_a_hanging_provider() -> None:
    async def story() -> None:
        async with FlakyServer({"a": [Hangs()]}).running() as server:
            shop = Shop(server, "a", policy=replace(QUICK, deadline=0.2), patience=9.0)
            began = time.perf_counter()
            with pytest.raises(AllFailed, match=r"no answer within 0\.2 s: t/a: did not answer"):
                await shop.streamed()
            assert 0.19 < time.perf_counter() - began < 0.5
            assert await server.left() - began < 0.5

    run(story())


def test_requests_side_by_side_are_told_apart() -> None:
    async def story() -> None:
        steps: dict[str, list[Step]] = {
            "a": [Says("from a", before=0.1), Refusal(404)],
            "b": [Says("from b")],
        }
        async with FlakyServer(steps).running() as server:
            shop = Shop(server, "a", "b")
            slow = asyncio.ensure_future(shop.chat.open(HELLO))
            await asyncio.sleep(0.03)
            quick = await shop.chat.open(HELLO)
            assert (quick.used, (await slow).used) == ("t/b", "t/a")
            await quick.aclose()
            await slow.result().aclose()

    run(story())


@pytest.mark.parametrize(
    ("call", "counted"),
    [
        (("weather", '{"city": "Rome"}'), "ok"),
        (("weather", '{"city": "Ro'), "invalid_json"),
        (("weather", "[1]"), "invalid_json"),
        (("wether", "{}"), "unknown_name"),
        (("weather", "{}"), "schema"),
    ],
)
def test_tool_calls_are_judged(call: tuple[str, str], counted: str) -> None:
    def valid(schema: Any, value: Any) -> bool:
        return all(name in value for name in schema["required"])

    async def story() -> None:
        tool = ToolSpec("weather", "", {"type": "object", "required": ["city"]})
        async with FlakyServer({"a": [Says("", call=call)]}).running() as server:
            model = RemoteChat(target("t/a", base_url=server.base_url))
            chat = ResilientChat([model], valid=valid)
            async for _ in chat.stream(replace(HELLO, tools=(tool,))):
                pass
            shown = chat.health.snapshot()["t/a"]
            assert isinstance(shown, dict)
            assert shown["tool_calls"] == {counted: 1}

    run(story())
