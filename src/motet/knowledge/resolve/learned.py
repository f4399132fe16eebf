"""A matcher learned from labelled pairs: extremely random trees with a forest or boosted trees.

Which of the two was chosen on valid splits: boosting needs more labels than a forest.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from motet.core.errors import SetupNeeded, UsageError
from motet.knowledge.resolve.generic import WHOLE
from motet.knowledge.resolve.matcher import Reason, Scored, described, log_odds
from motet.knowledge.resolve.measuring import Measuring, Pair
from motet.knowledge.resolve.records import Record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDS = 4
FEWEST = 2 * FOLDS
"""Labelled pairs of either kind without which nothing can be learned."""
MANY = 1000
"""Labelled pairs from which boosted trees do better than a forest."""
TREES = 200
SEED = 20261122


class Learned:
    """Scores pairs as people labelled others like them.

    `threshold` is the probability from which a pair counts as a match: the one of the best F1
    on labelled pairs that the trees of a fold did not see. Needs the extra `learn`: raises
    `SetupNeeded` without it, and `UsageError` where there are too few labels.
    """

    def __init__(
        self,
        measuring: Measuring,
        pairs: Sequence[Pair],
        same: Sequence[bool],
        *,
        trees: int = TREES,
        seed: int = SEED,
    ) -> None:
        import numpy as np

        labels = np.asarray(same, bool)
        if min(labels.sum(), (~labels).sum()) < FEWEST:
            raise UsageError(
                f"{int(labels.sum())} matches and {int((~labels).sum())} others are too few to "
                f"learn from",
                hint=f"label {FEWEST} of each at least, or match without labels",
            )
        self._measuring = measuring
        values = measuring.matrix(pairs)
        self._usual = np.median(values, axis=0)
        self.threshold = _threshold(_unseen(values, labels, trees, seed), labels)
        self._models = _fitted(values, labels, trees, seed)
        self.version = f"learned-{sha256(values.tobytes() + labels.tobytes()).hexdigest()[:12]}"

    def probabilities(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """Return how probably each pair is one, shape (pairs,)."""
        return _said(self._models, self._measuring.matrix(pairs))

    def score(self, left: Record, right: Record) -> Scored:
        """Score a pair; a field's effect is what the score loses where the field is as usual."""
        import numpy as np

        row = self._measuring.matrix([(left, right)])
        groups = np.asarray(self._measuring.groups)
        names = list(dict.fromkeys(self._measuring.groups))
        variants = np.repeat(row, len(names) + 1, axis=0)
        for place, name in enumerate(names, 1):
            variants[place, groups == name] = self._usual[groups == name]
        odds = [log_odds(each) for each in _said(self._models, variants)]
        texts = {each.field: described(each) for each in self._measuring.compared(left, right)}
        reasons = [
            Reason("all text" if name == WHOLE else name, texts.get(name, name), odds[0] - each)
            for name, each in zip(names, odds[1:], strict=True)
            if odds[0] != each
        ]
        reasons.sort(key=lambda reason: -abs(reason.effect))
        chance = float(_said(self._models, row)[0])
        return Scored(left.uid, right.uid, chance, tuple(reasons))


def _fitted(
    values: NDArray[np.float64], labels: NDArray[np.bool_], trees: int, seed: int
) -> list[Any]:
    try:
        from sklearn.ensemble import (
            ExtraTreesClassifier,
            HistGradientBoostingClassifier,
            RandomForestClassifier,
        )
    except ImportError as error:
        raise SetupNeeded(
            "learning to match needs scikit-learn", hint="pip install 'motet[learn]'"
        ) from error
    models: list[Any] = [ExtraTreesClassifier(trees, max_features=0.4, random_state=seed)]
    if len(labels) < MANY:
        models.append(RandomForestClassifier(trees, max_features=0.3, random_state=seed))
    else:
        models.append(
            HistGradientBoostingClassifier(
                max_iter=trees, learning_rate=0.06, max_leaf_nodes=15, l2_regularization=1.0,
                random_state=seed,
            )
        )  # fmt: skip
    return [model.fit(values, labels) for model in models]


def _said(models: Sequence[Any], values: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    said = np.array([model.predict_proba(values)[:, 1] for model in models], np.float64)
    mean: NDArray[np.float64] = said.mean(axis=0)
    return mean


def _unseen(
    values: NDArray[np.float64], labels: NDArray[np.bool_], trees: int, seed: int
) -> NDArray[np.float64]:
    """Return what models say of pairs that they did not learn from."""
    import numpy as np

    fold = np.empty(len(labels), np.int64)
    order = np.random.default_rng(seed).permutation(len(labels))
    for kind in (True, False):
        chosen = order[labels[order] == kind]
        fold[chosen] = np.arange(len(chosen)) % FOLDS
    said = np.empty(len(labels))
    for number in range(FOLDS):
        out = fold == number
        said[out] = _said(_fitted(values[~out], labels[~out], trees, seed), values[out])
    return said


def _threshold(said: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Return the middle of the thresholds whose F1 is the best, or nearly so."""
    import numpy as np

    steps = np.arange(0.05, 0.955, 0.01)
    f1 = np.array([f_measure(said >= step, labels) for step in steps])
    return float(np.median(steps[f1 >= f1.max() - 0.002]))


def f_measure(said: NDArray[np.bool_], labels: NDArray[np.bool_]) -> float:
    """Return F1: the harmonic mean of precision and recall; 0 where nothing is right."""
    right = int((said & labels).sum())
    return 2 * right / max(1, int(said.sum()) + int(labels.sum()))
