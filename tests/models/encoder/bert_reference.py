"""BERT in 32-bit numpy, as its paper says: what the quantised graph is compared with."""

from __future__ import annotations

import math

import numpy as np

from motet.models.encoder.shape import (
    EPSILON,
    FEED_FORWARD,
    HEADS,
    HIDDEN,
    LAYERS,
    POSITIONS,
    SEGMENTS,
    VOCABULARY,
)

State = dict[str, np.ndarray]

erf = np.vectorize(math.erf, otypes=[np.float32])


def random_state(seed: int) -> State:
    """A checkpoint with the encoder's shapes and random weights."""
    rng = np.random.default_rng(seed)
    state: State = {}

    def norm(name: str) -> None:
        state[f"{name}.weight"] = rng.normal(1, 0.1, HIDDEN).astype(np.float32)
        state[f"{name}.bias"] = rng.normal(0, 0.1, HIDDEN).astype(np.float32)

    def table(name: str, rows: int, columns: int) -> None:
        state[f"{name}.weight"] = rng.standard_normal((rows, columns), np.float32) * 0.06

    def dense(name: str, outer: int, inner: int) -> None:
        table(name, outer, inner)
        state[f"{name}.bias"] = rng.normal(0, 0.1, outer).astype(np.float32)

    table("embeddings.word_embeddings", VOCABULARY, HIDDEN)
    table("embeddings.position_embeddings", POSITIONS, HIDDEN)
    table("embeddings.token_type_embeddings", SEGMENTS, HIDDEN)
    norm("embeddings.LayerNorm")
    for index in range(LAYERS):
        here = f"encoder.layer.{index}"
        for part in ("query", "key", "value"):
            dense(f"{here}.attention.self.{part}", HIDDEN, HIDDEN)
        dense(f"{here}.attention.output.dense", HIDDEN, HIDDEN)
        norm(f"{here}.attention.output.LayerNorm")
        dense(f"{here}.intermediate.dense", FEED_FORWARD, HIDDEN)
        dense(f"{here}.output.dense", HIDDEN, FEED_FORWARD)
        norm(f"{here}.output.LayerNorm")
    return state


def hidden_states(state: State, ids: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """The last layer's states for one text: ids and segments of shape (tokens,)."""
    value = (
        state["embeddings.word_embeddings.weight"][ids]
        + state["embeddings.position_embeddings.weight"][: len(ids)]
        + state["embeddings.token_type_embeddings.weight"][segments]
    )
    value = _norm(state, "embeddings.LayerNorm", value)
    for index in range(LAYERS):
        value = _layer(state, f"encoder.layer.{index}", value)
    return value


def _layer(state: State, here: str, value: np.ndarray) -> np.ndarray:
    query, key, content = (
        _dense(state, f"{here}.attention.self.{part}", value)
        .reshape(len(value), HEADS, -1)
        .swapaxes(0, 1)
        for part in ("query", "key", "value")
    )
    scores = query @ key.swapaxes(1, 2) / np.sqrt(HIDDEN / HEADS)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    joined = (weights @ content).swapaxes(0, 1).reshape(len(value), HIDDEN)
    mixed = _dense(state, f"{here}.attention.output.dense", joined)
    middle = _norm(state, f"{here}.attention.output.LayerNorm", mixed + value)
    wide = _dense(state, f"{here}.intermediate.dense", middle)
    bent = wide * 0.5 * (1 + erf(wide / np.sqrt(2)))
    narrow = _dense(state, f"{here}.output.dense", bent)
    return _norm(state, f"{here}.output.LayerNorm", narrow + middle)


def _dense(state: State, name: str, value: np.ndarray) -> np.ndarray:
    return value @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def _norm(state: State, name: str, value: np.ndarray) -> np.ndarray:
    centred = value - value.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
    return scaled * state[f"{name}.weight"] + state[f"{name}.bias"]
