"""A canonical request, written for a provider of the Responses API.

https://platform.openai.com/docs/api-reference/responses/create
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motet.core.chat import ChatRequest, Message, Part, Reasoning, Text, ToolCall
from motet.core.errors import UsageError
from motet.core.json import JSON
from motet.models.dialects.dialect import Outgoing
from motet.models.dialects.responses.citations import unsaid
from motet.models.dialects.responses.content import written_content
from motet.models.dialects.responses.items import (
    Written,
    call_item,
    message_item,
    native_item,
    output_content,
    pieces,
    reasoning_item,
)
from motet.models.dialects.responses.sealing import is_raw, own, phase
from motet.models.dialects.responses.settings import (
    is_own,
    written_choice,
    written_format,
    written_thinking,
    written_tools,
)

ENCRYPTED: Final = "reasoning.encrypted_content"
_SHARED: Final = frozenset(
    (
        "metadata",
        "moderation",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "store",
        "top_logprobs",
    )
)
"""Fields that chat completions write in the same way."""


def written_request(request: ChatRequest, model: str, *, stream: bool) -> Outgoing:
    """Write a request. Raises `UsageError` for a tool's answer that names no call."""
    lost: list[str] = []
    body: dict[str, JSON] = {"model": model, **written_messages(request, lost)}
    body |= written_settings(request, lost)
    lost += [
        name
        for name in ("top_k", "stop", "seed", "presence_penalty", "frequency_penalty")
        if getattr(request, name) not in (None, ())
    ]
    if stream:
        body["stream"] = True
    return Outgoing("/responses", body, lost=tuple(lost))


def written_settings(request: ChatRequest, lost: list[str]) -> dict[str, JSON]:
    """Write all that is asked beside the messages."""
    extra = _extra(request, lost)
    tools = written_tools(request, lost)
    fields: dict[str, JSON] = {
        **extra,
        **_stateless(request, extra),
        "tools": tools or None,
        "tool_choice": written_choice(request.tool_choice) or extra.get("tool_choice"),
        "parallel_tool_calls": request.parallel_tool_calls,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_output_tokens": request.max_tokens,
        "user": request.user,
    }
    format = request.response_format
    said = {} if format is None else {"format": written_format(format)}
    fields["text"] = {**said, **_object(extra, "text")} or None
    thinking = written_thinking(request.thinking, lost)
    fields["reasoning"] = {**thinking, **_object(extra, "reasoning")} or None
    return {name: value for name, value in fields.items() if value is not None}


def _extra(request: ChatRequest, lost: list[str]) -> dict[str, JSON]:
    """Return the fields of the request's own dialect that pass, as this one writes them."""
    if is_own(request) or not request.extra_dialect:
        return dict(request.extra)
    if request.extra_dialect != "openai":
        lost += request.extra
        return {}
    passed = {name: value for name, value in request.extra.items() if name in _SHARED}
    if "verbosity" in request.extra:
        passed["text"] = {"verbosity": request.extra["verbosity"]}
    said = {*passed, "verbosity", *(["n"] if request.extra.get("n") == 1 else [])}
    lost += [name for name in request.extra if name not in said]
    return passed


def _stateless(request: ChatRequest, extra: Mapping[str, JSON]) -> dict[str, JSON]:
    """Ask for thoughts that can be given back, where the client keeps the conversation itself."""
    thinks = request.thinking is not None or any(
        isinstance(part, Reasoning) for message in request.messages for part in message.parts
    )
    if is_own(request) or not thinks:
        return {}
    return {"include": [ENCRYPTED], "store": extra.get("store", False)}


def _object(extra: Mapping[str, JSON], name: str) -> Mapping[str, JSON]:
    value = extra.get(name)
    return value if isinstance(value, Mapping) else {}


def written_messages(request: ChatRequest, lost: list[str]) -> dict[str, JSON]:
    """Write the messages: `instructions` and `input`."""
    items: list[JSON] = []
    first = request.messages[0] if request.messages else None
    alone = first is not None and first.role == "system" and isinstance(first.content, str)
    for place, message in enumerate(request.messages):
        at = f"messages[{place}]"
        unsaid = {"name": message.name, "is_error": message.is_error}
        unsaid["cache_control"] = message.cache is not None
        lost += [f"{at}.{name}" for name, value in unsaid.items() if value]
        if place or not alone:
            items += _written_message(message, at, lost)
    body: dict[str, JSON] = {"input": items}
    return {"instructions": first.text, **body} if first is not None and alone else body


def _written_message(message: Message, at: str, lost: list[str]) -> list[JSON]:
    content = message.content
    if message.role == "assistant":
        if isinstance(content, str):
            return [{"role": "assistant", "content": content}]
        return _written_turn(content, f"{at}.content", lost)
    said: JSON = content if isinstance(content, str) else None
    if not isinstance(content, str):
        said = written_content(content, f"{at}.content", lost)
    if message.role != "tool":
        return [{"role": message.role, "content": said}]
    if message.tool_call_id is None:
        raise UsageError(f"{at}: the answer of a tool must name its call in tool_call_id")
    return [{"type": "function_call_output", "call_id": message.tool_call_id, "output": said}]


def _written_turn(parts: tuple[Part, ...], at: str, lost: list[str]) -> list[JSON]:
    items: list[JSON] = []
    for piece in pieces(parts):
        if isinstance(piece, Written):
            items.append(_written_texts(piece, at, lost))
            continue
        place, part = piece
        item = _written_part(part, f"{at}[{place}]", lost)
        if item is None:
            lost.append(f"{at}[{place}]")
        else:
            items.append(item)
    return items


def _written_texts(piece: Written, at: str, lost: list[str]) -> JSON:
    for place, text in zip(piece.places, piece.texts, strict=True):
        lost += _unsaid_text(text, f"{at}[{place}]")
    seal = own(piece.texts[0].seal)
    id = seal.id if seal is not None else None
    return message_item(
        [output_content(text) for text in piece.texts],
        id=id,
        phase=phase(text.seal for text in piece.texts),
        status="completed" if id is not None else None,
    )


def _unsaid_text(text: Text, at: str) -> list[str]:
    unsaid_fields = {
        "cache_control": text.cache,
        "seal": text.seal is not None and own(text.seal) is None,
    }
    names = [f"{at}.{name}" for name, value in unsaid_fields.items() if value]
    cited = [place for place, citation in enumerate(text.citations) if unsaid(citation)]
    return names + [f"{at}.citations[{place}]" for place in cited]


def _written_part(part: Part, at: str, lost: list[str]) -> JSON:
    """Return the item of a part, None where it cannot be said."""
    if isinstance(part, Reasoning):
        return _written_reasoning(part, at, lost)
    if not isinstance(part, ToolCall):
        return native_item(part)
    seal = own(part.seal)
    if part.cache:
        lost.append(f"{at}.cache_control")
    if part.seal is not None and seal is None:
        lost.append(f"{at}.seal")
    return call_item(part, id=seal.id if seal is not None else None, status=None)


def _written_reasoning(part: Reasoning, at: str, lost: list[str]) -> JSON:
    """Return the item, None for thoughts that the provider would not know as its own."""
    seal = own(part.seal)
    if seal is None or not (seal.value or seal.id):
        return None
    if part.redacted and part.text:
        lost.append(f"{at}.redacted")
    raw = is_raw(seal)
    texts = [part.text] if part.text or not part.redacted else []
    encrypted = None if raw else seal.value or None
    return reasoning_item(texts, raw=raw, id=seal.id, encrypted=encrypted)
