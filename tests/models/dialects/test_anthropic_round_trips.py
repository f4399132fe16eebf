"""Whatever the canonical model says in Anthropic's words is read again as it was said."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from itertools import chain

from conformance import cut, read_stream
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.chat import (
    Audio,
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Citation,
    Cited,
    Data,
    Document,
    File,
    Finished,
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
from motet.models.dialects.anthropic import DIALECT
from motet.models.dialects.dialect import Incoming

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
some = words.filter(bool)
names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | words,
    lambda inner: st.lists(inner, max_size=3),
)
objects = st.dictionaries(names, values, max_size=3)
maybe = st.none() | words
caches = st.sampled_from([None, {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}])
texts64 = some.map(lambda text: base64.b64encode(text.encode()).decode())

signatures = st.builds(Seal, st.just("anthropic"), some.filter(lambda s: not s.startswith("motet")))
callers = st.sampled_from([None, Seal("anthropic", '{"caller":{"tool_id":"t","type":"code"}}')])
foreign = st.builds(Seal, st.sampled_from(["gemini", "responses"]), some, st.none() | names)
places = st.sampled_from(
    [
        Seal("anthropic", '{"encrypted_index":"Eo8","type":"web_search_result_location"}'),
        Seal("anthropic", '{"document_index":0,"end_page_number":3,"type":"page_location"}'),
        Seal("anthropic", '{"search_result_index":1,"type":"search_result_location"}'),
    ]
)
own_citations = st.builds(Citation, st.none() | some, maybe, words, seal=places)
web_citations = st.builds(Citation, some, maybe, words)
citations = st.lists(own_citations | web_citations, max_size=2).map(tuple)

pictures = st.just(Data("image/png", "iVBORw0K")) | st.builds(Url, some)
files = st.builds(File, st.just("anthropic"), names)
images = st.builds(Image, pictures | files, cache=caches)
papers = st.just(Data("application/pdf", "JVBERi0x")) | st.builds(
    Data, st.just("text/plain"), texts64
)
documents = st.builds(
    Document, papers | files | st.builds(Url, some), maybe, maybe, st.booleans(), caches
)
natives = st.builds(
    lambda name, rest: Native("anthropic", {**rest, "type": f"server_{name}"}), names, objects
)


def calls(seal: st.SearchStrategy[Seal | None]) -> st.SearchStrategy[ToolCall]:
    return st.builds(ToolCall, names, names, objects.map(dumps), seal, caches)


def written(cited: st.SearchStrategy[tuple[Citation, ...]]) -> st.SearchStrategy[Text]:
    return st.builds(Text, some, caches, cited)


asked = st.lists(written(st.just(())) | images | documents | natives, min_size=1, max_size=3)
thoughts = st.builds(Reasoning, words, signatures) | st.builds(
    lambda seal: Reasoning("", seal, redacted=True), signatures
)
own_texts = written(st.lists(own_citations, max_size=2).map(tuple))
said = st.lists(own_texts | thoughts | calls(callers) | natives, min_size=1, max_size=4)
results = st.builds(
    lambda content, failed, cache: Message("tool", content, "", is_error=failed, cache=cache),
    words | st.lists(written(st.just(())) | images, min_size=1, max_size=2).map(tuple),
    st.booleans(),
    caches,
)


@st.composite
def rounds(draw: st.DrawFn) -> list[Message]:
    """Return what a user says, what the model answers, and what comes of its calls."""
    question = Message("user", draw(some | asked.map(tuple)))
    answer = Message("assistant", draw(some | said.map(tuple)))
    found = [replace(draw(results), tool_call_id=call.id) for call in answer.tool_calls]
    return [question, answer, *found]


conversations = st.builds(
    lambda system, turns: tuple(chain(system, *turns, [Message("user", "go on")])),
    st.lists(st.builds(Message, st.just("system"), some | asked.map(tuple)), max_size=1),
    st.lists(rounds(), max_size=2),
)
tools = st.lists(
    st.builds(
        ToolSpec,
        names,
        words,
        objects.map(lambda found: {"type": "object", **found}),
        st.none() | st.booleans(),
        caches,
    ),
    max_size=3,
    unique_by=lambda tool: tool.name,
)
plain_requests = st.builds(
    ChatRequest,
    conversations,
    tools=tools.map(tuple),
    native_tools=st.lists(natives, max_size=1).map(tuple),
    temperature=st.none() | st.floats(0, 1),
    top_p=st.none() | st.floats(0, 1),
    top_k=st.none() | st.integers(1, 99),
    max_tokens=st.integers(1, 9999),
    stop=st.lists(some, max_size=3).map(tuple),
    response_format=st.none()
    | objects.map(
        lambda schema: {"type": "json_schema", "json_schema": {"name": "output", "schema": schema}}
    ),
    thinking=st.sampled_from(
        [
            None,
            Thinking(effort="low"),
            Thinking(budget=0),
            Thinking(effort="max", budget=0),
            Thinking(budget=2048, summary="auto"),
            Thinking(adaptive=True, summary="none"),
            Thinking(effort="xhigh", adaptive=True),
        ]
    ),
    user=st.none() | some,
    extra=st.sampled_from(
        [{}, {"container": "c", "metadata.x": 1, "output_config.task_budget": {"total": 9}}]
    ),
    extra_dialect=st.just("anthropic"),
)


@st.composite
def requests(draw: st.DrawFn) -> ChatRequest:
    """Return a request of an Anthropic client."""
    request = draw(plain_requests)
    choices = st.sampled_from(["auto", "required", NamedTool("f")])
    choice, parallel = draw(choices), draw(st.none() | st.booleans())
    if draw(st.booleans()):
        request = replace(request, tool_choice=choice, parallel_tool_calls=parallel)
    if request.tools:
        path = f"tools[{request.tools[0].name}].defer_loading"
        request = replace(request, extra={**request.extra, path: True})
    return request


def plain(request: ChatRequest) -> ChatRequest:
    """Return the request with every turn's content as parts."""
    turned = tuple(replace(message, content=message.parts) for message in request.messages)
    return replace(request, messages=turned)


