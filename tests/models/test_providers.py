"""Provider presets, keys, addresses."""

from __future__ import annotations

import asyncio

import pytest
from chat_server import ChatServer

from motet import spec
from motet.core.chat import ChatEvent, ChatRequest, Message
from motet.core.errors import DeclarationError, UsageError
from motet.models.http import is_loopback, proxy_for
from motet.models.keys import EnvironmentKey, GivenKey
from motet.models.providers import PROVIDERS
from motet.models.remote import RemoteChat
from motet.models.target import Target, target

HELLO = ChatRequest((Message("user", "Hello"),), max_tokens=5)


def complete(found: Target) -> str:
    return asyncio.run(RemoteChat(found).complete(HELLO)).text


async def first(found: Target) -> ChatEvent:
    return await anext(RemoteChat(found).stream(HELLO))


def authorization(server: ChatServer) -> str | None:
    return server.exchanges[-1].headers.get("Authorization")


@pytest.mark.parametrize(
    ("use", "name", "model", "base_url"),
    [
        ("openai/gpt-5-mini", "openai/gpt-5-mini", "gpt-5-mini", "https://api.openai.com/v1"),
        ("ollama/qwen3:4b", "ollama/qwen3:4b", "qwen3:4b", "http://127.0.0.1:11434/v1"),
        ("vllm/org/model", "vllm/org/model", "org/model", "http://127.0.0.1:8000/v1"),
    ],
)
def test_presets(use: str, name: str, model: str, base_url: str) -> None:
    found = target(use)
    assert (found.name, found.model, found.base_url) == (name, model, base_url)


def test_local_presets_are_on_loopback() -> None:
    local = {name for name, provider in PROVIDERS.items() if is_loopback(provider.base_url)}
    assert local == {"ollama", "vllm", "sglang", "llamacpp", "lmstudio", "tei"}
    assert not any(PROVIDERS[name].key_variables for name in local)


def test_declarations_know_all_presets() -> None:
    assert set(PROVIDERS) <= set(spec.rules.PROVIDERS)
    local = {name for name, provider in PROVIDERS.items() if is_loopback(provider.base_url)}
    assert local <= spec.types.LOCAL_PROVIDERS


def test_any_base_url_will_do(chat_server: ChatServer) -> None:
    found = target("mycompany/echo", base_url=chat_server.base_url + "/", name="fast")
    assert found.name == "fast"
    assert complete(found) == "Hello"
    assert authorization(chat_server) is None


def test_a_missing_key_is_an_error_only_when_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    found = target("openai/gpt-5-mini")
    message = r"OPENAI_API_KEY is not set \(put it into the environment\)"
    with pytest.raises(UsageError, match=message):
        complete(found)
    with pytest.raises(UsageError, match=message):
        asyncio.run(first(found))


def test_a_given_key_is_sent(chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-environment")
    complete(target("openai/echo", base_url=chat_server.base_url, key=" given\n"))
    assert authorization(chat_server) == "Bearer given"


def test_the_environments_key_goes_to_loopback_only(
    chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-environment")
    complete(target("openai/echo", base_url=chat_server.base_url))
    assert authorization(chat_server) == "Bearer from-environment"
    monkeypatch.delenv("OPENAI_API_KEY")
    complete(target("openai/echo", base_url=chat_server.base_url))
    assert authorization(chat_server) is None


def test_openai_gets_its_own_name_for_the_limit(chat_server: ChatServer) -> None:
    complete(target("openai/echo", base_url=chat_server.base_url))
    assert chat_server.exchanges[-1].body["max_completion_tokens"] == 5


@pytest.mark.parametrize("key", ["sk-\n-injected", "clé", "a\x00b"])
def test_a_key_that_no_header_can_hold_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match="characters that no key can have") as caught:
        GivenKey(key)()
    assert key not in str(caught.value)


def test_keys_are_not_shown() -> None:
    assert "secret" not in repr(GivenKey("secret"))


def test_whether_a_key_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", " ")
    assert not EnvironmentKey("SOME_KEY").is_set()
    monkeypatch.setenv("SOME_KEY", "x")
    assert EnvironmentKey("SOME_KEY").is_set()


@pytest.mark.parametrize(
    ("use", "says"),
    [
        ("opnai/gpt-5", "unknown provider 'opnai' (did you mean openai?; others need base_url)"),
        ("zzz/gpt-5", "known: openai, anthropic, google, mistral, groq"),
        ("gpt-5", "'gpt-5' is no model (expected provider/model)"),
        ("openai/", "expected provider/model"),
        ("", "expected provider/model"),
    ],
)
def test_wrong_names(use: str, says: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        target(use)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["api.example.com/v1", "ftp://example.com", "http://", "http://[::1", "http://h:99999/",
     "http://user:pass@example.com/v1"],
)  # fmt: skip
def test_wrong_addresses(url: str) -> None:
    with pytest.raises(DeclarationError, match="is no HTTP address"):
        target("any/model", base_url=url)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:8000/v1", True),
        ("http://LOCALHOST.:8000", True),
        ("http://api.localhost", True),
        ("http://127.0.0.1:1", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:8080/v1", True),
        ("http://[::ffff:127.0.0.1]/", True),
        ("http://0.0.0.0:80", False),
        ("http://10.0.0.1", False),
        ("http://[::ffff:10.0.0.1]/", False),
        ("http://127.0.0.1@example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost.example.com", False),
        ("https://api.openai.com/v1", False),
        ("not a url", False),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


def test_a_proxy_is_never_used_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert proxy_for("http://127.0.0.1:8000/v1") is None
    assert proxy_for("http://example.com/v1") == "http://proxy.example:3128"
    monkeypatch.setenv("NO_PROXY", "example.com")
    assert proxy_for("http://example.com/v1") is None
