"""What models can take, give and do: kept by hand, only what their makers say for sure.

Read on the makers' model pages and compared with the list that LiteLLM publishes. What is not
here is unknown, not absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from motet.models.catalogue.card import Modality
from motet.models.catalogue.matching import Clause, matches

SOURCE = "the makers' model pages, kept by hand"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a family of models; None where it is not."""

    takes: frozenset[Modality] | None = None
    gives: frozenset[Modality] | None = None
    tools: bool | None = None
    structured: bool | None = None
    reasoning: bool | None = None
    context: int | None = None
    max_output: int | None = None


_KINDS: Mapping[str, Modality] = {
    "T": "text",
    "I": "image",
    "A": "audio",
    "V": "video",
    "D": "document",
    "v": "vector",
    "s": "score",
}


def _chat(
    takes: str,
    abilities: str,
    context: int | None = None,
    max_output: int | None = None,
    gives: str = "T",
) -> Facts:
    """A chat model; `abilities` names tools, structured output and reasoning, `?` unknown."""
    tools, structured, reasoning = (_KNOWN[each] for each in abilities)
    return Facts(_set(takes), _set(gives), tools, structured, reasoning, context, max_output)


def _able(abilities: str, context: int | None = None, max_output: int | None = None) -> Facts:
    """A chat model of which it is not sure what it takes."""
    return replace(_chat("T", abilities, context, max_output), takes=None)


def _other(takes: str, gives: str, context: int | None = None) -> Facts:
    """A model that does not chat: no tools, no reasoning."""
    return Facts(_set(takes), _set(gives), False, False, False, context, None)


def _set(letters: str) -> frozenset[Modality]:
    return frozenset(_KINDS[each] for each in letters)


_KNOWN: Mapping[str, bool | None] = {"t": True, "s": True, "r": True, "-": False, "?": None}

