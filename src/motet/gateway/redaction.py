"""A provider's key cut out of whatever the provider says: some give it back."""

from __future__ import annotations

SHORTEST = 16
"""Characters of a secret; what is shorter may be a word, as local servers take any for a key."""
MARK = "[key]"


class Redaction:
    """Cuts one key out of answers; of data without it the same object comes back."""

    __slots__ = ("_bytes", "_text")

    def __init__(self, key: str) -> None:
        self._text = key if len(key) >= SHORTEST else ""
        self._bytes = self._text.encode()

    def data(self, data: bytes) -> bytes:
        """Return the bytes without the key."""
        if self._bytes and self._bytes in data:
            return data.replace(self._bytes, MARK.encode())
        return data

    def text(self, text: str) -> str:
        """Return the text without the key."""
        return text.replace(self._text, MARK) if self._text and self._text in text else text
