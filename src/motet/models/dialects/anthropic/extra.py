"""Fields of a request that only Anthropic knows, put back where they stood.

`ChatRequest.extra` holds them by path: `container`, `output_config.task_budget`,
`tools[get_weather].defer_loading`, `messages[2].content[0].transformations`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from motet.core.json import JSON

_INNER = re.compile(r"(metadata|output_config|thinking|tool_choice)\.|(messages|tools)\[")
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


def put_back(body: dict[str, JSON], extra: Mapping[str, JSON]) -> list[str]:
    """Add the fields to a body; return the paths of those that have no place in it.

    What the body says already stays.
    """
    return [path for path, value in extra.items() if not _put(body, path, value)]


def _put(body: dict[str, JSON], path: str, value: JSON) -> bool:
    steps = [path]
    if inner := _INNER.match(path):
        steps = [index or name for index, name in _STEP.findall(path)]
        if inner[1]:
            body.setdefault(inner[1], {})
    place: JSON = body
    for step in steps[:-1]:
        place = _inner(place, step)
    if not isinstance(place, dict) or steps[-1] in place:
        return False
    place[steps[-1]] = value
    return True


def _inner(place: JSON, step: str) -> JSON:
    if isinstance(place, Mapping):
        return place.get(step)
    if isinstance(place, str) or not isinstance(place, Sequence):
        return None
    if step.isdecimal():
        return place[int(step)] if int(step) < len(place) else None
    named = (each for each in place if isinstance(each, Mapping) and each.get("name") == step)
    return next(named, None)
