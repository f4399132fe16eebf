"""Whatever the canonical model says in the words of the Responses API is read as it was said."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from conformance import cut, read_stream
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Citation,
    Cited,
    Data,
    Document,
    File,
    Finished,
    FinishReason,
    Image,
    Message,
    NamedTool,
    Native,
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
from motet.models.dialects.dialect import Incoming
from motet.models.dialects.responses import DIALECT

NAME = "responses"
ASKED = Incoming("m", ChatRequest((Message("user", "Hello"),)), True)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
some = words.filter(bool)
names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | words,
    lambda inner: st.lists(inner, max_size=3),
)
objects = st.dictionaries(names, values, max_size=3)
arguments = objects.map(dumps)
blobs = st.binary(max_size=9).map(lambda data: base64.b64encode(data).decode())
ids = st.integers(0, 10**9).map("{:x}".format)


def own_seals(prefix: str, *kinds: str) -> st.SearchStrategy[Seal | None]:
    id = ids.map(f"{prefix}_{{}}".format)
    return st.none() | st.builds(Seal, st.just(NAME), st.sampled_from(kinds), id)


foreign = st.builds(Seal, st.just("gemini"), some, st.none() | names)
thoughts = st.builds(Reasoning, some, own_seals("rs", "gAAAA", "reasoning_text", ""))
natives = st.just(Native(NAME, {"type": "web_search_call", "id": "ws_1", "status": "completed"}))


# Requests

spans = st.builds(Citation, some, st.none() | some, st.none(), st.just(0), st.integers(0, 99))
files = st.builds(Citation, st.just("openai-file:file-1"), some, st.none(), st.integers(0, 99))
written = st.builds(
    Text,
    words,
    citations=st.lists(spans | files, max_size=2).map(tuple),
    seal=own_seals("msg", "", "final_answer", "commentary"),
) | st.builds(Text, words, seal=own_seals("msg", "refusal"))
sealed_thoughts = thoughts.filter(lambda part: part.seal is not None)
own_calls = st.builds(ToolCall, names, names, arguments, own_seals("fc", ""))
images = st.builds(
    Image,
    st.builds(Data, st.just("image/png"), blobs)
    | st.just(Url("https://example.com/a.png"))
    | st.builds(File, st.just(NAME), names),
    st.sampled_from([None, "low", "high", "auto"]),
)
documents = st.builds(
    Document,
    st.builds(Data, st.just("application/pdf"), blobs)
    | st.just(Url("https://example.com/a.pdf"))
    | st.builds(File, st.just(NAME), names),
    st.none() | names,
)
contents = words | st.lists(st.builds(Text, words) | images | documents, max_size=3).map(tuple)
messages = (
    st.builds(Message, st.sampled_from(["user", "system", "developer"]), contents)
    | st.builds(Message, st.just("tool"), contents, names)
    | st.builds(
        Message,
        st.just("assistant"),
        some
        | st.lists(written | sealed_thoughts | own_calls | natives, min_size=1, max_size=4).map(
            tuple
        ),
    )
)
schemas = st.builds(
    lambda name, schema, strict: {
        "type": "json_schema",
        "json_schema": {"name": name, "schema": schema, "strict": strict},
    },
    names,
    objects,
    st.booleans(),
)
extras = st.fixed_dictionaries(
    {},
    optional={
        "previous_response_id": names,
        "metadata": st.dictionaries(names, words, max_size=2),
        "text": st.just({"verbosity": "low"}),
        "reasoning": st.just({"context": "all_turns"}),
        "include": st.just(["file_search_call.results"]),
        "store": st.booleans(),
        "background": st.booleans(),
    },
)
efforts = st.none() | st.sampled_from(["none", "low", "xhigh"])
summaries = st.none() | st.sampled_from(["auto", "detailed"])
requests = st.builds(
    ChatRequest,
    st.lists(messages, max_size=4).map(tuple),
    tools=st.lists(
        st.builds(ToolSpec, names, words, objects, st.none() | st.booleans()), max_size=3
    ).map(tuple),
    native_tools=st.lists(st.just(Native(NAME, {"type": "web_search"})), max_size=1).map(tuple),
    tool_choice=st.sampled_from([None, "auto", "none", "required"]) | names.map(NamedTool),
    parallel_tool_calls=st.none() | st.booleans(),
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1),
    max_tokens=st.none() | st.integers(1, 9999),
    response_format=st.sampled_from([None, {"type": "json_object"}, {"type": "text"}]) | schemas,
    thinking=st.none()
    | st.builds(Thinking, effort=efforts, summary=summaries).filter(lambda it: it != Thinking()),
    user=st.none() | names,
    extra=extras,
    extra_dialect=st.just(NAME),
)


def plain(request: ChatRequest) -> ChatRequest:
    """Return the request with all content as parts and each turn of the model as one."""
    turns: list[Message] = []
    for message in request.messages:
        parts = message.parts
        if message.role == "assistant" and turns and turns[-1].role == "assistant":
            turns[-1] = Message("assistant", (*turns[-1].parts, *parts))
        else:
            turns.append(replace(message, content=parts))
    return replace(request, messages=tuple(turns))


@settings(deadline=None)
@given(requests)
def test_requests(request: ChatRequest) -> None:
    sent = DIALECT.outgoing(request, "m", stream=True)
    assert not sent.lost
    found = DIALECT.incoming(json.loads(dumps(sent.body)))
    assert (found.model, found.stream, found.lost) == ("m", True, ())
    assert plain(found.request) == plain(request)
    again = DIALECT.outgoing(found.request, "m", stream=True)
    assert DIALECT.incoming(again.body).request == found.request


# Answers

texts = st.builds(
    Text,
    some,
    citations=st.lists(spans, max_size=2).map(tuple),
    seal=own_seals("msg", "", "final_answer", "refusal") | foreign,
)
pictures = st.builds(Image, st.builds(Data, st.just("image/png"), blobs))
answer_parts = st.lists(
    texts
    | thoughts
    | st.builds(Reasoning, words, foreign)
    | st.builds(Reasoning, st.just(""), foreign, st.just(True))
    | st.builds(ToolCall, names, names, arguments, own_seals("fc", "") | foreign)
    | pictures
    | natives,
    max_size=5,
    unique_by=lambda part: part.id if isinstance(part, ToolCall) else object(),
)
usages = st.none() | st.builds(Usage, *[st.integers(0, 999)] * 4)


def reason(parts: Sequence[Part], limit: bool) -> tuple[FinishReason, str]:
    if limit:
        return "length", ""
    seals = [part.seal for part in parts if isinstance(part, Text)]
    if any(seal is not None and seal.value == "refusal" for seal in seals):
        return "content_filter", "refusal"
    return ("tool_calls" if any(isinstance(p, ToolCall) for p in parts) else "stop"), ""


@st.composite
def answers(draw: st.DrawFn) -> ChatResponse:
    parts = draw(answer_parts)
    finish, detail = reason(parts, draw(st.booleans()))
    usage, model = draw(usages), draw(st.none() | names)
    return ChatResponse(tuple(parts), finish, usage, model or "m", detail, id="resp_1")


@settings(deadline=None)
@given(answers())
def test_whole_answers(answer: ChatResponse) -> None:
    writer = DIALECT.writer(ASKED, id="resp_2", created=1)
    body = dumps(writer.whole(answer)).encode()
    assert not writer.lost
    assert assemble(DIALECT.reader("m").whole(body)) == answer


def split(text: str) -> Iterator[str]:
    return (text[place : place + 4] for place in range(0, len(text), 4))


def events(answer: ChatResponse, *, late: bool) -> Iterator[ChatEvent]:
    """Yield the answer as a stream; `late`: the seal of a text comes with its last delta."""
    calls = 0
    for block, part in enumerate(answer.parts):
        if isinstance(part, Text):
            seal = part.seal
            yield from (TextDelta(part.text, block, seal),) if not late else ()
            if late:
                # A refusal must be known before its first word.
                known = seal if seal is not None and seal.dialect == NAME else None
                yield from (TextDelta(piece, block, known) for piece in split(part.text))
                yield TextDelta("", block, seal)
            yield from (Cited(citation, block) for citation in part.citations)
        elif isinstance(part, Reasoning):
            yield from (ReasoningDelta(piece, block) for piece in split(part.text))
            yield ReasoningDelta("", block, part.seal, part.redacted)
        elif isinstance(part, ToolCall):
            yield ToolCallDelta(calls, part.id, part.name, "", None if late else part.seal)
            yield from (ToolCallDelta(calls, None, None, p) for p in split(part.arguments))
            yield ToolCallDelta(calls, None, None, "", part.seal)
            calls += 1
        elif isinstance(part, Image | Document | Native):
            yield Whole(part)
    yield Finished(
        answer.finish_reason, answer.usage, answer.model, answer.detail, answer.stop, answer.id
    )


@settings(deadline=None)
@given(answers(), st.booleans(), st.lists(st.integers(0, 4000), max_size=9))
def test_streamed_answers(answer: ChatResponse, late: bool, places: list[int]) -> None:
    writer = DIALECT.writer(ASKED, id="resp_1", created=1)
    data = writer.start() + b"".join(map(writer.event, events(answer, late=late)))
    assert not writer.lost
    pieces = cut(data, {place for place in places if place < len(data)})
    assert read_stream(DIALECT.reader("m"), pieces) == answer