@settings(deadline=None)
@given(requests(), st.booleans())
def test_a_request_is_read_as_it_was_meant(request: ChatRequest, stream: bool) -> None:
    sent = DIALECT.outgoing(request, "claude-opus-5", stream=stream)
    found = DIALECT.incoming(json.loads(dumps(sent.body)))
    assert (sent.lost, found.lost, found.stream) == ((), (), stream)
    assert plain(found.request) == plain(request)


strange = st.one_of(
    st.builds(Text, words, caches, citations, foreign),
    st.builds(Image, st.builds(File, st.just("gemini"), names), st.just("high")),
    st.builds(Audio, st.just(Data("audio/wav", "UklGRg==")), maybe),
    st.builds(Document, st.just(Data("text/csv", "YSxi")), maybe),
    st.builds(Reasoning, words, st.none() | foreign),
    st.builds(ToolCall, some, names, words, foreign),
    st.builds(Native, st.just("gemini"), objects),
)
stranger = st.builds(
    ChatRequest,
    st.lists(
        st.builds(
            Message,
            st.sampled_from(["system", "developer", "user", "assistant", "tool"]),
            words | st.lists(strange, max_size=3).map(tuple),
            tool_call_id=maybe,
            name=maybe,
        ),
        max_size=5,
    ).map(lambda found: (Message("user", "hello"), *found)),
    tools=tools.map(tuple),
    tool_choice=st.sampled_from([None, "auto", "none", "required"]) | names.map(NamedTool),
    parallel_tool_calls=st.none() | st.booleans(),
    temperature=st.none() | st.floats(0, 2),
    max_tokens=st.none() | st.integers(1, 9999),
    seed=st.none() | st.integers(0, 9),
    response_format=st.sampled_from([None, {"type": "json_object"}, {"type": "text"}]),
    thinking=st.none()
    | st.builds(
        Thinking,
        st.sampled_from([None, "none", "minimal", "low", "high"]),
        st.none() | st.integers(0, 9999),
        st.sampled_from([None, "detailed", "none"]),
        st.booleans(),
    ),
    extra=st.dictionaries(words, st.booleans(), max_size=2),
    extra_dialect=st.sampled_from(["", "openai", "gemini"]),
)
models = st.sampled_from(["claude-opus-5", "claude-sonnet-4-5", "claude-3-haiku", "kimi-k2"])


