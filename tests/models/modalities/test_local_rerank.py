"""Reranking by the cosine of the base encoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from motet.core.errors import UsageError
from motet.models.encoder import is_installed, load_encoder
from motet.models.modalities.local_rerank import NAME, CosineReranker
from motet.models.modalities.rerank import RerankRequest


class Letters:
    """Embeds a text by which of three letters it is made of; cannot read digits."""

    name = "letters"
    dimensions = 3

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [[text.count(letter) for letter in "abc"] for text in texts]
        vectors = np.array(rows, np.float32) + 1e-6
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def can_read(self, text: str) -> bool:
        return not text.isdecimal()

    def count_tokens(self, texts: Sequence[str]) -> int:
        return sum(len(text.split()) for text in texts)


def test_best_first_and_the_unreadable_last() -> None:
    request = RerankRequest("a", ("b", "123", "ab", "a"))
    answer = CosineReranker(Letters()).rank(request)
    assert [one.index for one in answer.results] == [3, 2, 0, 1]
    assert answer.results[0].score == pytest.approx(1.0, abs=1e-5)
    assert answer.results[-1].score == -1.0
    assert answer.spent.usage is not None and answer.spent.usage.input_tokens == 4
    assert answer.model == NAME


def test_a_long_document_is_as_good_as_its_best_piece() -> None:
    long = " ".join(["b"] * 300 + ["a"] * 200)
    answer = CosineReranker(Letters()).rank(RerankRequest("a", ("ab", long), top=1))
    assert [(one.index, round(one.score, 3)) for one in answer.results] == [(1, 1.0)]


def test_a_query_in_an_unknown_script_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot read the script"):
        CosineReranker(Letters()).rank(RerankRequest("42", ("a",)))


@pytest.mark.encoder
def test_the_base_encoder_ranks() -> None:
    if not is_installed():
        pytest.skip("the encoder is not installed: run motet setup")
    documents = (
        "The warranty on all hinges lasts five years.",
        "Our office is closed on Sundays.",
        "保修期为五年。",
    )
    query = "How long is the guarantee for hinges?"
    answer = CosineReranker(load_encoder()).rank(RerankRequest(query, documents))
    assert [one.index for one in answer.results] == [0, 1, 2]
    assert answer.results[0].score > 0.5 > answer.results[1].score
