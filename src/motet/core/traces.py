"""Traces of a text in other texts: whether something quotes what is to be forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.core.json import JSON

REDACTED = "[redacted: it was taken from a source that was deleted]"
"""What stands in place of a text that was taken from a deleted source."""
WINDOW = 24
"""Letters and digits (bytes of UTF-8) that two texts share where one quotes the other."""
LEAST = 8
"""The same where the text itself is shorter; less would be found everywhere."""
_PRIME = 1_099_511_628_211
_ASIDE = re.compile(rb"[^a-z0-9\x80-\xff]+")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\[nrtbf\"/\\]")


class Traces:
    """Tells what quotes some texts, whatever the case, the white space and the punctuation.

    `names` are found wherever they stand: hashes of versions, names of sources. `kept` are
    texts that stay: what they hold too tells nothing.
    """

    def __init__(
        self, texts: Iterable[str], names: Iterable[str] = (), kept: Iterable[str] = ()
    ) -> None:
        import numpy as np

        bare = [_bare(text) for text in texts]
        lengths = [len(each) for each in bare if each]
        self._window = max(LEAST, min([WINDOW, *lengths]))
        self._names = [name for name in names if name]
        found = [_hashes(each, self._window) for each in bare]
        self._known = np.unique(np.concatenate(found)) if found else np.empty(0, np.uint64)
        for text in kept:
            if not self._known.size:
                break
            self._known = np.setdiff1d(self._known, _hashes(_bare(text), self._window))

    def stand_in(self, text: str | None) -> bool:
        """Whether a text quotes one of them, or names one."""
        return bool(text) and (self.name_stands_in(text or "") or self.quoted_in(text))

    def name_stands_in(self, text: str) -> bool:
        """Whether a text holds one of the names."""
        return any(name in text for name in self._names)

    def quoted_in(self, text: str | None) -> bool:
        """Whether a text quotes one of them."""
        import numpy as np

        if not text or len(text) * 4 < self._window or not self._known.size:
            return False
        found = _hashes(_bare(text), self._window)
        places = np.searchsorted(self._known, found).clip(max=len(self._known) - 1)
        return bool((self._known[places] == found).any())

    def redacted(self, value: JSON) -> JSON:
        """Return a JSON value with the mark in place of every text that quotes one of them."""
        return _mapped(value, lambda text: REDACTED if self.stand_in(text) else text)


def _mapped(value: JSON, change: Callable[[str], str]) -> JSON:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(each, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(each, change) for each in value]
    return value


def _bare(text: str) -> bytes:
    """Return the letters and digits alone, in lower case, also of a text inside JSON."""
    if "\\" in text:
        text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else " ", text)
    return _ASIDE.sub(b"", text.casefold().encode("utf-8", "replace"))


def _hashes(data: bytes, window: int) -> NDArray[np.uint64]:
    """Return the hashes of all windows of the data: polynomials modulo 2^64."""
    import numpy as np

    if len(data) < window:
        return np.empty(0, np.uint64)
    values = np.frombuffer(data, np.uint8).astype(np.uint64) + np.uint64(1)
    count = len(values) - window + 1
    found = np.zeros(count, np.uint64)
    for offset in range(window):
        found = found * np.uint64(_PRIME) + values[offset : offset + count]
    return cast("NDArray[np.uint64]", found)
