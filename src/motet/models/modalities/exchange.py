"""What goes to a provider, and what its answer used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from motet.core.chat import Usage
from motet.core.errors import ProviderError, UsageError
from motet.core.json import JSON, dumps, loads
from motet.models.failures import provider_message, reported_failure

Fields = Mapping[str, JSON]
_MOST = 10**12
"""More than is ever counted; what a broken server counts must fit into a ledger too."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request to a provider: the whole address, and the body with its media type.

    `lost` names what of the client's request the provider's API cannot say.
    """

    url: str
    body: bytes
    content_type: str = "application/json"
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spent:
    """What an answer used: tokens, None where the provider counted none, and other units.

    Units go by the names under which the catalogue has prices: `input_characters`,
    `audio_seconds`, `input_image_tokens`, `output_image_tokens`; others (`output_images`,
    `search_units`) tell what no price is known for.
    """

    usage: Usage | None = None
    units: Mapping[str, float] = field(default_factory=dict)


def posted(url: str, fields: Fields, lost: tuple[str, ...] = ()) -> Sent:
    """Return a request with a JSON body; fields that are None are left out.

    Raises `UsageError` for what JSON cannot hold.
    """
    body = {name: value for name, value in fields.items() if value is not None}
    try:
        return Sent(url, dumps(body).encode(), lost=lost)
    except (RecursionError, ValueError) as error:
        raise UsageError("the request is nested too deeply, or holds what is no JSON") from error


def answered(body: bytes, what: str, where: str, key: str) -> JSON:
    """Return an answer's JSON. Raises `ProviderError` where it is none, or reports an error."""
    try:
        value = loads(body)
    except ValueError as error:
        raise unexpected(body, what, where, key) from error
    if isinstance(value, Mapping) and value.get("error"):
        raise reported_failure(value, where=where, key=key)
    return value


def unexpected(body: bytes, what: str, where: str, key: str) -> ProviderError:
    """Return the error of an answer that is not what was asked for."""
    text = provider_message(body, key)
    message = f"the answer holds no {what}" + (f": {text}" if text else "")
    hint = "does the model do that, and does base_url point at its API?"
    return ProviderError(message, where=where, hint=hint)


def count(fields: JSON, name: str) -> int:
    """Return a count of an object, 0 where there is none."""
    value = fields.get(name) if isinstance(fields, Mapping) else None
    return min(max(value, 0), _MOST) if isinstance(value, int) else 0


def number(fields: JSON, name: str) -> float | None:
    """Return a finite number of an object, None where there is none."""
    value = fields.get(name) if isinstance(fields, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return value


def text(fields: JSON, name: str) -> str | None:
    """Return a string of an object, None where there is none."""
    value = fields.get(name) if isinstance(fields, Mapping) else None
    return value if isinstance(value, str) else None


def mappings(value: JSON) -> list[Fields]:
    """Return the objects of a list, none where it is no list."""
    items = value if isinstance(value, list | tuple) else ()
    return [item for item in items if isinstance(item, Mapping)]
