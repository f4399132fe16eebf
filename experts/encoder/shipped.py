"""Trained layers in the form that experts ship: differences from the installed base encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from network import LAYERS, NAMES
from numpy.typing import NDArray

from motet.models.encoder.install import load_parts
from motet.models.encoder.quantisation import quantise_layer
from motet.models.experts.differences import MATRICES, STEP, VECTORS, pack

WEIGHTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mix": "attention.output.dense",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
}


def bert_names(trained: Mapping[str, torch.Tensor], index: int) -> dict[str, NDArray[np.float32]]:
    """Return layer `index` of the training network under a BERT checkpoint's names."""
    return {
        f"{theirs}.{part}": trained[f"layers.{index}.{ours}.{part}"].float().numpy()
        for ours, theirs in NAMES.items()
        for part in ("weight", "bias")
    }


def differences(trained: Mapping[str, torch.Tensor]) -> dict[str, NDArray[Any]]:
    """Return the tensors of all layers and print how many differences had to be cut off."""
    base, _ = load_parts()
    tensors: dict[str, NDArray[Any]] = {}
    cut = total = 0
    for index in range(LAYERS):
        layer = bert_names(trained, index)
        vectors = quantise_layer(index, layer)
        tensors |= {name: vectors[name] for name in (f"layer.{index}.{part}" for part in VECTORS)}
        for part in MATRICES:
            name = f"layer.{index}.{part}"
            steps = np.rint(layer[f"{WEIGHTS[part]}.weight"].T / base[f"{name}.scale"])
            difference = steps.astype(np.int16) - base[name]
            cut += int((np.abs(difference) > STEP).sum())
            total += difference.size
            tensors[name] = pack(difference)
    print(f"{cut / total:.2e} of the differences were cut off at {STEP} steps")
    return tensors
