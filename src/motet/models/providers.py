"""Providers of chat models: where each listens and where its key comes from."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from motet.core.errors import DeclarationError, UsageError
from motet.models.http import Timeouts, is_loopback
from motet.models.openai_chat import Dialect, OpenAIChat


@dataclass(frozen=True, slots=True)
class Provider:
    """A preset: the address, the environment variable that holds the key, the dialect."""

    name: str
    base_url: str
    key_variable: str | None = None
    dialect: Dialect = "compatible"


PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider("openai", "https://api.openai.com/v1", "OPENAI_API_KEY", "openai"),
        Provider("ollama", "http://127.0.0.1:11434/v1"),
        Provider("vllm", "http://127.0.0.1:8000/v1"),
        Provider("llamacpp", "http://127.0.0.1:8080/v1"),
        Provider("lmstudio", "http://127.0.0.1:1234/v1"),
    )
}


@dataclass(frozen=True, slots=True)
class EnvironmentKey:
    """A key that is read from the environment each time it is needed."""

    variable: str
    required: bool = True

    def is_set(self) -> bool:
        """Whether there is a key now."""
        return bool(os.environ.get(self.variable, "").strip())

    def __call__(self) -> str:
        """Return the key, empty where it is missing and not required. Raises `UsageError`."""
        if self.required and not self.is_set():
            raise UsageError(f"{self.variable} is not set", hint="put it into the environment")
        return _checked(os.environ.get(self.variable, ""), self.variable)


@dataclass(frozen=True, slots=True, repr=False)
class GivenKey:
    """A key that the declaration takes from elsewhere; never shown."""

    secret: str

    def __call__(self) -> str:
        """Return the key. Raises `UsageError` where it cannot stand in a header."""
        return _checked(self.secret, "the key")


def connect(
    use: str,
    *,
    name: str | None = None,
    base_url: str | None = None,
    key: str | None = None,
    timeouts: Timeouts | None = None,
) -> OpenAIChat:
    """Return the chat model `provider/model`; `base_url` and `key` replace the preset's.

    A preset's key is sent to its own address and to loopback, never to another `base_url`.
    Raises `DeclarationError` on an unknown provider without `base_url` or a wrong address.
    """
    provider, _, model = use.partition("/")
    preset = PROVIDERS.get(provider)
    if not provider or not model:
        raise DeclarationError(f"'{use}' is no model", hint="expected provider/model")
    if preset is None and base_url is None:
        raise _unknown_provider(provider, use)
    address = base_url or (preset.base_url if preset else "")
    _check_address(address, use)
    return OpenAIChat(
        name or use,
        model,
        address,
        GivenKey(key) if key else _preset_key(preset, base_url),
        dialect=preset.dialect if preset else "compatible",
        timeouts=timeouts,
    )


def _preset_key(preset: Provider | None, base_url: str | None) -> Callable[[], str] | None:
    if preset is None or preset.key_variable is None:
        return None
    if base_url is None or base_url.rstrip("/") == preset.base_url:
        return EnvironmentKey(preset.key_variable)
    return EnvironmentKey(preset.key_variable, required=False) if is_loopback(base_url) else None


def _check_address(base_url: str, use: str) -> None:
    try:
        parts = urlsplit(base_url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        valid = valid and parts.username is None
    except ValueError:
        valid = False
    if not valid:
        hint = "expected an address like http://127.0.0.1:8000/v1"
        raise DeclarationError(f"base_url '{base_url}' is no HTTP address", where=use, hint=hint)


def _unknown_provider(provider: str, use: str) -> DeclarationError:
    nearest = difflib.get_close_matches(provider, PROVIDERS, n=1)
    hint = f"did you mean {nearest[0]}?" if nearest else f"known: {', '.join(PROVIDERS)}"
    return DeclarationError(
        f"unknown provider '{provider}'", where=use, hint=f"{hint}; others need base_url"
    )


def _checked(key: str, source: str) -> str:
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise UsageError(f"{source} holds characters that no key can have", hint="check its value")
    return key
