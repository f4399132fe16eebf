"""Host names and addresses by their letters."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback_host(name: str) -> bool:
    """Whether a host name or address is this machine; no name is looked up."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
