"""Which API a provider has for what is not chat, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

Api = Literal["openai", "gemini", "cohere", "voyage", "jina", "tei"]
"""`openai` is what every compatible server has; `tei` is Text Embeddings Inference."""

_BY_HOST: Mapping[str, Api] = {
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "api.voyageai.com": "voyage",
    "api.jina.ai": "jina",
    "generativelanguage.googleapis.com": "gemini",
}
_BY_PROVIDER: Mapping[str, Api] = {
    "cohere": "cohere",
    "voyage": "voyage",
    "voyageai": "voyage",
    "jina": "jina",
    "tei": "tei",
}
_COHERE_ENDS = ("/compatibility/v1", "/v1", "/v2")


def api_of(provider: str, base_url: str, dialects: Sequence[str] = ()) -> Api:
    """Return the API of a provider by its name and address; `dialects` are those of its chat."""
    found = _BY_PROVIDER.get(provider) or _BY_HOST.get(urlsplit(base_url).hostname or "")
    return found or ("gemini" if tuple(dialects) == ("gemini",) else "openai")


def root(api: Api, base_url: str) -> str:
    """Return the address to which an endpoint's path is appended.

    Cohere has chat for OpenAI's clients elsewhere than all else; TEI has reranking outside
    `/v1`.
    """
    address = base_url.rstrip("/")
    if api == "cohere":
        for end in _COHERE_ENDS:
            address = address.removesuffix(end)
        return f"{address}/v2"
    return address.removesuffix("/v1") if api == "tei" else address


def key_headers(api: Api, key: str) -> Mapping[str, str]:
    """Return the header that carries the key, none without a key."""
    if not key:
        return {}
    return {"x-goog-api-key": key} if api == "gemini" else {"Authorization": f"Bearer {key}"}