@settings(deadline=None)
@given(stranger, models)
def test_what_others_ask_is_lost_once_at_most(request: ChatRequest, model: str) -> None:
    sent = DIALECT.outgoing(request, model, stream=False)
    found = DIALECT.incoming(json.loads(dumps(sent.body)))
    again = DIALECT.outgoing(found.request, model, stream=False)
    assert again.lost == ()
    assert again.body == sent.body


answered = st.one_of(
    st.builds(Text, some, citations=citations, seal=st.none() | foreign),
    st.builds(Text, st.just(""), seal=foreign),
    thoughts,
    st.builds(Reasoning, some, st.none() | foreign),
    st.builds(ToolCall, names, names, objects.map(dumps), callers | foreign),
    natives,
)
counts = st.integers(0, 99)
usages = st.builds(
    lambda fresh, cached, made, out, thought: Usage(
        fresh + cached + made, out + thought, cached, thought, cache_write_tokens=made
    ),
    *[counts] * 5,
)
endings = st.sampled_from(
    [
        ("stop", "", None),
        ("stop", "stop_sequence", "###"),
        ("stop", "pause_turn", None),
        ("length", "", None),
        ("length", "model_context_window_exceeded", None),
        ("tool_calls", "", None),
        ("content_filter", "refusal", None),
    ]
)
answers = st.builds(
    lambda parts, usage, end: ChatResponse(
        tuple(parts), end[0], usage, "claude", end[1], end[2], "msg_1"
    ),
    st.lists(answered, max_size=5),
    usages,
    endings,
)
INCOMING = Incoming("claude", ChatRequest(()), True)


@settings(deadline=None)
@given(answers)
def test_a_whole_answer_is_read_as_it_was_written(answer: ChatResponse) -> None:
    writer = DIALECT.writer(INCOMING, id="msg_2", created=0)
    body = dumps(writer.whole(answer)).encode()
    assert assemble(DIALECT.reader("here").whole(body)) == answer
    assert writer.lost == ()


def events_of(answer: ChatResponse, size: int) -> list[ChatEvent]:
    """Return the answer in deltas of at most so many characters."""
    events: list[ChatEvent] = []
    called = 0
    for block, part in enumerate(answer.parts):
        events += _deltas(part, block, called, size)
        called += isinstance(part, ToolCall)
    end = (answer.finish_reason, answer.usage, answer.model, answer.detail, answer.stop, answer.id)
    return [*events, Finished(*end)]


def _deltas(part: Part, block: int, call: int, size: int) -> list[ChatEvent]:
    if isinstance(part, Text):
        cited = [Cited(each, block) for each in part.citations]
        pieces = [TextDelta(piece, block) for piece in _pieces(part.text, size)]
        return [*pieces, *cited, TextDelta("", block, part.seal)]
    if isinstance(part, Reasoning):
        begun = (
            [] if part.redacted else [ReasoningDelta(p, block) for p in _pieces(part.text, size)]
        )
        return [*begun, ReasoningDelta("", block, part.seal, part.redacted)]
    if isinstance(part, ToolCall):
        begin = ToolCallDelta(call, part.id, part.name, "", part.seal)
        pieces = [ToolCallDelta(call, None, None, p) for p in _pieces(part.arguments, size)]
        return [begin, *pieces]
    assert isinstance(part, Native)
    return [Whole(part)]


def _pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@settings(deadline=None)
@given(answers, st.integers(1, 9), st.lists(st.integers(0, 4000), max_size=8))
def test_a_stream_is_read_as_it_was_written(
    answer: ChatResponse, size: int, places: list[int]
) -> None:
    writer = DIALECT.writer(INCOMING, id="msg_1", created=0)
    events = events_of(answer, size)
    stream = b"".join([writer.start(), *map(writer.event, events)])
    inner = [at for at in places if at < len(stream)]
    assert read_stream(DIALECT.reader("here"), cut(stream, inner)) == answer == assemble(events)
    assert writer.lost == ()
