"""The official client of OpenAI, unmodified, reads what the writer writes and is read by us."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

import openai
import pytest
from aiohttp import web
from pydantic import BaseModel

from motet.core.chat import (
    ChatEvent,
    ChatResponse,
    Citation,
    Cited,
    Data,
    Finished,
    FinishReason,
    Image,
    Message,
    Native,
    Reasoning,
    ReasoningDelta,
    Seal,
    Text,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    Usage,
    Whole,
)
from motet.core.json import dumps
from motet.models.assembly import assemble
from motet.models.dialects.dialect import BadRequest, Incoming
from motet.models.dialects.responses import DIALECT

WEATHER = {
    "type": "function",
    "name": "weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}
USAGE = Usage(12, 7, cached_tokens=3, reasoning_tokens=2)
SEARCH = Native("responses", {"type": "web_search_call", "id": "ws_1", "status": "completed"})


def finished(reason: FinishReason = "stop", detail: str = "") -> Finished:
    return Finished(reason, USAGE, "used-model", detail)


@dataclass
class Shop:
    """A server that answers each request with the same events; it keeps what was asked."""

    events: list[ChatEvent]
    break_off: bool = False
    asked: list[Incoming] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            asked = DIALECT.incoming(await request.json())
        except BadRequest as error:
            body = DIALECT.error(400, error.message, error.code, error.param)
            return web.json_response(body, status=400)
        self.asked.append(asked)
        writer = DIALECT.writer(asked, id="resp_ours", created=1_700_000_000)
        if not asked.stream:
            return web.json_response(writer.whole(assemble(self.events)), dumps=dumps)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(writer.start())
        for event in self.events[:-1] if self.break_off else self.events:
            await response.write(writer.event(event))
        if self.break_off:
            await response.write(writer.failure(502, "it broke", "provider"))
        return response


@contextmanager
def serving(shop: Shop) -> Iterator[openai.OpenAI]:
    """Serve the shop on loopback; yield the official client of it."""
    up, loop, stop = Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        application = web.Application()
        application.router.add_post("/v1/responses", shop.answer)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        shop.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        up.set()
        await stop.wait()
        await runner.cleanup()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = Thread(target=run)
    thread.start()
    try:
        assert up.wait(10)
        with openai.OpenAI(base_url=shop.url, api_key="unused", max_retries=0) as client:
            yield client
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


EVERYTHING: list[ChatEvent] = [
    ReasoningDelta("Let me ", 0),
    ReasoningDelta("think.", 0),
    ReasoningDelta("", 0, Seal("anthropic", "c2ln")),
    ReasoningDelta("", 1, Seal("anthropic", "aGlkZGVu"), redacted=True),
    Whole(SEARCH),
    TextDelta("Hello ", 2, Seal("responses", "commentary", "msg_1")),
    TextDelta("world", 2),
    Cited(Citation("https://example.com", "Example", None, 0, 5), 2),
    TextDelta("And more.", 3, Seal("gemini", "c2ln")),
    Whole(Image(Data("image/png", "AAAA"))),
    ToolCallDelta(0, "call_1", "weather", '{"city":'),
    ToolCallDelta(1, "call_2", "weather", "", Seal("gemini", "c2ln")),
    ToolCallDelta(0, None, None, '"Oslo"}'),
    ToolCallDelta(1, None, None, '{"city":"Rome"}'),
    finished("tool_calls"),
]


def test_a_whole_answer() -> None:
    with serving(Shop(EVERYTHING)) as client:
        response = client.responses.create(model="m", input="Hi", tools=[WEATHER])
    assert (response.id, response.model, response.status) == (
        "resp_ours",
        "used-model",
        "completed",
    )
    assert response.output_text == "Hello worldAnd more."
    assert [item.type for item in response.output] == [
        "reasoning",
        "reasoning",
        "web_search_call",
        "message",
        "message",
        "image_generation_call",
        "function_call",
        "function_call",
    ]
    assert response.usage is not None
    assert response.usage.total_tokens == 19
    assert response.usage.input_tokens_details.cached_tokens == 3
    assert response.tools[0].type == "function"
    assert response.created_at == 1_700_000_000
    assert (response.error, response.incomplete_details) == (None, None)


def test_a_stream_makes_the_whole_answer() -> None:
    shop = Shop(EVERYTHING)
    with serving(shop) as client:
        whole = client.responses.create(model="m", input="Hi", tools=[WEATHER])
        with client.responses.stream(model="m", input="Hi", tools=[WEATHER]) as stream:
            events = list(stream)
            final = stream.get_final_response()
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events[:2]] == ["response.created", "response.in_progress"]
    assert events[-1].type == "response.completed"
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == final.output_text == whole.output_text
    calls = [item for item in final.output if item.type == "function_call"]
    assert [call.parsed_arguments for call in calls] == [{"city": "Oslo"}, {"city": "Rome"}]
    assert final.usage == whole.usage
    ids = [getattr(item, "id", None) for item in final.output]
    assert len(set(ids)) == len(ids)
    asked = shop.asked[-1]
    assert read_again(final.model_dump_json(), asked) == read_again(whole.model_dump_json(), asked)


def read_again(body: str, asked: Incoming) -> ChatResponse:
    """Return the answer as our reader reads what the client holds."""
    assert asked.model == "m"
    value = {name: item for name, item in json.loads(body).items() if name != "error"}
    return assemble(DIALECT.reader("m").whole(json.dumps(value).encode()))


def test_every_item_is_opened_grown_and_closed() -> None:
    with serving(Shop(EVERYTHING)) as client:
        events = list(client.responses.create(model="m", input="Hi", stream=True))
    opened = [event for event in events if event.type == "response.output_item.added"]
    closed = [event for event in events if event.type == "response.output_item.done"]
    assert [event.output_index for event in opened] == list(range(8))
    assert sorted(event.output_index for event in closed) == list(range(8))
    ids = {event.output_index: event.item.id for event in opened}
    assert all(event.item.id == ids[event.output_index] for event in closed)
    about = [event for event in events if hasattr(event, "item_id")]
    assert all(event.item_id == ids[event.output_index] for event in about)
    by_kind = {event.type for event in events}
    assert by_kind >= {
        "response.content_part.added",
        "response.content_part.done",
        "response.output_text.annotation.added",
        "response.output_text.done",
        "response.reasoning_summary_part.added",
        "response.reasoning_summary_part.done",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
    }
    last = events[-1]
    assert last.type == "response.completed"
    assert [item.id for item in last.response.output] == [ids[place] for place in range(8)]


class Place(BaseModel):
    city: str
    country: str


STRUCTURED: list[ChatEvent] = [
    TextDelta('{"city":"Oslo",'),
    TextDelta('"country":"Norway"}'),
    finished(),
]


def test_structured_output_is_parsed() -> None:
    shop = Shop(STRUCTURED)
    with serving(shop) as client:
        response = client.responses.parse(model="m", input="Where?", text_format=Place)
        with client.responses.stream(model="m", input="Where?", text_format=Place) as stream:
            done = [event for event in stream if event.type == "response.output_text.done"]
            final = stream.get_final_response()
    assert response.output_parsed == final.output_parsed == Place(city="Oslo", country="Norway")
    assert done[0].parsed == response.output_parsed
    format = shop.asked[0].request.response_format
    assert format is not None
    assert format["type"] == "json_schema"
    assert format["json_schema"]["name"] == "Place"
    assert format["json_schema"]["strict"] is True


def test_what_is_answered_comes_back_in_the_next_request() -> None:
    shop = Shop(EVERYTHING)
    answer = assemble(EVERYTHING)
    with serving(shop) as client:
        with client.responses.stream(model="m", input="Hi") as stream:
            streamed = stream.get_final_response().output
        for output in (client.responses.create(model="m", input="Hi").output, streamed):
            results = [
                {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
                for call in output
                if call.type == "function_call"
            ]
            client.responses.create(
                model="m", input=[{"role": "user", "content": "Hi"}, *output, *results]
            )
            messages = shop.asked[-1].request.messages
            assert [message.role for message in messages] == ["user", "assistant", "tool", "tool"]
            assert messages[1].parts == answer.parts
            assert [message.tool_call_id for message in messages[2:]] == ["call_1", "call_2"]


def test_a_refusal() -> None:
    known = Seal("responses", "refusal")
    events: list[ChatEvent] = [
        TextDelta("I can", 0, known),
        TextDelta("not.", 0),
        finished("content_filter", "refusal"),
    ]
    with (
        serving(Shop(events)) as client,
        client.responses.stream(model="m", input="Hi") as stream,
    ):
        said = "".join(each.delta for each in stream if each.type == "response.refusal.delta")
        final = stream.get_final_response()
    message = final.output[0]
    assert message.type == "message"
    assert (message.content[0].type, said) == ("refusal", "I cannot.")
    assert final.status == "completed"


@pytest.mark.parametrize("stream", [False, True])
def test_a_refusal_of_another_provider_is_told(stream: bool) -> None:
    events: list[ChatEvent] = [TextDelta("I cannot."), finished("content_filter", "refusal")]
    with serving(Shop(events)) as client:
        if stream:
            with client.responses.stream(model="m", input="Hi") as opened:
                response = opened.get_final_response()
        else:
            response = client.responses.create(model="m", input="Hi")
    message = response.output[0]
    assert message.type == "message"
    assert [content.type for content in message.content] == ["output_text", "refusal"]
    assert response.output_text == "I cannot."


@pytest.mark.parametrize(
    ("reason", "said"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
def test_an_answer_that_is_not_complete(reason: FinishReason, said: str) -> None:
    with serving(Shop([TextDelta("Once upon"), finished(reason)])) as client:
        whole = client.responses.create(model="m", input="Hi")
        events = list(client.responses.create(model="m", input="Hi", stream=True))
    last = events[-1]
    assert last.type == "response.incomplete"
    for response in (whole, last.response):
        assert response.status == "incomplete"
        assert response.incomplete_details is not None
        assert response.incomplete_details.reason == said
        assert response.output_text == "Once upon"


def test_an_error_within_the_stream_is_raised() -> None:
    with serving(Shop([TextDelta("Once "), finished()], break_off=True)) as client:
        said = ""
        with pytest.raises(openai.APIError, match="it broke") as caught:
            for event in client.responses.create(model="m", input="Hi", stream=True):
                said += event.delta if event.type == "response.output_text.delta" else ""
    assert (said, caught.value.code) == ("Once ", "provider")


def test_a_bad_request_is_told() -> None:
    with serving(Shop([finished()])) as client, pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="m", input="Hi", temperature="warm")
    assert caught.value.param == "temperature"
    assert "must be a number" in caught.value.message


def test_what_the_client_sends_is_read() -> None:
    shop = Shop([TextDelta("Hello"), finished()])
    with serving(shop) as client:
        client.responses.create(
            model="m",
            instructions="Be brief.",
            input=[
                {"role": "developer", "content": "Speak English."},
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "What is it?"},
                        {
                            "type": "input_image",
                            "image_url": "data:image/png;base64,AAAA",
                            "detail": "low",
                        },
                    ],
                },
                {
                    "type": "function_call",
                    "call_id": "call_1",
                    "name": "weather",
                    "arguments": "{}",
                },
                {"type": "function_call_output", "call_id": "call_1", "output": "rain"},
            ],
            tools=[WEATHER],
            tool_choice={"type": "function", "name": "weather"},
        )
    request = shop.asked[0].request
    assert request.messages == (
        Message("system", "Be brief."),
        Message("developer", "Speak English."),
        Message("user", (Text("What is it?"), Image(Data("image/png", "AAAA"), "low"))),
        Message("assistant", (ToolCall("call_1", "weather", "{}"),)),
        Message("tool", "rain", "call_1"),
    )
    assert request.tools[0].strict is True


def test_thoughts_are_never_lost_on_the_way() -> None:
    raw = Seal("responses", "reasoning_text", "rs_1")
    encrypted = Seal("responses", "gAAAA", "rs_2")
    events: list[ChatEvent] = [
        ReasoningDelta("So ", 0),
        ReasoningDelta("what", 0, raw),
        ReasoningDelta("Hm", 1),
        ReasoningDelta("", 1, encrypted),
        TextDelta("Yes", 2),
        finished(),
    ]
    shop = Shop(events)
    with serving(shop) as client:
        with client.responses.stream(model="m", input="Hi") as stream:
            output = stream.get_final_response().output
        client.responses.create(model="m", input=[*output, {"role": "user", "content": "More"}])
    assert shop.asked[-1].request.messages[0].parts == (
        Reasoning("So what", raw),
        Reasoning("Hm", encrypted),
        Text("Yes"),
    )
