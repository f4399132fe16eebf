"""Train the matcher that needs no labels, and say how good it is on sets it never saw.

    python experts/matcher/train.py --data DIR

`--data` holds `entities/er_magellan/Structured/{Beer,...}`. It writes
`src/motet/knowledge/resolve/generic.json` and prints the figures of the card beside it. The
same inputs give the same file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from names import renamed
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from motet.knowledge.resolve.features import COMPARED
from motet.knowledge.resolve.generic import MEASURES, measures
from motet.knowledge.resolve.matcher import Generic, GenericWeights, Weights
from motet.knowledge.resolve.rarity import Fixed
from motet.knowledge.resolve.records import Record

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "bench/knowledge"))

from magellan import SETS, Labelled, Pairs, load  # noqa: E402

SEED = 20261122
STRENGTH = 0.05
"""Inverse of the penalty on squared slopes."""
TOTAL = 4000
"""Sum of the weights, which says how much the penalty weighs beside them."""
MOST = 3000
"""Pairs of one set at most, so that the largest do not take all the time."""
PLACE = ROOT / "src/motet/knowledge/resolve/generic.json"


def given(pairs: Pairs, seed: int) -> list[Labelled]:
    """Return the pairs of a set to learn from, `MOST` of them at most."""
    found = [*pairs.splits["train"], *pairs.splits["valid"]]
    if len(found) <= MOST:
        return found
    chosen = np.random.default_rng(seed).choice(len(found), MOST, replace=False)
    return [found[i] for i in sorted(chosen)]


def named_only(pairs: Pairs, seed: int) -> list[Labelled]:
    """Return the same pairs by name alone, and variants made from names of the set."""
    bare = [(named(one), named(two), same) for one, two, same in given(pairs, seed)]
    made = [*renamed([*pairs.left, *pairs.right], np.random.default_rng(seed))]
    return [*bare[: len(made)], *made]


def named(record: Record) -> Record:
    """Return the record with its first field only."""
    return Record(record.uid, record.label, dict([*record.fields.items()][:1]))


def matrix(pairs: Iterable[Labelled]) -> NDArray[np.float64]:
    """Return the measures of pairs, shape (pairs, measures)."""
    rarity = Fixed()
    return np.array([measures(one, two, rarity)[0] for one, two, _ in pairs])


def fit(sets: Sequence[Sequence[Labelled]], columns: slice) -> Weights:
    """Fit on sets that weigh the same, matches and others weighing the same; on some measures."""
    values = matrix(each for pairs in sets for each in pairs)
    same = np.array([each[2] for pairs in sets for each in pairs])
    weight = np.array([1 / len(pairs) for pairs in sets for _ in pairs])
    weight *= np.where(same, 0.5 / weight[same].sum(), 0.5 / weight[~same].sum()) * TOTAL
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.nansum(values, axis=0) / count
    scale = np.sqrt(np.nansum((values - mean) ** 2, axis=0) / count)
    used = np.zeros(len(MEASURES), bool)
    used[columns] = True
    used &= scale > 1e-6
    scale[~used] = 1.0
    standard = np.nan_to_num((values - mean) / scale) * used
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(standard, same, weight)
    return Weights(
        *(np.round(each, 5) for each in (mean, scale, model.coef_[0] * used)),
        round(float(model.intercept_[0]), 5),
    )


def fit_both(sets: Sequence[Pairs]) -> GenericWeights:
    """Fit the weights for records with fields, and those for names alone."""
    full = fit([given(each, place) for place, each in enumerate(sets)], slice(None))
    named_pairs = [named_only(each, place) for place, each in enumerate(sets)]
    bare = fit(named_pairs, slice(len(COMPARED)))
    digest = hashlib.sha256(json.dumps([plain(full), plain(bare)]).encode()).hexdigest()
    return GenericWeights(f"generic-{digest[:8]}", full, bare)


def plain(weights: Weights) -> dict[str, list[float] | float]:
    """Return weights as JSON."""
    arrays = {name: getattr(weights, name).tolist() for name in ("mean", "scale", "slope")}
    return {**arrays, "bias": weights.bias}


def f1(weights: GenericWeights, pairs: Sequence[Labelled]) -> float:
    """Return F1 at the probability .5."""
    matcher = Generic(weights)
    said = np.array([matcher.score(one, two).probability >= 0.5 for one, two, _ in pairs])
    same = np.array([each[2] for each in pairs])
    return float(2 * (said & same).sum() / (said.sum() + same.sum()))


def write(weights: GenericWeights) -> None:
    """Write the weights with the names of the measures."""
    held = {"version": weights.version, "measures": MEASURES}
    held |= {"full": plain(weights.full), "bare": plain(weights.bare)}
    PLACE.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Print F1 on each set of weights that never saw it, then write those of all sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data / "entities/er_magellan/Structured"
    sets = [load(folder, name) for name in SETS]
    for held_out in sets:
        weights = fit_both([each for each in sets if each is not held_out])
        valid, test = (f1(weights, held_out.splits[split]) for split in ("valid", "test"))
        bare = [*renamed([*held_out.left, *held_out.right], np.random.default_rng(SEED))]
        names = f1(weights, bare)
        print(f"{held_out.name}: valid {valid:.3f}, test {test:.3f}, made names {names:.3f}")
    weights = fit_both(sets)
    write(weights)
    print(weights.version)


if __name__ == "__main__":
    main()
