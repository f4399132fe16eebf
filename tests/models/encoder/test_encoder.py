from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.models.encoder import Encoder

pytestmark = pytest.mark.encoder

HERE = Path(__file__).parent
SENTENCES = HERE.joinpath("sentences.txt").read_text("utf-8").splitlines()


def test_vectors_are_close_to_full_precision(encoder: Encoder) -> None:
    exact = np.load(HERE / "exact_vectors.npz")["vectors"].astype(np.float32)
    cosines = (encoder.embed(SENTENCES) * exact).sum(axis=1)
    assert cosines.mean() > 0.99
    assert cosines.min() > 0.97  # the least is of a text of one word


def test_vectors_have_length_one(encoder: Encoder) -> None:
    vectors = encoder.embed(SENTENCES)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(SENTENCES), encoder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.embed([]).shape == (0, 384)


def test_odd_texts_have_vectors(encoder: Encoder) -> None:
    vectors = encoder.embed(["", " ", "\x00", "😀" * 300, "a" * 10_000, "word " * 10_000])
    assert np.isfinite(vectors).all()


def test_what_follows_256_tokens_is_not_read(encoder: Encoder) -> None:
    start = "hinge " * 254
    np.testing.assert_array_equal(encoder.embed([start]), encoder.embed([start + "table"]))


@settings(max_examples=15)
@given(st.lists(st.sampled_from(SENTENCES) | st.text(max_size=40), min_size=1, max_size=12))
def test_batch_and_one_by_one_agree(encoder: Encoder, texts: list[str]) -> None:
    single = np.concatenate([encoder.embed([text]) for text in texts])
    np.testing.assert_array_equal(encoder.embed(texts), single)


def test_threads_can_share_an_encoder(encoder: Encoder) -> None:
    expected = encoder.embed(SENTENCES)
    found: list[np.ndarray] = []
    threads = [
        threading.Thread(target=lambda: found.append(encoder.embed(SENTENCES))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for vectors in found:
        np.testing.assert_array_equal(vectors, expected)


def test_a_question_is_nearest_to_its_answer(encoder: Encoder) -> None:
    question, *answers = encoder.embed(
        [
            "How long is the guarantee?",
            "The warranty covers the frame for ten years.",
            "Preheat the oven and whisk the eggs.",
            "The harbour froze in winter.",
        ]
    )
    assert int(np.argmax(np.array(answers) @ question)) == 0
