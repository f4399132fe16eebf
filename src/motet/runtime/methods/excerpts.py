"""Results too long to show: kept under a name, summarised, and read in parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from motet.core.chat import ToolSpec
from motet.core.json import JSON, dumps
from motet.runtime.methods.references import BadReference, Reference, followed
from motet.tools.keywords import kind_of
from motet.tools.validation import problems

LIMIT = 8 * 1024
"""Characters of JSON text up to which a model is shown a result whole."""
_HEAD = 3
_SHORT = 160
_KEYS = 40
READ = ToolSpec(
    name="read_result",
    description="Read a part of a result that is too long to show whole.",
    parameters={
        "type": "object",
        "properties": {
            "ref": {"type": "string", "description": "The name that the summary gives."},
            "path": {
                "type": "array",
                "items": {"type": ["string", "integer"]},
                "description": "Keys and positions that lead to the part.",
            },
            "start": {
                "type": "integer",
                "minimum": 0,
                "description": "First item, key or character to read.",
            },
            "count": {"type": "integer", "minimum": 1, "description": "How many to read."},
        },
        "required": ["ref"],
        "additionalProperties": False,
    },
)


class Excerpts:
    """The long results of one conversation, by name in the order in which they came."""

    def __init__(self) -> None:
        self._kept: dict[str, JSON] = {}

    @property
    def any(self) -> bool:
        """Whether there is anything to read."""
        return bool(self._kept)

    def shown(self, value: JSON) -> JSON:
        """Return the value, or the summary of one that is too long, which is kept."""
        if size(value, LIMIT) <= LIMIT:
            return value
        name = f"result-{len(self._kept) + 1}"
        self._kept[name] = value
        return {
            "ref": name,
            "note": "Too long to show. Call read_result for parts of it; to hand the whole to"
            f' another tool, give {{"$ref": "{name}"}} as the argument.',
            **_summary(value),
        }

    def value(self, found: Reference) -> JSON:
        """Return what a reference to a kept result leads to. Raises `BadReference`."""
        if found.call not in self._kept:
            known = ", ".join(self._kept) or "there is none"
            raise BadReference(f"no result is kept as {found}; known: {known}")
        return followed(found, self._kept[found.call])

    def read(self, arguments: Mapping[str, JSON]) -> JSON:
        """Carry out a call of `read_result`. Raises `BadReference`."""
        wrong = problems(READ.parameters, arguments)
        if wrong:
            raise BadReference("; ".join(map(str, wrong)))
        path = arguments.get("path") or []
        assert isinstance(path, Sequence)
        keys = tuple(key for key in path if isinstance(key, str | int))
        value = self.value(Reference(str(arguments["ref"]), keys))
        start, count = arguments.get("start") or 0, arguments.get("count")
        assert isinstance(start, int | float)
        most = int(count) if isinstance(count, int | float) else LIMIT
        return _part(value, int(start), most)


def size(value: JSON, most: int) -> int:
    """Return about how many characters the value's JSON has, looking no further than `most`."""
    total = 0
    waiting: list[JSON] = [value]
    while waiting and total <= most:
        each = waiting.pop()
        if isinstance(each, str):
            total += len(each) + 2
        elif isinstance(each, Mapping):
            total += 2 + sum(len(key) + 4 for key in islice(each, most))
            waiting.extend(islice(each.values(), most))
        elif isinstance(each, Sequence):
            total += 2 + min(len(each), most)
            waiting.extend(islice(each, most))
        else:
            total += len(str(each))
    return total


def _summary(value: JSON) -> dict[str, JSON]:
    if isinstance(value, str):
        return {"type": "text", "count": len(value), "head": value[:_SHORT]}
    if isinstance(value, Mapping):
        inner = {key: _kind(each) for key, each in islice(value.items(), _KEYS)}
        return {"type": "object", "count": len(value), "keys": inner}
    assert isinstance(value, Sequence)
    found: dict[str, JSON] = {"type": "list", "count": len(value)}
    first = value[0] if value else None
    if isinstance(first, Mapping):
        found["columns"] = list(islice(first, _KEYS))
    return found | {"head": [_short(each) for each in value[:_HEAD]]}


def _kind(value: JSON) -> str:
    kind = kind_of(value)
    counted = isinstance(value, Sequence | Mapping)
    return f"{kind} of {len(value)}" if counted else kind  # type: ignore[arg-type]


def _short(value: JSON, depth: int = 0) -> JSON:
    """Return a value cut to what fits in a line or two."""
    if isinstance(value, str):
        return value if len(value) <= _SHORT else f"{value[:_SHORT]}…"
    if isinstance(value, Mapping):
        if depth > 1:
            return f"an object of {len(value)}"
        return {key: _short(each, depth + 1) for key, each in islice(value.items(), 12)}
    if isinstance(value, Sequence):
        if depth > 1:
            return f"a list of {len(value)}"
        return [_short(each, depth + 1) for each in value[:5]]
    return value


def _part(value: JSON, start: int, count: int) -> JSON:
    """Return as much from `start` on as may be shown, and where the next part begins."""
    if isinstance(value, str):
        text = value[start : start + min(count, LIMIT)]
        return {"text": text, **_place(len(value), start, len(text))}
    if isinstance(value, Mapping):
        pairs = list(islice(value.items(), start, start + count))
        taken = _fitting([{key: each} for key, each in pairs])
        entries: dict[str, JSON] = {}
        for each in taken:
            assert isinstance(each, Mapping)
            entries.update(each)
        return {"entries": entries, **_place(len(value), start, len(taken))}
    if isinstance(value, Sequence):
        items = _fitting(value[start : start + count])
        return {"items": items, **_place(len(value), start, len(items))}
    return {"value": value}


def _fitting(values: Sequence[JSON]) -> list[JSON]:
    found: list[JSON] = []
    left = LIMIT
    for each in values:
        left -= size(each, LIMIT) + 1
        if left < 0:
            if not found:  # one alone is too long: show its outline, its path leads into it
                found.append(_short(each))
            break
        found.append(each)
    return found


def _place(total: int, start: int, taken: int) -> dict[str, JSON]:
    end = start + taken
    return {"start": start, "total": total, "next": end if end < total else None}


def as_text(value: JSON) -> str:
    """Return a result as the content of a message: texts as they are, all else as JSON."""
    return value if isinstance(value, str) else dumps(value)
