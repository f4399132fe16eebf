"""Providers of models: where each listens, where its key comes from, what it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Flavour = Literal["openai", "compatible", "extended"]
"""How a server speaks chat completions.

`openai` knows `max_completion_tokens` and the developer role; `compatible` is what all
servers know, some of which refuse any other field; `extended` also takes what others than
OpenAI have added: reasoning in the history, cache control, `top_k`.
"""


@dataclass(frozen=True, slots=True)
class Provider:
    """A preset: the address, the variables that may hold the key, the dialects it speaks."""

    name: str
    base_url: str
    key_variables: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ("openai",)
    flavour: Flavour = "compatible"


_PRESETS = (
    Provider(
        "openai",
        "https://api.openai.com/v1",
        ("OPENAI_API_KEY",),
        ("openai", "responses"),
        "openai",
    ),
    Provider("anthropic", "https://api.anthropic.com/v1", ("ANTHROPIC_API_KEY",), ("anthropic",)),
    Provider(
        "google",
        "https://generativelanguage.googleapis.com/v1beta",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        ("gemini",),
    ),
    Provider("mistral", "https://api.mistral.ai/v1", ("MISTRAL_API_KEY",)),
    Provider("groq", "https://api.groq.com/openai/v1", ("GROQ_API_KEY",)),
    Provider("deepseek", "https://api.deepseek.com/v1", ("DEEPSEEK_API_KEY",), flavour="extended"),
    Provider(
        "openrouter", "https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",), flavour="extended"
    ),
    Provider("xai", "https://api.x.ai/v1", ("XAI_API_KEY",)),
    Provider("together", "https://api.together.xyz/v1", ("TOGETHER_API_KEY",)),
    Provider("fireworks", "https://api.fireworks.ai/inference/v1", ("FIREWORKS_API_KEY",)),
    Provider("cerebras", "https://api.cerebras.ai/v1", ("CEREBRAS_API_KEY",)),
    Provider("perplexity", "https://api.perplexity.ai", ("PERPLEXITY_API_KEY",)),
    Provider("cohere", "https://api.cohere.ai/compatibility/v1", ("CO_API_KEY",)),
    Provider("voyage", "https://api.voyageai.com/v1", ("VOYAGE_API_KEY",)),
    Provider("jina", "https://api.jina.ai/v1", ("JINA_API_KEY",)),
    Provider("moonshot", "https://api.moonshot.ai/v1", ("MOONSHOT_API_KEY",)),
    Provider("nvidia", "https://integrate.api.nvidia.com/v1", ("NVIDIA_API_KEY",)),
    Provider("huggingface", "https://router.huggingface.co/v1", ("HF_TOKEN",)),
    Provider("sambanova", "https://api.sambanova.ai/v1", ("SAMBANOVA_API_KEY",)),
    Provider("deepinfra", "https://api.deepinfra.com/v1/openai", ("DEEPINFRA_API_KEY",)),
    Provider("ollama", "http://127.0.0.1:11434/v1", flavour="extended"),
    Provider("vllm", "http://127.0.0.1:8000/v1", flavour="extended"),
    Provider("sglang", "http://127.0.0.1:30000/v1", flavour="extended"),
    # Text Embeddings Inference has no port of its own; this is the one of its documentation.
    Provider("tei", "http://127.0.0.1:8080/v1"),
    Provider("llamacpp", "http://127.0.0.1:8080/v1", flavour="extended"),
    Provider("lmstudio", "http://127.0.0.1:1234/v1", flavour="extended"),
)

PROVIDERS: Mapping[str, Provider] = {provider.name: provider for provider in _PRESETS}
