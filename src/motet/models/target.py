"""One model somewhere: the address, the key, the dialects it is spoken to in."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from motet.core.errors import DeclarationError, UsageError
from motet.models.dialects.dialect import Dialect
from motet.models.dialects.registry import NAMES, dialect
from motet.models.http import Timeouts, is_loopback
from motet.models.keys import EnvironmentKey, GivenKey
from motet.models.providers import PROVIDERS, Flavour, Provider


@dataclass(frozen=True, slots=True)
class Target:
    """A model of a provider, described; nothing is connected yet.

    `name` is how it is declared, `model` what the provider calls it. The paths of
    `dialects`, the preferred first, are appended to `base_url`. `key` is called for each
    request, so a missing key is an error when the model is used, not before. `local` says
    that requests stay on this machine. `concurrency` bounds the requests at a time.
    """

    name: str
    provider: str
    model: str
    base_url: str
    dialects: tuple[str, ...] = ("openai",)
    key: Callable[[], str] | None = None
    local: bool = False
    flavour: Flavour = "compatible"
    timeouts: Timeouts = field(default_factory=Timeouts)
    concurrency: int | None = None

    def spoken(self, name: str | None = None) -> Dialect:
        """Return one of its dialects, the preferred one where none is named."""
        name = name or self.dialects[0]
        if name != "openai":
            return dialect(name)
        from motet.models.dialects.openai import FLAVOURS

        return FLAVOURS[self.flavour]

    def secret(self) -> str:
        """Return the key for a request, "" where none is needed. Raises `UsageError`."""
        return self.key() if self.key is not None else ""

    def missing_key(self) -> str | None:
        """Return why there is no usable key, None where there is one or none is needed."""
        try:
            if self.key is not None:
                self.key()
        except UsageError as error:
            return error.message
        return None


def target(
    use: str,
    *,
    name: str | None = None,
    base_url: str | None = None,
    key: str | None = None,
    timeouts: Timeouts | None = None,
    dialect: str | None = None,
    local: bool | None = None,
    concurrency: int | None = None,
) -> Target:
    """Return the target `provider/model`; `base_url` and `key` replace the preset's.

    A preset's key is sent to its own address and to loopback, never to another `base_url`.
    `dialect` alone is spoken where it is given; `local` is found by the address where not.
    Raises `DeclarationError` on an unknown provider without `base_url`, an unknown dialect
    or a wrong address.
    """
    provider, _, model = use.partition("/")
    preset = PROVIDERS.get(provider)
    if not provider or not model:
        raise DeclarationError(f"'{use}' is no model", hint="expected provider/model")
    if preset is None and base_url is None:
        raise _unknown_provider(provider, use)
    if dialect is not None and dialect not in NAMES:
        known = ", ".join(NAMES)
        raise DeclarationError(
            f"there is no dialect '{dialect}'", where=use, hint=f"one of {known}"
        )
    address = base_url or (preset.base_url if preset else "")
    _check_address(address, use)
    return Target(
        name or use,
        provider,
        model,
        address.rstrip("/"),
        (dialect,) if dialect else _dialects(preset, base_url),
        GivenKey(key) if key else _preset_key(preset, base_url),
        is_loopback(address) if local is None else local,
        preset.flavour if preset else "compatible",
        timeouts or Timeouts(),
        concurrency,
    )


def _dialects(preset: Provider | None, base_url: str | None) -> tuple[str, ...]:
    """Return what is spoken; of another server than the provider's own, its first dialect."""
    if preset is None:
        return ("openai",)
    own = base_url is None or base_url.rstrip("/") == preset.base_url
    return preset.dialects if own else preset.dialects[:1]


def _preset_key(preset: Provider | None, base_url: str | None) -> Callable[[], str] | None:
    if preset is None or not preset.key_variables:
        return None
    first, *others = preset.key_variables
    if base_url is None or base_url.rstrip("/") == preset.base_url:
        return EnvironmentKey(first, others=tuple(others))
    if not is_loopback(base_url):
        return None
    return EnvironmentKey(first, required=False, others=tuple(others))


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
