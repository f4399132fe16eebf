"""Differences: an expert's layers as small steps from the base encoder's integers.

A matrix is stored as its difference from the base's integers, in the base's own scale, four
bits an element (low half of a byte first). So a file needs that very conversion of the base,
whose name it was made for is `BASE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from motet.core.errors import SetupNeeded
from motet.models.encoder.encoder import NAME as ENCODER
from motet.models.encoder.shape import LAYERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Tensors = dict[str, NDArray[Any]]

BASE = "all-MiniLM-L6-v2/int8-1"
MATRICES = ("query", "key", "value", "mix", "widen", "narrow")
VECTORS = (
    "attention.bias",
    "mix.bias",
    "widen.bias",
    "narrow.bias",
    "mix.norm.gain",
    "mix.norm.bias",
    "narrow.norm.gain",
    "narrow.norm.bias",
)
STEP = 7
"""Largest difference, in steps of the base's integers."""
_RANGE = 64


def joined(base: Mapping[str, NDArray[Any]], own: Mapping[str, NDArray[Any]]) -> Tensors:
    """Return the base's initializers with all layers as an expert's file changes them.

    Raises `KeyError` with the name of a tensor that the file lacks.
    """
    import numpy as np

    result = dict(base)
    for index in range(LAYERS):
        for name in (f"layer.{index}.{part}" for part in MATRICES):
            changed = base[name].astype(np.int16) + unpack(own[name], base[name].shape)
            result[name] = np.clip(changed, -_RANGE, _RANGE).astype(np.int8)
        for name in (f"layer.{index}.{part}" for part in VECTORS):
            result[name] = np.array(own[name], np.float32)
    return result


def check_base(expert: str) -> None:
    """Raise `SetupNeeded` unless the product's base is the one that experts were made for."""
    if ENCODER != BASE:
        raise SetupNeeded(f"{expert} needs the base encoder {BASE}, installed is {ENCODER}")


def pack(difference: NDArray[np.integer[Any]]) -> NDArray[np.uint8]:
    """Return integers of -7 to 7 (others are cut off) as half bytes, flat."""
    import numpy as np

    halves = (np.clip(difference, -STEP, STEP).reshape(-1) + STEP).astype(np.uint8)
    packed: NDArray[np.uint8] = halves[0::2] | (halves[1::2] << 4)
    return packed


def unpack(packed: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.int16]:
    """Return what `pack` packed from an array of this shape."""
    import numpy as np

    halves = np.stack([packed & 15, packed >> 4], axis=1).reshape(shape)
    return halves.astype(np.int16) - np.int16(STEP)
