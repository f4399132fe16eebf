"""Whatever clients and servers send, they get an answer or a named error, never a crash."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.errors import ProviderError, UsageError
from motet.core.json import dumps
from motet.models.dialects.anthropic import DIALECT
from motet.models.dialects.dialect import BadRequest
from motet.models.sse import ServerSentEvent

KINDS = [
    *("text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking"),
    *("server_tool_use", "url", "base64", "file", "enabled", "adaptive", "auto", "tool"),
    *("text_delta", "input_json_delta", "thinking_delta", "signature_delta", "citations_delta"),
    *("message_start", "content_block_start", "content_block_delta", "content_block_stop"),
    *("message_delta", "message_stop", "error", "json_schema", "custom", "user", "assistant"),
]
KEYS = [
    *("type", "role", "content", "text", "source", "data", "media_type", "url", "file_id", "id"),
    *("name", "input", "tool_use_id", "is_error", "thinking", "signature", "cache_control"),
    *("citations", "citation", "title", "enabled", "system", "messages", "tools", "tool_choice"),
    *("input_schema", "metadata", "user_id", "output_config", "format", "schema", "effort"),
    *("budget_tokens", "display", "stop_sequences", "temperature", "message", "index", "delta"),
    *("content_block", "partial_json", "usage", "input_tokens", "stop_reason", "error", "model"),
]
atoms = st.none() | st.booleans() | st.integers(-2, 3) | st.floats(-1, 2) | st.sampled_from(KINDS)
anything = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=30,
)
objects = st.dictionaries(st.sampled_from(KEYS), anything, max_size=6)
blocks = st.lists(
    st.builds(lambda kind, rest: {**rest, "type": kind}, st.sampled_from(KINDS), objects),
    max_size=3,
)
turns = st.builds(
    lambda role, content: {"role": role, "content": content},
    st.sampled_from(["user", "assistant", "system"]),
    blocks | anything,
)
bodies = st.builds(
    lambda rest, messages: {"model": "m", "max_tokens": 5, **rest, "messages": messages},
    objects,
    st.lists(turns, min_size=1, max_size=3) | anything,
)
events = st.builds(
    lambda kind, index, rest: {**rest, "type": kind, "index": index},
    st.sampled_from(KINDS),
    st.integers(0, 2),
    objects,
)


@settings(deadline=None)
@given(bodies)
def test_any_request_is_read_or_refused_by_name(body: dict[str, Any]) -> None:
    try:
        incoming = DIALECT.incoming(body)
    except BadRequest as error:
        assert error.param
        return
    with suppress(UsageError):  # there may be no words in it
        dumps(DIALECT.outgoing(incoming.request, incoming.model, stream=False).body)


@settings(deadline=None)
@given(st.lists(events, max_size=8))
def test_any_stream_is_read_or_an_error(sent: list[dict[str, Any]]) -> None:
    reader = DIALECT.reader("here")
    with suppress(ProviderError):
        for event in sent:
            reader.chunk(ServerSentEvent("message", json.dumps(event)))
        reader.finish()


@settings(deadline=None)
@given(anything | st.builds(lambda rest, found: {**rest, "content": found}, objects, blocks))
def test_any_whole_answer_is_read_or_an_error(body: Any) -> None:
    with suppress(ProviderError):
        DIALECT.reader("here").whole(json.dumps(body).encode())