FACTS: Mapping[str, Sequence[tuple[Clause, Facts]]] = {
    "openai": (
        ("^text-embedding-", _other("T", "v", 8191)),
        (["^omni-moderation"], _other("TI", "s")),
        ("^whisper-", _other("A", "T")),
        (["~-(transcribe|whisper)"], _other("A", "T")),
        ("^tts-", _other("T", "A")),
        ("*-tts", _other("T", "A")),
        ("^dall-e-3", _other("T", "I")),
        (["^gpt-image-", "^chatgpt-image"], _other("TI", "I")),
        ("^sora-", _other("TI", "V")),
        ("~realtime", _chat("TAI", "t--", gives="TA")),
        (["~^gpt-4o(-mini)?-audio", "^gpt-audio"], _chat("TA", "t--", 128_000, 16_384, "TA")),
        ("~^gpt-4o(-mini)?-search", _able("?s-", 128_000, 16_384)),
        ("=gpt-4o-2024-05-13", _chat("TI", "t--", 128_000, 4_096)),
        (["^gpt-4o", "^chatgpt-4o"], _chat("TID", "ts-", 128_000, 16_384)),
        ("^gpt-4.1", _chat("TID", "ts-", 1_047_576, 32_768)),
        ("^gpt-4-turbo", _chat("TI", "t--", 128_000, 4_096)),
        ("^gpt-4-32k", _chat("T", "t--", 32_768, 4_096)),
        (["=gpt-4", "=gpt-4-0613"], _chat("T", "t--", 8_192, 8_192)),
        ("^gpt-3.5-turbo-instruct", _chat("T", "---", 4_096, 4_096)),
        (["=gpt-3.5-turbo", "=gpt-3.5-turbo-0125"], _chat("T", "t--", 16_385, 4_096)),
        ("~^gpt-5[^ ]*-chat", _able("?s?", 128_000, 16_384)),
        ("^gpt-5-pro", _chat("TID", "tsr", 400_000, 272_000)),
        ("~^gpt-5\\.[2-5]-pro", _chat("TID", "t?r", None, 128_000)),
        (
            ["~^gpt-5(-mini|-nano|-codex)?(-20|$)", "^gpt-5.1", "^gpt-5.2"],
            _chat("TID", "tsr", 400_000, 128_000),
        ),
        (
            ["~^gpt-5\\.[3-9](?!.*(cyber|chat))", "~^gpt-6(\\.1)?-(astra|sol|luna|terra)"],
            _chat("TID", "tsr", None, 128_000),
        ),
        ("^o1-mini", _chat("T", "--r", 128_000, 65_536)),
        ("^o1-preview", _chat("T", "--r", 128_000, 32_768)),
        ("^o3-mini", _chat("T", "tsr", 200_000, 100_000)),
        ("~^o[34](-mini)?-deep-research", _able("??r", 200_000, 100_000)),
        ("~^(o1|o3|o4-mini)", _chat("TID", "tsr", 200_000, 100_000)),
    ),
    "anthropic": (
        ("~^claude-(2|instant)", _chat("T", "---", None, 4_096)),
        ("~^claude-3-(opus|sonnet|haiku)", _chat("TI", "t--", 200_000, 4_096)),
        ("~^claude-3[-.]5-haiku", _chat("TID", "t--", 200_000, 8_192)),
        ("~^claude-3[-.]5-sonnet", _chat("TID", "t--", 200_000, 8_192)),
        ("~^claude-3[-.]7-sonnet", _chat("TID", "t-r", 200_000, 64_000)),
        ("~^claude-opus-4([-.][01]|-20|$)", _chat("TID", "t?r", 200_000, 32_000)),
        ("~^claude-sonnet-4(-0|-20|$)", _chat("TID", "t?r", None, 64_000)),
        ("~^claude-(opus|sonnet|haiku)-4[-.]5", _chat("TID", "tsr", None, 64_000)),
        ("~^claude-(opus|sonnet)-4[-.][678]", _chat("TID", "tsr", None, 128_000)),
        ("~^claude-(opus|sonnet|haiku|fable|mythos)-5", _chat("TID", "tsr", None, 128_000)),
    ),
    "google": (
        (["^text-embedding-", "^gemini-embedding-001"], _other("T", "v", 2_048)),
        ("~gemma-3-(4|12|27)b", _chat("TI", "?s-", 131_072, 8_192)),
        ("*embedding", Facts(gives=_set("v"), tools=False, structured=False, reasoning=False)),
        ("~-tts", _other("T", "A", None)),
        (["^imagen-"], _other("T", "I")),
        ("^veo-", Facts(gives=_set("V"), tools=False, structured=False, reasoning=False)),
        ("^gemini-2.5-flash-image", Facts(gives=_set("TI"), tools=False, reasoning=False)),
        ("~(image|live|native-audio|robotics|research|computer|omni|transcribe|banana)", Facts()),
        ("~^gemini-1.5-pro", _chat("TIAVD", "ts-", 2_097_152, 8_192)),
        ("~^gemini-1.5-flash", _chat("TIAVD", "ts-", 1_048_576, 8_192)),
        ("~^gemini-2.0-flash-lite", _chat("TIAVD", "ts-", 1_048_576, 8_192)),
        ("~^gemini-2.0-flash", _chat("TIAVD", "ts-", 1_048_576, 8_192)),
        ("~^gemini-(2\\.5|3[.-]|3$).*(pro|flash)", _chat("TIAVD", "tsr", 1_048_576, 65_536)),
        ("~^gemini-(pro|flash|flash-lite)-latest", _chat("TIAVD", "tsr", 1_048_576, 65_536)),
    ),
    "mistral": (
        ("^mistral-embed", _other("T", "v", 8_192)),
        ("^codestral-embed", _other("T", "v", 8_192)),
        ("^mistral-moderation", _other("T", "s")),
        ("^mistral-ocr", _other("ID", "T")),
        ("~^mistral-(large|medium|small)-latest", _chat("TI", "ts?")),
        ("~^mistral-(large|medium|small)", _able("ts?")),
        ("~^codestral-(latest|2[45])", _chat("T", "ts-")),
        ("^pixtral", _chat("TI", "ts-", 128_000)),
        ("^open-mistral-nemo", _chat("T", "ts-", 128_000)),
    ),
    "deepseek": (("=deepseek-chat", _chat("T", "ts-")), ("=deepseek-reasoner", _chat("T", "?sr"))),
    "groq": (
        ("*whisper", _other("A", "T")),
        ("~^llama-3\\.[13]-", _chat("T", "t?-")),
        ("*llama-4-", _chat("TI", "t?-")),
    ),
    "cohere": (
        ("^rerank", _other("T", "s")),
        ("^embed-", Facts(gives=_set("v"), tools=False, structured=False, reasoning=False)),
        ("~^command-r", _chat("T", "ts-")),
        ("=command-a-03-2025", _chat("T", "ts-")),
    ),
    "voyageai": (
        ("^rerank", _other("T", "s")),
        ("~^voyage-(3|code|law|finance)", _other("T", "v")),
    ),
}
NOTHING = Facts()


def facts(provider: str, model: str) -> Facts:
    """Return what is known of a model by its provider's id and its name there.

    OpenRouter's names lead with the maker, whose facts hold for them.
    """
    model = model.lower()
    if provider == "openrouter":
        provider, _, model = model.partition("/")
    for clause, found in FACTS.get(provider, ()):
        if matches(clause, model):
            return found
    return NOTHING
