from __future__ import annotations

import numpy as np
import pytest
from bert_reference import State, hidden_states, random_state

from motet.core.errors import MotetBug
from motet.models.encoder.quantisation import quantise, quantise_layer
from motet.models.encoder.session import Session

IDS = np.random.default_rng(1).integers(999, 30_000, (3, 12))
SEGMENTS = np.repeat([[0] * 5 + [1] * 7], 3, axis=0)


@pytest.fixture(scope="module")
def state() -> State:
    return random_state(0)


@pytest.fixture(scope="module")
def session(state: State) -> Session:
    return Session(quantise(state), threads=1)


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(left, axis=-1) * np.linalg.norm(right, axis=-1)
    return (left * right).sum(-1) / norms


def test_hidden_states_follow_bert_in_full_precision(session: Session, state: State) -> None:
    found = session(IDS, SEGMENTS)
    assert found.shape == (3, 12, 384)
    for row in range(3):
        expected = hidden_states(state, IDS[row], SEGMENTS[row])
        assert cosines(found[row], expected).min() > 0.99


def test_a_row_does_not_depend_on_its_batch(session: Session) -> None:
    batch = session(IDS, SEGMENTS)
    for row in range(3):
        np.testing.assert_array_equal(
            session(IDS[row : row + 1], SEGMENTS[row : row + 1])[0], batch[row]
        )


def test_threads_do_not_change_the_result(session: Session, state: State) -> None:
    other = Session(quantise(state), threads=2)
    np.testing.assert_array_equal(other(IDS), session(IDS))


def test_text_is_in_the_first_segment_unless_said_otherwise(session: Session) -> None:
    np.testing.assert_array_equal(session(IDS), session(IDS, np.zeros_like(IDS)))
    assert np.abs(session(IDS) - session(IDS, SEGMENTS)).max() > 0.01


def test_a_layer_can_be_replaced(session: Session, state: State) -> None:
    prefix = "encoder.layer.5."
    other = random_state(2)
    layer = {
        name.removeprefix(prefix): tensor
        for name, tensor in other.items()
        if name.startswith(prefix)
    }
    replaced = Session(quantise(state) | quantise_layer(5, layer), threads=1)(IDS, SEGMENTS)
    mixed = state | {prefix + name: tensor for name, tensor in layer.items()}
    assert cosines(replaced[0], hidden_states(mixed, IDS[0], SEGMENTS[0])).min() > 0.99
    assert cosines(replaced[0], session(IDS, SEGMENTS)[0]).max() < 0.99


def test_weights_are_small_integers_with_a_scale_per_column(state: State) -> None:
    initializers = quantise(state)
    weight, scale = initializers["layer.0.query"], initializers["layer.0.query.scale"]
    exact = state["encoder.layer.0.attention.self.query.weight"].T
    assert weight.dtype == np.int8
    assert np.abs(weight).max() == 64
    assert (np.abs(weight * scale - exact) <= scale / 2 * 1.001).all()


def test_a_checkpoint_that_lacks_a_tensor_is_named(state: State) -> None:
    name = "embeddings.LayerNorm.weight"
    with pytest.raises(KeyError, match=name):
        quantise({key: value for key, value in state.items() if key != name})


def test_weights_of_another_shape_are_refused(state: State) -> None:
    initializers = quantise(state) | {"norm.gain": np.ones(5, np.float32)}
    with pytest.raises(MotetBug, match="do not fit"):
        Session(initializers)
