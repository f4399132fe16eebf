"""Passages found along the entities that passages mention, on both stores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.errors import SetupNeeded
from motet.core.protocols import Embedder
from motet.knowledge.entities.extraction import Extractor
from motet.knowledge.entities.graph import Graph
from motet.knowledge.graph.pagerank import RESTART, Edges, walk
from motet.knowledge.graph.signal import MentionWalk
from motet.knowledge.prepare import prepare
from motet.knowledge.search import HybridRetriever, Query
from motet.knowledge.store import Store

PASSAGES = {
    "song.md": "# Quiet Harbour\n\nQuiet Harbour is a ballad recorded by Mara Lindqvist in 1998.",
    "singer.md": "# Mara Lindqvist\n\nMara Lindqvist grew up near Uppsala and plays the viola.",
    "harbour.md": "# Old port\n\nThe harbour was rebuilt after the storm; singers perform there.",
    "viola.md": "# Instruments\n\nA recorded ballad needs a quiet room and a good microphone.",
}


def _none() -> Embedder:
    raise SetupNeeded("the base encoder is not installed")


@pytest.fixture
def retriever(any_store: Store) -> HybridRetriever:
    """A few passages of which one leads to another."""
    extractor = Extractor()
    graph = Graph(any_store, lambda: extractor)
    for source, text in PASSAGES.items():
        prepared = prepare(text.encode(), source)
        any_store.put(
            source,
            version=source,
            size=1,
            fingerprint="1",
            prepared=prepared,
            vectors=None,
            also=[graph.writer(prepared, source)],
        )
    graph.settle()
    return HybridRetriever(any_store, _none, graph=MentionWalk(any_store))


def test_a_passage_without_a_word_of_the_question_is_found_with_its_path(
    retriever: HybridRetriever,
) -> None:
    question = "Where does the performer of Quiet Harbour come from?"
    plain = [each.source for each in retriever.find(Query(question, k=4))]
    assert "singer.md" not in plain
    found = retriever.find(Query(question, k=4, graph=True, explain=True))
    assert [each.source for each in found[:2]] == ["song.md", "singer.md"]
    assert found[1].explanation is not None
    assert found[1].explanation.path == (
        ("question", "names", "Quiet Harbour"),
        ("Quiet Harbour", "mentions", "Mara Lindqvist"),
    )


weights = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)), st.floats(0.1, 5), min_size=1, max_size=15
)


@settings(max_examples=40)
@given(weights, st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_a_walk_keeps_its_mass_and_is_what_the_matrix_says(
    given_weights: dict[tuple[int, int], float], begin: list[float]
) -> None:
    edges = Edges.of(given_weights, (6, 6))
    matrix = np.zeros((6, 6))
    matrix[edges.sources, edges.targets] = edges.weights
    assert all(math.isclose(each, 1) or each == 0 for each in matrix.sum(axis=1))
    restart = np.array(begin) / (sum(begin) or 1)
    found = walk(restart, (edges,), rounds=200)
    solved = RESTART * np.linalg.solve(np.eye(6) - (1 - RESTART) * matrix.T, restart)
    assert np.allclose(found, solved, atol=1e-9)
    assert found.sum() <= 1 + 1e-9
