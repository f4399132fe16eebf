"""A conversation that grows by a message of about 1 KB at each step."""

from __future__ import annotations

import json
import random
import string

Message = dict[str, str]
_LETTERS = string.ascii_lowercase + " "


def message(seed: int, index: int) -> Message:
    """Return message number `index`: random text, which no other message shares."""
    source = random.Random(f"{seed}/{index}")
    return {"role": "assistant", "content": "".join(source.choices(_LETTERS, k=1000))}


def new_bytes(seed: int, count: int) -> int:
    """Return the size of that many messages as JSON."""
    return sum(len(json.dumps(message(seed, index))) for index in range(count))
