"""The reader's weights: what differs from the base encoder, and how the two are joined.

A matrix is stored as its difference from the base's integers, in the base's own scale, four
bits an element (low half of a byte first). So the file needs that very conversion of the
base, whose name it was made for is `BASE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from motet.models.encoder.shape import LAYERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Tensors = dict[str, NDArray[Any]]

BASE = "all-MiniLM-L6-v2/int8-1"
FILE = "weights.safetensors"
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
_STEP = 7
_RANGE = 64


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything the reader needs beside the tokenizer.

    `span` has shape (2, 384): the vectors whose products with a token's state are its logits
    as start and as end. The rest are coefficients: `choice` of `evidence.EVIDENCE` to choose
    among the spans of a passage, `odds` of the same and a constant for the log-odds that the
    chosen one answers, `answerable` the two rows of `answerable.probability`.
    """

    initializers: dict[str, NDArray[Any]]
    span: NDArray[np.float32]
    choice: NDArray[np.float32]
    odds: NDArray[np.float32]
    answerable: NDArray[np.float32]


def join(base: Mapping[str, NDArray[Any]]) -> Weights:
    """Return the reader's weights on the given initializers of the base.

    Raises `StoreError` if the shipped file is damaged.
    """
    import numpy as np

    from motet.core.tensors import read_tensors

    with as_file(files(__package__).joinpath(FILE)) as path:
        own = read_tensors(path)
        joined = dict(base)
        for index in range(LAYERS):
            for name in (f"layer.{index}.{part}" for part in MATRICES):
                changed = base[name].astype(np.int16) + unpack(own[name], base[name].shape)
                joined[name] = np.clip(changed, -_RANGE, _RANGE).astype(np.int8)
            for name in (f"layer.{index}.{part}" for part in VECTORS):
                joined[name] = np.array(own[name])
        rest = (np.array(own[name]) for name in ("span", "choice", "odds", "answerable"))
        return Weights(joined, *rest)


def pack(difference: NDArray[np.integer[Any]]) -> NDArray[np.uint8]:
    """Return integers of -7 to 7 (others are cut off) as half bytes, flat."""
    import numpy as np

    halves = (np.clip(difference, -_STEP, _STEP).reshape(-1) + _STEP).astype(np.uint8)
    packed: NDArray[np.uint8] = halves[0::2] | (halves[1::2] << 4)
    return packed


def unpack(packed: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.int16]:
    """Return what `pack` packed from an array of this shape."""
    import numpy as np

    halves = np.stack([packed & 15, packed >> 4], axis=1).reshape(shape)
    return halves.astype(np.int16) - np.int16(_STEP)
