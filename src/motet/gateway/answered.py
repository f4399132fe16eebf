"""What a client gets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

Body = bytes | AsyncGenerator[bytes, None]
"""A body in one piece, or its pieces as they come; closing them hangs up on the provider."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a client."""

    headers: Mapping[str, str]
    content_type: str
    body: Body
