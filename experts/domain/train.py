"""Train the domain expert and say how good it is on what was held out.

    python experts/domain/train.py --data DIR

`--data` holds `routing/clinc150_train_val.json`, `routing/banking77_train.csv` and
`qa/squad_v1.1_dev_36_articles.json`. It writes `src/motet/models/routing/domains.bin` and
prints the figures of the card beside it. The same inputs give the same file.
"""

from __future__ import annotations

import argparse
import struct
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sources import Row, digest, foreign, rows

from motet.models.routing.domains import (
    BUCKETS,
    DOMAINS,
    WEIGHTS,
    Weights,
    domain,
    features,
    packed,
    probabilities,
    sample,
)

SEED = 20261122
EPOCHS = 20
BATCH = 64
RATE = 1.0
DECAY = 1e-5
DROP = 0.3
"""Share of the buckets that each example leaves out, anew in each epoch."""
SPREAD = 0.5
"""Power by which frequent domains weigh less: 0 as often as they are, 1 all alike."""
PLACE = Path(__file__).parents[2] / "src/motet/models/routing" / WEIGHTS

Matrix = NDArray[np.float64]


class Regression:
    """Multinomial logistic regression on bags of buckets, by Adagrad."""

    def __init__(self) -> None:
        self.weights = np.zeros((2 * BUCKETS, len(DOMAINS)))
        self.bias = np.zeros(len(DOMAINS))
        self._squares = np.full_like(self.weights, 1e-8)
        self._bias_squares = np.full_like(self.bias, 1e-8)

    def step(self, bags: Sequence[list[int]], targets: NDArray[np.int64], pull: Matrix) -> None:
        """Take one step on a batch; `pull` is each example's weight."""
        flat = np.concatenate([np.array(bag, np.int64) for bag in bags])
        owner = np.repeat(np.arange(len(bags)), [len(bag) for bag in bags])
        unit = (1 / np.sqrt([len(bag) for bag in bags]))[:, None]
        logits = np.zeros((len(bags), len(DOMAINS)))
        np.add.at(logits, owner, self.weights[flat])
        logits = logits * unit + self.bias
        powers = np.exp(logits - logits.max(1, keepdims=True))
        wrong = powers / powers.sum(1, keepdims=True)
        wrong[np.arange(len(bags)), targets] -= 1
        wrong *= pull[:, None] / len(bags)
        used = np.unique(flat)
        slope = np.zeros_like(self.weights)
        np.add.at(slope, flat, (wrong * unit)[owner])
        change = slope[used] + DECAY * self.weights[used]
        self._squares[used] += change**2
        self.weights[used] -= RATE * change / np.sqrt(self._squares[used])
        change = wrong.sum(0)
        self._bias_squares += change**2
        self.bias -= RATE * change / np.sqrt(self._bias_squares)


def fit(learned: Sequence[Row]) -> Regression:
    """Train on the rows."""
    regression = Regression()
    noise = np.random.default_rng(SEED)
    counts = Counter(row.domain for row in learned)
    bags = [features(sample(row.text)) for row in learned]
    targets = np.array([DOMAINS.index(row.domain) for row in learned])
    pull = np.array([(len(learned) / counts[row.domain]) ** SPREAD for row in learned])
    pull /= pull.mean()
    for _ in range(EPOCHS):
        order = noise.permutation(len(learned))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            kept = [dropped(bags[place], noise) for place in chosen]
            regression.step(kept, targets[chosen], pull[chosen])
    return regression


def dropped(bag: list[int], noise: np.random.Generator) -> list[int]:
    """Return the bag without some of its buckets, but never empty where it was not."""
    kept = [bucket for bucket, draw in zip(bag, noise.random(len(bag)), strict=True) if draw > DROP]
    return kept or bag


def quantised(regression: Regression) -> tuple[float, bytes]:
    """Return the scale and the weights as bytes, 128 for zero; rare extremes are cut."""
    largest = float(np.quantile(np.abs(regression.weights), 0.9999))
    scale = largest / 127
    whole = np.clip(np.rint(regression.weights / scale), -127, 127).astype(np.int16) + 128
    return scale, whole.astype(np.uint8).tobytes()


def threshold(weights: Weights, known: Sequence[Row], outside: Sequence[Row]) -> float:
    """Return the least share that is believed: 19 in 20 texts of known domains pass it."""
    shares = sorted(max(probabilities(features(row.text), weights)) for row in known)
    passing = shares[len(shares) // 20]
    strange = [max(probabilities(features(row.text), weights)) for row in outside]
    kept = sum(share >= passing for share in strange) / len(strange)
    print(f"threshold {passing:.3f}: of CLINC150's texts out of scope, {kept:.2f} pass it")
    return passing


def report(held_out: Sequence[Row]) -> None:
    """Print accuracy by source and domain as the shipped function gives it."""
    by_source: dict[str, list[bool]] = defaultdict(list)
    by_domain: dict[str, list[bool]] = defaultdict(list)
    sure = 0
    for row in (row for row in held_out if row.domain):
        found = domain(row.text).name
        sure += found != "other"
        for key, group in ((row.source, by_source), (row.domain, by_domain)):
            group[key].append(found == row.domain)
    for group in (by_source, by_domain):
        for key, right in sorted(group.items()):
            print(f"{key:14} {sum(right) / len(right):.3f} of {len(right)}")
    all_right = [each for right in by_source.values() for each in right]
    balanced = sum(sum(right) / len(right) for right in by_domain.values()) / len(by_domain)
    print(f"all {sum(all_right) / len(all_right):.3f}, mean over domains {balanced:.3f}")
    print(f"not 'other': {sure / len(all_right):.3f}")
    strange = [domain(row.text).name == "other" for row in held_out if not row.domain]
    if strange:
        print(f"of no domain, said to be 'other': {sum(strange) / len(strange):.3f}")


def main() -> None:
    """Train, write, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    found = rows(options.data)
    print("data digest", digest("\n".join(f"{row.domain}\t{row.text}" for row in found)))
    print(Counter((row.domain, row.source) for row in found if not row.held_out))
    learned = [row for row in found if row.domain and not row.held_out]
    kept = [row for row in learned if digest(row.text)[0] == "0"]  # for the threshold alone
    regression = fit([row for row in learned if digest(row.text)[0] != "0"])
    scale, table = quantised(regression)
    bias = regression.bias.tolist()
    weights = Weights(packed(table), tuple(bias), scale, 0.0)
    outside = [row for row in found if not row.domain and not row.held_out]
    least = threshold(weights, kept, outside)
    PLACE.write_bytes(struct.pack(f"<{len(bias) + 2}f", *bias, scale, least) + table)
    print(f"{PLACE.name}: {PLACE.stat().st_size} bytes, SHA-256 {digest_file(PLACE)}")
    print("-- held out")
    report([row for row in found if row.held_out])
    print("-- of another kind: requests that a language model wrote, never trained on")
    report(list(foreign(options.data)))


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
