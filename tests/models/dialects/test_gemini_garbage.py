"""Whatever is sent, to us or by a provider, is read or refused; nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from gemini_exchanges import streamed
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.errors import ProviderError
from motet.models.assembly import assemble
from motet.models.dialects.dialect import BadRequest
from motet.models.dialects.gemini import DIALECT
from motet.models.sse import ServerSentEvent

WORDS = """
contents parts role text user model inlineData mimeType image/png video/mp4 data fileData fileUri
functionCall name args id functionResponse response output error thought thoughtSignature
systemInstruction tools functionDeclarations parameters parametersJsonSchema type OBJECT
properties items anyOf nullable enum toolConfig functionCallingConfig mode ANY
allowedFunctionNames generationConfig temperature topK maxOutputTokens stopSequences
responseSchema responseMimeType application/json thinkingConfig thinkingBudget thinkingLevel LOW
mediaResolution level candidates content finishReason STOP index usageMetadata promptTokenCount
promptTokensDetails modality AUDIO tokenCount groundingMetadata groundingChunks web uri
groundingSupports segment startIndex endIndex partIndex groundingChunkIndices promptFeedback
blockReason citationMetadata citationSources logprobsResult modelVersion responseId
""".split()

words = st.sampled_from(WORDS)
plain = (
    st.none()
    | st.booleans()
    | st.integers(-2, 300)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=5)


anything = st.recursive(plain, nested, max_leaves=20)
objects = st.dictionaries(words, anything, max_size=6)


def part(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(words, inner, max_size=3)


turns = st.lists(
    st.fixed_dictionaries(
        {"parts": st.lists(part(anything) | objects, max_size=3)}, optional={"role": words}
    ),
    max_size=3,
)
requests = objects | st.fixed_dictionaries(
    {"model": st.just("m"), "contents": turns},
    optional={
        "tools": st.lists(objects, max_size=2) | anything,
        "generationConfig": objects,
        "toolConfig": objects,
    },
)
answers = objects | st.fixed_dictionaries(
    {
        "candidates": st.lists(
            st.fixed_dictionaries(
                {"content": st.fixed_dictionaries({"parts": st.lists(objects, max_size=3)})},
                optional={
                    "finishReason": words,
                    "groundingMetadata": objects,
                    "citationMetadata": objects,
                },
            ),
            max_size=2,
        )
    },
    optional={"usageMetadata": objects, "promptFeedback": objects},
)


def test_numbers_beyond_all_bounds() -> None:
    endless = json.loads('{"x":1e999}')
    call = {"functionCall": {"name": "f", "args": endless}}
    result = {"functionResponse": {"name": "f", "response": endless}}
    for part, path in ((call, "functionCall.args"), (result, "functionResponse.response")):
        with pytest.raises(BadRequest) as caught:
            DIALECT.incoming({"model": "m", "contents": [{"parts": [part]}]})
        assert caught.value.param == f"contents[0].parts[0].{path}"
    body = json.dumps({"candidates": [{"content": {"parts": [call]}}]}).encode()
    with pytest.raises(ProviderError, match="beyond all bounds"):
        DIALECT.reader("google/m").whole(body)


@settings(deadline=None)
@given(requests)
def test_requests(body: dict[str, Any]) -> None:
    try:
        incoming = DIALECT.incoming(body)
    except BadRequest as error:
        assert error.message
        return
    outgoing = DIALECT.outgoing(incoming.request, "m", stream=False)
    json.dumps(outgoing.body)


@settings(deadline=None)
@given(answers, st.booleans())
def test_answers(body: dict[str, Any], stream: bool) -> None:
    reader = DIALECT.reader("google/m")
    data = json.dumps(body)
    read: Callable[[], Any] = lambda: reader.whole(data.encode())  # noqa: E731
    if stream:
        sent = ServerSentEvent("message", data)
        read = lambda: [*reader.chunk(sent), *reader.chunk(sent), reader.finish()]  # noqa: E731
    try:
        events = read()
    except ProviderError:
        return
    answer = assemble(events)
    asked = DIALECT.incoming({"model": "m", "contents": []})
    json.dumps(DIALECT.writer(asked, id="i", created=1).whole(answer))
    assert streamed(DIALECT.writer(asked, id="i", created=1), events)
