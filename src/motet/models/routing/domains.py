"""What a request is about, by a linear expert over hashed words and word pairs.

The expert is a multinomial logistic regression whose weights are small integers (see
`card.md`). A bucket's weights of all domains are packed into one Python integer, one lane
each, so that adding up the buckets of a text is a single `sum` and needs no numpy.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from zlib import crc32

DOMAINS = (
    "cars",
    "chat",
    "code",
    "finance",
    "food",
    "home",
    "knowledge",
    "maths",
    "tools",
    "translation",
    "travel",
    "work",
)
OTHER = "other"
"""Where the expert is not sure: a subject or a language it does not know."""
BUCKETS = 8192
"""Buckets for words, and as many for pairs of words."""
SAMPLE = (224, 96)
"""Characters that are read at the beginning and at the end of a text."""
WEIGHTS = "domains.bin"

_WORD = re.compile(rb"[a-z']+|[0-9]+|[-+*/=^%$(){}\[\]<>_:;#\\]")
_MASK = BUCKETS - 1
_LANE = 4  # bytes
_ZERO = 128
_LANES = struct.Struct(f"<{len(DOMAINS)}I")
_CODE = ("```", "Traceback (most recent", "</")
_CODE_BEGINS = tuple("def |async def |import |#include|SELECT ".split("|"))
_CODE_ENDS = ("{", ";", "};", "});")
_MATHS_SIGNS = "=+*/^×÷\\$"
_MATHS = re.compile(
    r"\\(?:frac|sum|int|sqrt|begin|alpha|lim)\b|\$\$"
    r"|[0-9] ?[-+*/^=×÷] ?[0-9]+ ?[-+*/^=×÷(] ?[0-9(]"
)


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain and how sure the expert is (0 to 1); `rule` where a marker of the text told."""

    name: str
    share: float
    rule: bool = False


@dataclass(frozen=True, slots=True)
class Weights:
    """Packed weights by bucket; logits are `bias + scale * sum / sqrt(number of features)`."""

    table: tuple[int, ...]
    bias: tuple[float, ...]
    scale: float
    least: float


def sample(text: str) -> str:
    """Return the parts of a text that are read: its beginning and its end."""
    head, tail = SAMPLE
    return text if len(text) <= head + tail else f"{text[:head]} {text[-tail:]}"


def features(text: str) -> list[int]:
    """Return the buckets of the words and of the pairs of neighbours, repeated as they occur."""
    hashes = [*map(crc32, _WORD.findall(text.lower().encode()))]
    buckets = [each & _MASK for each in hashes]
    buckets += [BUCKETS | (a * 31 + b) & _MASK for a, b in pairwise(hashes)]
    return buckets


def domain(text: str) -> Domain:
    """Return what an English text is about; `other` where the expert is not sure."""
    text = sample(text)
    if (ruled := rule(text)) is not None:
        return Domain(ruled, 1.0, rule=True)
    weights = load()
    shares = probabilities(features(text), weights)
    best = max(range(len(DOMAINS)), key=shares.__getitem__)
    sure = shares[best] >= weights.least
    return Domain(DOMAINS[best] if sure else OTHER, shares[best])


def rule(text: str) -> str | None:
    """Return `code` or `maths` where the form of a text alone tells, else None."""
    if any(mark in text for mark in _CODE):
        return "code"
    for line in text.splitlines():
        if line.rstrip().endswith(_CODE_ENDS) or line.lstrip().startswith(_CODE_BEGINS):
            return "code"
    if any(sign in text for sign in _MATHS_SIGNS) and _MATHS.search(text):
        return "maths"
    return None


def probabilities(buckets: Sequence[int], weights: Weights) -> list[float]:
    """Return the probability of each of `DOMAINS` for a text with these features."""
    number = len(buckets)
    total = sum(map(weights.table.__getitem__, buckets))
    factor = weights.scale / math.sqrt(number) if number else 0.0
    away = factor * number * _ZERO
    lanes = _LANES.unpack(total.to_bytes(_LANES.size, "little"))
    logits = [bias + factor * lane - away for bias, lane in zip(weights.bias, lanes, strict=True)]
    highest = max(logits)
    powers = [math.exp(logit - highest) for logit in logits]
    whole = sum(powers)
    return [power / whole for power in powers]


@cache
def load() -> Weights:
    """Return the weights that ship with the package."""
    data = files(__package__).joinpath(WEIGHTS).read_bytes()
    count = len(DOMAINS)
    head = struct.Struct(f"<{count + 2}f")
    *bias, scale, least = head.unpack_from(data)
    return Weights(packed(data[head.size :]), tuple(bias), scale, least)


def packed(rows: bytes) -> tuple[int, ...]:
    """Pack rows of one byte (128 is zero) for each domain into one integer a row."""
    lanes = bytearray(len(rows) * _LANE)
    lanes[::_LANE] = rows
    width = _LANES.size
    return tuple(
        int.from_bytes(lanes[start : start + width], "little")
        for start in range(0, len(lanes), width)
    )
