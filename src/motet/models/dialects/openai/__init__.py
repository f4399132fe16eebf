"""OpenAI chat completions, as a provider's client and as a server.

https://platform.openai.com/docs/api-reference/chat, and what other servers have added to it:
reasoning (DeepSeek, vLLM, OpenRouter), cache control (OpenRouter), seals of calls (Google).
"""

from __future__ import annotations

from motet.models.dialects.openai.dialect import DIALECT, FLAVOURS, OpenAIDialect

__all__ = ["DIALECT", "FLAVOURS", "OpenAIDialect"]
