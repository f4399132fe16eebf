"""Whether a chat model could be reached now, told without asking it anything."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from motet.models.http import addresses, is_loopback
from motet.models.target import Target

CONNECT_SECONDS = 0.25


def why_unreachable(target: Target) -> str | None:
    """Return why the model cannot answer now, None when nothing speaks against it.

    A missing key, and a loopback address where nothing listens, are found without cost;
    whether a remote provider is up shows only when it is asked.
    """
    if (missing := target.missing_key()) is not None:
        return missing
    if not is_loopback(target.base_url):
        return None
    parts = urlsplit(target.base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    for address in addresses(parts.hostname or "127.0.0.1"):
        try:
            with socket.create_connection((address, port), CONNECT_SECONDS):
                return None
        except OSError:
            continue
    return f"nothing listens at {parts.hostname}:{port}"
