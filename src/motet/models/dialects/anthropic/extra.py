"""Fields of a request that only Anthropic knows, put back where they stood.

`ChatRequest.extra` holds them by path: `container`, `output_config.task_budget`,
`tools[get_weather].defer_loading`, `messages[2].content[0].transformations`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from motet.core.json import JSON

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


def put_back(body: dict[str, JSON], extra: Mapping[str, JSON]) -> list[str]:
    """Add the fields to a body; return the paths of those that no longer have a place in it.

    What the body says already stays.
    """
    return [path for path, value in extra.items() if not _put(body, path, value)]


def _put(body: dict[str, JSON], path: str, value: JSON) -> bool:
    *steps, last = (index or name for index, name in _STEP.findall(path)) if path else [""]
    place: JSON = body
    for at, step in enumerate(steps):
        if at == 0 and len(steps) == 1 and "[" not in path:
            place = body.setdefault(step, {})
        else:
            place = _inner(place, step)
    if not isinstance(place, dict) or last in place:
        return False
    place[last] = value
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
