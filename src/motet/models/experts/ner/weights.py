"""The name finder's weights: what its file adds to the base encoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from motet.core.errors import StoreError
from motet.models.experts.differences import joined
from motet.models.experts.ner.chain import Chain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILE = "weights.safetensors"
HEAD = ("head", "bias", "shaped", "transitions", "first", "sure")


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything the name finder needs beside the tokenizer.

    A unit's scores (tags) are `states @ head + bias + shaped[shape]`, which the chain joins.
    `sure` holds the slope and the constant that make a name's log-odds a probability.
    """

    initializers: dict[str, NDArray[Any]]
    head: NDArray[np.float32]
    bias: NDArray[np.float32]
    shaped: NDArray[np.float32]
    chain: Chain
    sure: NDArray[np.float32]


def join(base: Mapping[str, NDArray[Any]]) -> Weights:
    """Return the weights on the given initializers of the base.

    Raises `StoreError` if the shipped file is damaged.
    """
    import numpy as np

    from motet.core.tensors import read_tensors

    with as_file(files(__package__).joinpath(FILE)) as path:
        own = read_tensors(path)
        try:
            initializers = joined(base, own) | {"segment": np.array(own["shapes"])}
            head, bias, shaped, transitions, first, sure = (np.array(own[name]) for name in HEAD)
            return Weights(initializers, head, bias, shaped, Chain(transitions, first), sure)
        except KeyError as error:
            raise StoreError(f"the weights lack {error}", where=str(path)) from error
