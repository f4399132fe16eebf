"""A fact: what somebody said of somebody or something, and when it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from motet.core.json import JSON

LONGEST = 200
"""Code points of a subject, a property or a value; what is longer is no fact but a story."""


@dataclass(frozen=True, slots=True)
class Fact:
    """`subject` has `value` as its `property`: ("Ana", "prefers", "the oak table").

    `subject` is None for whoever speaks. The fact stands at `start` to `end` of the text it
    was said in. It holds from `valid_from` until `valid_to`, in seconds since 1970, None being
    open. One that `ends` says that it holds no longer: it closes earlier ones at `valid_to`.
    """

    subject: str | None
    property: str
    value: str
    start: int = 0
    end: int = 0
    valid_from: float | None = None
    valid_to: float | None = None
    ends: bool = False

    @staticmethod
    def given(value: Mapping[str, JSON]) -> Fact:
        """Return the fact of a JSON object with `property`, `value` and maybe `subject`.

        Raises `UsageError`.
        """
        texts: dict[str, str] = {}
        for name in ("subject", "property", "value"):
            found = value.get(name)
            if found is None and name == "subject":
                continue
            if not isinstance(found, str) or not found.strip() or len(found) > LONGEST:
                raise UsageError(
                    f"`{name}` of a fact is a text of 1 to {LONGEST} characters, got {found!r}",
                    hint='expected {"subject": "Ana", "property": "prefers", "value": "oak"}',
                )
            texts[name] = " ".join(found.split())
        return Fact(texts.get("subject"), texts["property"], texts["value"])
