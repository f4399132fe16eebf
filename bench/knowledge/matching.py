"""F1 of matching record pairs: learned from labels, without labels, and a plain baseline.

    python bench/knowledge/matching.py --data DIR [--encoder] [--seeds 3]

`--data` holds `entities/er_magellan/Structured`. Everything that learns does so on the train
and valid splits (thresholds from folds of these), and is measured once on the test split. The
matcher without labels is fitted on the other four sets. Corpus statistics see all records of
both sides, without labels. Intervals are of 2,000 bootstrap samples of the test pairs.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from magellan import SETS, Labelled, Pairs, load
from numpy.typing import NDArray

from motet.knowledge.resolve.learned import SEED, Learned, f_measure
from motet.knowledge.resolve.matcher import Generic
from motet.knowledge.resolve.measuring import Measuring, Similarity
from motet.knowledge.resolve.records import Record
from motet.knowledge.resolve.surroundings import whole

sys.path.insert(0, str(Path(__file__).parents[2] / "experts/matcher"))

SAMPLES = 2000
Said = NDArray[np.bool_]


def baseline(pairs: Pairs) -> Said:
    """Say where rapidfuzz's token set ratio of all text passes the best threshold of train."""
    from rapidfuzz import fuzz

    def ratios(some: Sequence[Labelled]) -> NDArray[np.float64]:
        return np.array([fuzz.token_set_ratio(whole(a), whole(b)) for a, b, _ in some])

    seen = [*pairs.splits["train"], *pairs.splits["valid"]]
    known, labels = ratios(seen), truth(seen)
    best = max(range(1, 101), key=lambda step: f_measure(known >= step, labels))
    return ratios(pairs.splits["test"]) >= best


def learned(pairs: Pairs, similarity: Similarity | None, seed: int) -> Said:
    """Say what a matcher learned from train and valid says."""
    seen = [*pairs.splits["train"], *pairs.splits["valid"]]
    measuring = Measuring(pairs.left, pairs.right, similarity)
    matcher = Learned(measuring, [(a, b) for a, b, _ in seen], [c for *_, c in seen], seed=seed)
    test = [(a, b) for a, b, _ in pairs.splits["test"]]
    return matcher.probabilities(test) >= matcher.threshold


def unlabelled(pairs: Pairs, others: Sequence[Pairs]) -> Said:
    """Say what the matcher without labels says, fitted on other sets."""
    from train import fit_both

    matcher = Generic(fit_both(others))
    scored = (matcher.score(a, b).probability for a, b, _ in pairs.splits["test"])
    return np.array([each >= 0.5 for each in scored])


def truth(pairs: Sequence[Labelled]) -> Said:
    """Return the labels."""
    return np.array([same for *_, same in pairs], bool)


def interval(said: Said, labels: Said) -> str:
    """Return F1 with its 95% bootstrap interval, in percent."""
    rng = np.random.default_rng(0)
    samples = (rng.integers(len(labels), size=len(labels)) for _ in range(SAMPLES))
    low, high = np.percentile([f_measure(said[s], labels[s]) for s in samples], [2.5, 97.5])
    return f"{100 * f_measure(said, labels):.1f} ({100 * low:.1f} to {100 * high:.1f})"


def meaning(records: Sequence[Record]) -> Similarity:
    """Return the cosine of the base encoder's vectors, computed once for all texts."""
    from motet.knowledge.resolve.surroundings import first
    from motet.models.encoder import load_encoder

    texts = sorted({text for each in records for text in (first(each), whole(each))})
    encoder: Any = load_encoder()
    vectors = dict(zip(texts, encoder.embed(texts), strict=True))
    return lambda one, two: float(vectors[one] @ vectors[two])


def main() -> None:
    """Print one line per set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", action="store_true", help="compare meanings, too")
    parser.add_argument("--seeds", type=int, default=1, help="learn as often, take the mean")
    parser.add_argument("--sets", nargs="*", default=SETS)
    asked = parser.parse_args()
    folder = asked.data / "entities/er_magellan/Structured"
    sets = [load(folder, name) for name in SETS]
    print("| set | pairs, matches | token_set_ratio | without labels | learned | seeds |")
    print("|---|---|---|---|---|---|")
    columns: dict[str, list[float]] = {}
    for pairs in (each for each in sets if each.name in asked.sets):
        began, labels = time.perf_counter(), truth(pairs.splits["test"])
        similarity = meaning([*pairs.left, *pairs.right]) if asked.encoder else None
        runs = [learned(pairs, similarity, SEED + n) for n in range(asked.seeds)]
        makers: dict[str, Callable[[], Said]] = {
            "baseline": lambda each=pairs: baseline(each),
            "unlabelled": lambda each=pairs: unlabelled(each, [s for s in sets if s is not each]),
            "learned": lambda run=runs[0]: run,
        }
        said = {name: make() for name, make in makers.items()}
        for name, each in said.items():
            columns.setdefault(name, []).append(100 * f_measure(each, labels))
        seeds = [100 * f_measure(run, labels) for run in runs]
        columns.setdefault("seeds", []).append(float(np.mean(seeds)))
        cells = " | ".join(interval(each, labels) for each in said.values())
        print(f"| {pairs.name} | {len(labels)}, {labels.sum()} | {cells} | "
              f"{', '.join(f'{each:.1f}' for each in seeds)} |", flush=True)  # fmt: skip
        print(f"  ({time.perf_counter() - began:.0f} s)", file=sys.stderr)
    means = " | ".join(f"{np.mean(each):.1f}" for each in columns.values())
    print(f"| mean | | {means} |")


if __name__ == "__main__":
    main()
