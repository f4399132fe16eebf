"""The key between a server and its clients, from the environment."""

from __future__ import annotations

import os

from motet.core.errors import UsageError

VARIABLE = "MOTET_API_KEY"


def api_key() -> str | None:
    """Return the key that `MOTET_API_KEY` holds, None where it holds none.

    Raises `UsageError` for a key that cannot stand in a header.
    """
    key = os.environ.get(VARIABLE, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise UsageError("the key may only hold printable ASCII characters", where=VARIABLE)
    return key or None
