"""Reasoning in chat completions, as other servers than OpenAI's have added it.

`reasoning_content` (DeepSeek, vLLM) or `reasoning` (OpenRouter, Ollama) is its text;
`reasoning_details` are its parts with their seals, as OpenRouter writes them:
https://openrouter.ai/docs/use-cases/reasoning-tokens#reasoning_details-array-structure.
Seals of calls and texts are `extra_content.google.thought_signature`, as Google's own
OpenAI-compatible API has them: https://ai.google.dev/gemini-api/docs/thought-signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from motet.core.chat import Reasoning, ReasoningDelta, Seal
from motet.core.json import JSON
from motet.models.dialects.seals import sealed, unsealed

_FORMATS: Mapping[str, str] = {
    "anthropic": "anthropic-claude-v1",
    "responses": "openai-responses-v1",
    "gemini": "google-gemini-v1",
}
_DIALECTS: Mapping[str, str] = {format: dialect for dialect, format in _FORMATS.items()}
_APART = frozenset({"responses", "gemini"})
"""Whose seals stand in an entry of their own, behind the text."""


def detail_entries(index: int, text: str, seal: Seal | None, *, redacted: bool) -> list[JSON]:
    """Return the `reasoning_details` that say (more of) the part `index`.

    Each field comes once but for the text: clients join the strings of a stream.
    """
    kind = "summary" if seal is not None and seal.dialect == "responses" else "text"
    mark = {} if seal is None else _mark(seal)
    if seal is not None and (redacted or seal.dialect in _APART):
        encrypted: dict[str, JSON] = {"type": "reasoning.encrypted", "data": seal.value, **mark}
        written: list[JSON] = [{"type": f"reasoning.{kind}", kind: text, "index": index}]
        return [*(written if text else []), {**encrypted, "index": index}]
    signature: dict[str, JSON] = {} if seal is None else {"signature": seal.value, **mark}
    return [{"type": "reasoning.text", "text": text, **signature, "index": index}]


def write_details(parts: Sequence[Reasoning]) -> list[JSON]:
    """Return all `reasoning_details` of a message."""
    return [
        entry
        for index, part in enumerate(parts)
        for entry in detail_entries(index, part.text, part.seal, redacted=part.redacted)
    ]


def read_details(entries: Iterable[Mapping[str, JSON]]) -> list[ReasoningDelta]:
    """Return what `reasoning_details` say, whole or as more of a stream; `block` is the index.

    Clients that put a stream together join the entries of one index, so that an entry may
    hold both a text and what is encrypted.
    """
    found = []
    for entry in entries:
        index = entry.get("index")
        text = entry.get("text") or entry.get("summary")
        text = text if isinstance(text, str) else ""
        seal = _seal(entry, "signature") or _seal(entry, "data")
        hidden = entry.get("type") == "reasoning.encrypted" and not text
        if text or seal is not None:
            redacted = hidden and seal is not None and seal.dialect == "anthropic"
            block = index if isinstance(index, int) else 0
            found.append(ReasoningDelta(text, block, seal, redacted))
    return found


def seal_field(seal: Seal | None) -> dict[str, JSON]:
    """Return the field that carries the seal of a call or a text, none where there is none."""
    signature = sealed(seal, "gemini")
    return (
        {} if signature is None else {"extra_content": {"google": {"thought_signature": signature}}}
    )


def read_seal(extra_content: JSON) -> Seal | None:
    """Return the seal that `extra_content` carries."""
    google = extra_content.get("google") if isinstance(extra_content, Mapping) else None
    signature = google.get("thought_signature") if isinstance(google, Mapping) else None
    return unsealed(signature, "gemini") if isinstance(signature, str) and signature else None


def _mark(seal: Seal) -> dict[str, JSON]:
    mark: dict[str, JSON] = {"format": _FORMATS.get(seal.dialect, seal.dialect)}
    return mark if seal.id is None else {**mark, "id": seal.id}


def _seal(entry: Mapping[str, JSON], field: str) -> Seal | None:
    value, format, id = entry.get(field), entry.get("format"), entry.get("id")
    if not isinstance(value, str):
        return None
    format = format if isinstance(format, str) and format else "anthropic-claude-v1"
    return Seal(_DIALECTS.get(format, format), value, id if isinstance(id, str) else None)
