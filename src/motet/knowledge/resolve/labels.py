"""Which labels may stand for the same kind of thing."""

from __future__ import annotations

_KINDS = {
    "person": "author contact customer employee member patient staff student teacher user",
    "organisation": "brand business client company customer institution manufacturer member "
    "organization publisher restaurant supplier team university vendor",
    "place": "address branch city country district location region site state store town venue",
    "product": "article component device item material model part sku tool",
}
_NARROWER = {kind: {kind, *names.split()} for kind, names in _KINDS.items()}


def compatible(left: str, right: str) -> bool:
    """Whether things of these labels may be one: equal, or one is a kind of the other."""
    return left == right or right in _NARROWER.get(left, ()) or left in _NARROWER.get(right, ())
