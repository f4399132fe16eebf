"""Whatever the canonical model says in Gemini's words is read again as it was said."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from itertools import chain

from gemini_exchanges import read_stream, streamed
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.chat import (
    Audio,
    AudioDelta,
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Citation,
    Cited,
    Data,
    Document,
    Finished,
    Image,
    Message,
    NamedTool,
    Part,
    Reasoning,
    ReasoningDelta,
    Seal,
    Text,
    TextDelta,
    Thinking,
    ToolCall,
    ToolCallDelta,
    ToolSpec,
    Url,
    Usage,
    Whole,
)
from motet.core.json import dumps
from motet.models.assembly import assemble
from motet.models.dialects.gemini import DIALECT

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
some = words.filter(bool)
names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | words,
    lambda inner: st.lists(inner, max_size=3),
)
objects = st.dictionaries(names, values, max_size=3)
own_seals = st.none() | st.just(Seal("gemini", "c2lnbmF0dXJl"))
seals = own_seals | st.builds(Seal, st.just("anthropic"), some, st.none() | names)
blobs = st.binary(max_size=9).map(lambda data: Data("image/png", base64.b64encode(data).decode()))
images = st.builds(Image, blobs | st.just(Url("https://example.com/a.png")))
documents = st.just(Document(Data("application/pdf", "AAAA")))


def calls(seal: st.SearchStrategy[Seal | None]) -> st.SearchStrategy[ToolCall]:
    return st.builds(ToolCall, names, names, objects.map(dumps), seal)


@st.composite
def turns(draw: st.DrawFn) -> list[Message]:
    """Return a turn of a user, or one of a model with the results of its calls."""
    if draw(st.booleans()):
        text: st.SearchStrategy[Part] = st.builds(Text, some)
        parts = draw(st.lists(text | images | documents, min_size=1, max_size=3))
        return [Message("user", tuple(parts))]
    made = draw(
        st.lists(
            st.builds(Text, some, seal=own_seals)
            | st.builds(Reasoning, some, own_seals)
            | calls(own_seals),
            min_size=1,
            max_size=4,
            unique_by=lambda part: part.id if isinstance(part, ToolCall) else object(),
        )
    )
    message = Message("assistant", tuple(made))
    results = [
        Message("tool", draw(words | objects.map(dumps)), call.id, is_error=draw(st.booleans()))
        for call in message.tool_calls
    ]
    return [message, *results]


tools = st.lists(
    st.builds(ToolSpec, names, words, objects), max_size=3, unique_by=lambda tool: tool.name
)
requests = st.builds(
    ChatRequest,
    st.lists(turns(), min_size=1, max_size=3).map(lambda found: tuple(chain.from_iterable(found))),
    tools=tools.map(tuple),
    tool_choice=st.sampled_from([None, "auto", "none", "required"]) | names.map(NamedTool),
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1),
    top_k=st.none() | st.integers(1, 99),
    max_tokens=st.none() | st.integers(1, 9999),
    stop=st.lists(some, max_size=3).map(tuple),
    seed=st.none() | st.integers(0, 2**31),
    response_format=st.sampled_from([None, {"type": "json_object"}, {"type": "text"}]),
    thinking=st.sampled_from(
        [
            None,
            Thinking(effort="low"),
            Thinking(budget=0),
            Thinking(budget=512, summary="auto"),
            Thinking(adaptive=True, summary="none"),
        ]
    ),
    extra=st.sampled_from([{}, {"safetySettings": [], "generationConfig": {"logprobs": 2}}]),
).map(lambda request: replace(request, extra_dialect="gemini" if request.extra else ""))


def plain(request: ChatRequest) -> ChatRequest:
    """Return the request with every turn's content as parts."""
    turned = tuple(replace(message, content=message.parts) for message in request.messages)
    return replace(request, messages=turned)


@settings(deadline=None)
@given(requests)
def test_requests(request: ChatRequest) -> None:
    sent = DIALECT.outgoing(request, "g", stream=False)
    body = json.loads(dumps(sent.body))
    assert not sent.lost
    found = DIALECT.incoming({**body, "model": "g"})
    assert not found.lost
    assert plain(found.request) == plain(request)


def cited(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Text]:
    return texts.flatmap(
        lambda text: st.builds(
            Text,
            st.just(text),
            citations=st.lists(
                st.builds(
                    Citation,
                    st.none() | some,
                    st.none() | some,
                    st.none() | some,
                    st.just(0),
                    st.integers(0, len(text)),
                ),
                max_size=2,
            ).map(tuple),
            seal=seals,
        )
    )


answers = st.builds(
    ChatResponse,
    st.lists(
        cited(some)
        | st.builds(Reasoning, some, seals)
        | calls(seals)
        | images
        | documents
        | st.just(Reasoning("", Seal("anthropic", "x"), redacted=True)),
        max_size=6,
    ).map(tuple),
    st.just("stop"),
    st.none()
    | st.builds(
        Usage,
        st.integers(9, 99),
        st.integers(9, 99),
        st.integers(0, 9),
        st.integers(0, 4),
        audio_input_tokens=st.integers(0, 4),
        audio_output_tokens=st.integers(0, 4),
    ),
    st.just("model"),
    id=st.just("id"),
).map(lambda answer: replace(answer, finish_reason="tool_calls") if answer.tool_calls else answer)


def events_of(answer: ChatResponse) -> list[ChatEvent]:
    """Return the answer as a stream, texts in two pieces and seals with the last."""
    events: list[ChatEvent] = []
    for place, part in enumerate(answer.parts):
        if isinstance(part, Text):
            half = len(part.text) // 2
            events += [TextDelta(part.text[:half], place)] if half else []
            events += [TextDelta(part.text[half:], place, part.seal)]
            events += [Cited(citation, place) for citation in part.citations]
        elif isinstance(part, Reasoning):
            events.append(ReasoningDelta(part.text, place, part.seal, part.redacted))
        elif isinstance(part, ToolCall):
            events.append(ToolCallDelta(place, part.id, part.name, part.arguments[:3]))
            events.append(ToolCallDelta(place, None, None, part.arguments[3:], part.seal))
        elif isinstance(part, Audio):
            assert isinstance(part.source, Data)
            events.append(AudioDelta(part.source.base64, "", part.source.media_type))
        else:
            events.append(Whole(part))
    end = Finished(answer.finish_reason, answer.usage, answer.model, id=answer.id)
    return [*events, end]


@settings(deadline=None)
@given(answers, st.integers(1, 40))
def test_answers(answer: ChatResponse, step: int) -> None:
    asked = DIALECT.incoming({"model": "model", "contents": [], "stream": True, "alt": "sse"})
    writer = DIALECT.writer(asked, id="id", created=1)
    body = dumps(writer.whole(answer)).encode()
    assert assemble(DIALECT.reader("g").whole(body)) == answer
    writer = DIALECT.writer(asked, id="id", created=1)
    data = streamed(writer, events_of(answer))
    assert read_stream(data, DIALECT.reader("g"), step) == answer
    assert not writer.lost
