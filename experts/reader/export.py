"""Write the shipped weights from a trained checkpoint.

    python experts/reader/export.py CHECKPOINT

Needs torch to read the checkpoint and the installed base encoder (`motet setup`), since the
matrices are stored as differences from its integers. `calibrate.py` then fits the weights of
the evidence; until then the span head alone decides.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "encoder"))

from shipped import differences

import motet.models.experts.reader.weights as reader_weights
from motet.core.tensors import write_tensors
from motet.models.experts.reader.answerable import FEATURES
from motet.models.experts.reader.evidence import EVIDENCE

TARGET = Path(reader_weights.__file__).with_name(reader_weights.FILE)


def _first_only(count: int) -> NDArray[np.float32]:
    """Return coefficients that pass the first value through."""
    return np.eye(1, count, dtype=np.float32)[0]


def main() -> None:
    """Export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    arguments = parser.parse_args()
    trained = torch.load(arguments.checkpoint, weights_only=True)
    tensors = differences(trained)
    tensors["span"] = trained["head.weight"].float().numpy()
    tensors["choice"] = _first_only(len(EVIDENCE))
    tensors["odds"] = _first_only(len(EVIDENCE) + 1)
    tensors["answerable"] = np.stack([_first_only(len(FEATURES) + 1)] * 2)
    write_tensors(TARGET, tensors)
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
