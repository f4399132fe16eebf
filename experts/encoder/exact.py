"""The encoder in full precision, to compare with.

    python experts/encoder/exact.py SOURCE

writes the vectors of the test sentences, `tests/models/encoder/exact_vectors.npz`. SOURCE is
the wheel or the folder that `motet setup` takes. Needs the `onnx` package.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from build_skeleton import ExactGraph, build
from numpy.typing import NDArray

from motet.core.tensors import read_tensors
from motet.models.encoder.session import available_processors
from motet.models.encoder.shape import LAYERS, MAX_TOKENS
from motet.models.encoder.supply import fetch
from motet.models.encoder.wordpiece import Tokenizer

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests/models/encoder/exact_vectors.npz"
SENTENCES = ROOT / "tests/models/encoder/sentences.txt"
NAMES = {
    "mix": "attention.output.dense",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
}
NORMS = {"mix.norm": "attention.output.LayerNorm", "narrow.norm": "output.LayerNorm"}


class ExactEncoder:
    """Embeds with 32-bit weights and arithmetic on the same runtime."""

    def __init__(self, source: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            original = fetch(Path(folder), source)
            weights = exact_initializers(read_tensors(original.weights))
            self.tokenizer = Tokenizer.load(original.vocabulary)
            options = ort.SessionOptions()
            options.intra_op_num_threads = available_processors()
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            values = [ort.OrtValue.ortvalue_from_numpy(weight) for weight in weights.values()]
            options.add_external_initializers(list(weights), values)
            self.session = ort.InferenceSession(
                build(ExactGraph()), options, providers=["CPUExecutionProvider"]
            )

    def run(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Hidden states of texts of equal length, ids of shape (batch, tokens)."""
        inputs = {"ids": ids, "segments": np.zeros_like(ids)}
        hidden: NDArray[np.float32] = self.session.run(["hidden"], inputs)[0]
        return hidden

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """Unit vectors of texts, one at a time."""
        rows = [self.tokenizer.ids(text, max_length=MAX_TOKENS) for text in texts]
        means = np.stack([self.run(np.array([ids], np.int64))[0].mean(axis=0) for ids in rows])
        return means / np.linalg.norm(means, axis=1, keepdims=True)


def exact_initializers(state: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The initializers of `ExactGraph`."""
    result = {
        "word": state["embeddings.word_embeddings.weight"],
        "position": state["embeddings.position_embeddings.weight"],
        "segment": state["embeddings.token_type_embeddings.weight"],
        "norm.gain": state["embeddings.LayerNorm.weight"],
        "norm.bias": state["embeddings.LayerNorm.bias"],
    }
    for index in range(LAYERS):
        ours, theirs = f"layer.{index}.", f"encoder.layer.{index}."
        parts = [f"{theirs}attention.self.{part}" for part in ("query", "key", "value")]
        for part in parts:
            result[ours + part.rpartition(".")[2]] = state[f"{part}.weight"].T
        result[f"{ours}attention.bias"] = np.concatenate([state[f"{part}.bias"] for part in parts])
        for name, original in NAMES.items():
            result[ours + name] = state[f"{theirs}{original}.weight"].T
            result[f"{ours}{name}.bias"] = state[f"{theirs}{original}.bias"]
        for name, original in NORMS.items():
            result[f"{ours}{name}.gain"] = state[f"{theirs}{original}.weight"]
            result[f"{ours}{name}.bias"] = state[f"{theirs}{original}.bias"]
    return {name: np.ascontiguousarray(tensor) for name, tensor in result.items()}


if __name__ == "__main__":
    sentences = SENTENCES.read_text("utf-8").splitlines()
    vectors = ExactEncoder(Path(sys.argv[1])).embed(sentences)
    np.savez_compressed(VECTORS, vectors=vectors.astype(np.float16))
    print(f"{VECTORS.relative_to(ROOT)}: {len(sentences)} vectors")
