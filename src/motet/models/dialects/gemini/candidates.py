"""What an answer says about itself beside its content: grounding, ratings, probabilities.

It travels as one `Native` part, so that a client of the same dialect gets it back.
"""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import Native
from motet.core.json import JSON
from motet.models.dialects.gemini.signatures import NAME

GROUNDING = "groundingMetadata"
FEEDBACK = "promptFeedback"
_FIELDS = frozenset(
    {
        GROUNDING,
        FEEDBACK,
        "citationMetadata",
        "urlContextMetadata",
        "safetyRatings",
        "finishMessage",
        "avgLogprobs",
        "logprobsResult",
        "tokenCount",
        "groundingAttributions",
    }
)


def is_about_candidate(part: Native) -> bool:
    """Whether the part tells about a candidate rather than being of its content."""
    return part.dialect == NAME and bool(part.value) and part.value.keys() <= _FIELDS


class About:
    """Collects what the chunks of an answer say about it."""

    def __init__(self) -> None:
        self._found: dict[str, JSON] = {}

    def add(self, value: Mapping[str, JSON]) -> None:
        """Take what a candidate, or the whole answer, says; later chunks add to earlier ones."""
        for name in _FIELDS & value.keys():
            before, after = self._found.get(name), value[name]
            both = isinstance(before, Mapping) and isinstance(after, Mapping)
            self._found[name] = _joined(before, after) if both else after

    def get(self, name: str) -> JSON:
        """Return one field, None where it has not come."""
        return self._found.get(name)

    def part(self, *, without: frozenset[str]) -> Native | None:
        """Return what was said as a part, None where there is nothing but `without`."""
        left = {name: v for name, v in self._found.items() if v and name not in without}
        return Native(NAME, left) if left else None


def _joined(before: JSON, after: JSON) -> JSON:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return {**before, **{name: _joined(before.get(name), v) for name, v in after.items()}}
    if isinstance(before, list) and isinstance(after, list):
        return after if after[: len(before)] == before else [*before, *after]
    return after
