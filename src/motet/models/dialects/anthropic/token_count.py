"""`POST /v1/messages/count_tokens`: a request that asks only how long it is.

https://docs.anthropic.com/en/api/messages-count-tokens
"""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import ChatRequest
from motet.core.json import JSON, loads
from motet.models.dialects.anthropic.failures import not_a_message
from motet.models.dialects.anthropic.request_reader import read_request
from motet.models.dialects.anthropic.request_writer import write_request
from motet.models.dialects.dialect import Incoming, Outgoing

PATH = "/messages/count_tokens"
_TAKEN_FOR_ANSWERS = frozenset(
    {"max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences", "metadata"}
)


def incoming(body: Mapping[str, JSON]) -> Incoming:
    """Read a client's request. Raises `BadRequest`."""
    return read_request(body, counting=True)


def outgoing(request: ChatRequest, model: str) -> Outgoing:
    """Write a request; what only concerns the answer is left out. Raises `UsageError`."""
    sent = write_request(request, model, stream=False)
    body = {key: value for key, value in sent.body.items() if key not in _TAKEN_FOR_ANSWERS}
    return Outgoing(PATH, body, lost=sent.lost)


def answer(input_tokens: int) -> Mapping[str, JSON]:
    """Return the body of an answer."""
    return {"input_tokens": input_tokens}


def read_answer(body: bytes, *, where: str, key: str = "") -> int:
    """Read the provider's answer. Raises `ProviderError`."""
    try:
        value = loads(body)
    except ValueError as error:
        raise not_a_message(body, where=where, key=key) from error
    count = value.get("input_tokens") if isinstance(value, Mapping) else None
    if isinstance(count, bool) or not isinstance(count, int):
        raise not_a_message(body, where=where, key=key)
    return count
