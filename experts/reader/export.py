"""Write the shipped weights from a trained checkpoint.

    python experts/reader/export.py CHECKPOINT

Needs torch to read the checkpoint and the installed base encoder (`motet setup`), since the
matrices are stored as differences from its integers. `calibrate.py` then fits the weights of
the evidence; until then the span head alone decides.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from model import LAYERS, NAMES
from numpy.typing import NDArray

import motet.models.experts.reader.weights as reader_weights
from motet.core.tensors import write_tensors
from motet.models.encoder.install import load_parts
from motet.models.encoder.quantisation import quantise_layer
from motet.models.experts.reader.answerable import FEATURES
from motet.models.experts.reader.evidence import EVIDENCE
from motet.models.experts.reader.weights import MATRICES, VECTORS, pack

TARGET = Path(reader_weights.__file__).with_name(reader_weights.FILE)


def bert_names(trained: dict[str, torch.Tensor], index: int) -> dict[str, NDArray[np.float32]]:
    """Return layer `index` of the training network under a BERT checkpoint's names."""
    return {
        f"{theirs}.{part}": trained[f"layers.{index}.{ours}.{part}"].float().numpy()
        for ours, theirs in NAMES.items()
        for part in ("weight", "bias")
    }


def differences(trained: dict[str, torch.Tensor]) -> dict[str, NDArray[Any]]:
    """Return the tensors of the shipped file, without the coefficients of abstention."""
    base, _ = load_parts()
    tensors: dict[str, NDArray[Any]] = {"span": trained["head.weight"].float().numpy()}
    matrices = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "mix": "attention.output.dense",
        "widen": "intermediate.dense",
        "narrow": "output.dense",
    }
    cut = total = 0
    for index in range(LAYERS):
        layer = bert_names(trained, index)
        vectors = quantise_layer(index, layer)
        tensors |= {name: vectors[name] for name in (f"layer.{index}.{part}" for part in VECTORS)}
        for part in MATRICES:
            name = f"layer.{index}.{part}"
            steps = np.rint(layer[f"{matrices[part]}.weight"].T / base[f"{name}.scale"])
            difference = steps.astype(np.int16) - base[name]
            cut += int((np.abs(difference) > 7).sum())
            total += difference.size
            tensors[name] = pack(difference)
    print(f"{cut / total:.2e} of the differences were cut off at 7 steps")
    return tensors


def _first_only(count: int) -> NDArray[np.float32]:
    """Return coefficients that pass the first value through."""
    return np.eye(1, count, dtype=np.float32)[0]


def main() -> None:
    """Export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    arguments = parser.parse_args()
    tensors = differences(torch.load(arguments.checkpoint, weights_only=True))
    tensors["choice"] = _first_only(len(EVIDENCE))
    tensors["odds"] = _first_only(len(EVIDENCE) + 1)
    tensors["answerable"] = np.stack([_first_only(len(FEATURES) + 1)] * 2)
    write_tensors(TARGET, tensors)
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
