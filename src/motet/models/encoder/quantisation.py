"""Quantisation: from a BERT checkpoint to the initializers of the graph skeleton.

Every output column of a weight matrix has its own scale, and so has every row of the word
table. Weights use the integers -64 to 64: then no sum of two products of an unsigned and a
signed byte leaves 16 bits, so processors with and without VNNI compute the same integers.
Activations are quantised in the graph, one scale per token (see `experts/encoder`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from motet.models.encoder.shape import LAYERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Tensors = dict[str, NDArray[Any]]

_WEIGHT_RANGE = 64
_TABLE_RANGE = 127


def quantise(state: Mapping[str, NDArray[Any]]) -> Tensors:
    """Return all initializers from a checkpoint's tensors (`embeddings.*`, `encoder.layer.*`).

    Raises `KeyError` with the name of a tensor that the checkpoint lacks.
    """
    initializers = quantise_embeddings(state)
    for index in range(LAYERS):
        prefix = f"encoder.layer.{index}."
        layer = {
            name.removeprefix(prefix): tensor
            for name, tensor in state.items()
            if name.startswith(prefix)
        }
        initializers |= quantise_layer(index, layer)
    return initializers


def quantise_embeddings(state: Mapping[str, NDArray[Any]]) -> Tensors:
    """Return the initializers of the embedding block."""
    table, scale = _quantise_rows(state["embeddings.word_embeddings.weight"], _TABLE_RANGE)
    return {
        "word": table,
        "word.scale": scale[:, None],
        "position": _float(state["embeddings.position_embeddings.weight"]),
        "segment": _float(state["embeddings.token_type_embeddings.weight"]),
        "norm.gain": _float(state["embeddings.LayerNorm.weight"]),
        "norm.bias": _float(state["embeddings.LayerNorm.bias"]),
    }


def quantise_layer(index: int, layer: Mapping[str, NDArray[Any]]) -> Tensors:
    """Return the initializers of layer `index` (0-based).

    `layer` has a BERT layer's tensor names without their prefix, for example
    `attention.self.query.weight` of shape (out, in).
    """
    import numpy as np

    here = f"layer.{index}."
    initializers: Tensors = {}
    parts = ("query", "key", "value")
    for part in parts:
        initializers |= _matrix(f"{here}{part}", layer[f"attention.self.{part}.weight"])
    biases = [_float(layer[f"attention.self.{part}.bias"]) for part in parts]
    initializers[f"{here}attention.bias"] = np.concatenate(biases)
    for ours, theirs in (
        ("mix", "attention.output.dense"),
        ("widen", "intermediate.dense"),
        ("narrow", "output.dense"),
    ):
        initializers |= _matrix(f"{here}{ours}", layer[f"{theirs}.weight"])
        initializers[f"{here}{ours}.bias"] = _float(layer[f"{theirs}.bias"])
    for ours, theirs in (
        ("mix.norm", "attention.output.LayerNorm"),
        ("narrow.norm", "output.LayerNorm"),
    ):
        initializers[f"{here}{ours}.gain"] = _float(layer[f"{theirs}.weight"])
        initializers[f"{here}{ours}.bias"] = _float(layer[f"{theirs}.bias"])
    return initializers


def _matrix(name: str, weight: NDArray[Any]) -> Tensors:
    import numpy as np

    table, scale = _quantise_rows(weight, _WEIGHT_RANGE)
    return {name: np.ascontiguousarray(table.T), f"{name}.scale": scale}


def _quantise_rows(
    weight: NDArray[Any], limit: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    import numpy as np

    exact = _float(weight)
    scale = np.maximum(np.abs(exact).max(axis=1), np.finfo(np.float32).tiny) / np.float32(limit)
    return np.rint(exact / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def _float(tensor: NDArray[Any]) -> NDArray[np.float32]:
    import numpy as np

    return np.ascontiguousarray(tensor, dtype=np.float32)
