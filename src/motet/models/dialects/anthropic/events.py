"""Events of a stream as bytes."""

from __future__ import annotations

import json

from motet.core.json import JSON, dumps


def event_bytes(type: str, **fields: JSON) -> bytes:
    """Return one server-sent event whose data is an object of that type."""
    value: dict[str, JSON] = {"type": type, **fields}
    try:
        data = dumps(value).encode()
    except UnicodeEncodeError:  # half a character, which JSON can say and UTF-8 cannot
        data = json.dumps(value).encode()
    return b"event: %b\ndata: %b\n\n" % (type.encode(), data)
