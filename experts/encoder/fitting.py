"""Two small linear models: one says yes or no, the other chooses from a list."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RIDGE = 1e-3
NEWTON_STEPS = 50
ASCENT_STEPS = 400
ASCENT_RATE = 0.03
TINY = 1e-9

Rows = NDArray[np.float64]


def logistic(values: Rows, labels: Rows, prior: float = 0.5) -> NDArray[np.float32]:
    """Return coefficients and a constant: Newton's method, positives weighing `prior` of all."""
    scale = values.std(axis=0) + TINY
    inputs = np.column_stack([values / scale, np.ones(len(values))])
    weights = np.where(labels > 0, prior / labels.mean(), (1 - prior) / (1 - labels.mean()))
    found = np.zeros(inputs.shape[1])
    for _ in range(NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-inputs @ found))
        slope = inputs.T @ (weights * (chance - labels)) / len(labels) + RIDGE * found
        bend = inputs.T @ (inputs * (weights * chance * (1 - chance))[:, None]) / len(labels)
        found -= np.linalg.solve(bend + RIDGE * np.eye(len(found)), slope)
    coefficients: NDArray[np.float32] = np.append(found[:-1] / scale, found[-1]).astype(np.float32)
    return coefficients


def choice(lists: Sequence[Rows], rewards: Sequence[Rows], ridge: float) -> NDArray[np.float32]:
    """Return coefficients that raise the expected reward of a softmax choice from each list.

    It starts from, and `ridge` pulls towards, choosing by the first value alone. Adam on the
    exact gradient.
    """
    scale = np.concatenate(lists).std(axis=0) + TINY
    start = np.eye(1, len(scale))[0] * scale[0]
    found, mean, square = start.copy(), np.zeros(len(scale)), np.zeros(len(scale))
    for _ in range(ASCENT_STEPS):
        slope = -ridge * (found - start)
        for values, reward in zip(lists, rewards, strict=True):
            inputs = values / scale
            chance = inputs @ found
            chance = np.exp(chance - chance.max())
            chance /= chance.sum()
            slope += (chance * (reward - chance @ reward)) @ inputs / len(lists)
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        found += ASCENT_RATE * mean / (np.sqrt(square) + 1e-8)
    coefficients: NDArray[np.float32] = (found / scale).astype(np.float32)
    return coefficients
