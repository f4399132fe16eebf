"""The reader's weights: what its file adds to the base encoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from motet.models.experts.differences import joined

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILE = "weights.safetensors"


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
        rest = (np.array(own[name]) for name in ("span", "choice", "odds", "answerable"))
        return Weights(joined(base, own), *rest)
