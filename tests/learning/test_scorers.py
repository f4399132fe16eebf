"""How right an answer is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.learning.scorers import SCORERS, contains, exact, f1, score, words


def test_words_are_compared_without_case_punctuation_and_articles():
    assert words("The Eiffel-Tower, in Paris!") == ["eiffel", "tower", "in", "paris"]
    assert exact("an  Eiffel Tower.", ["The eiffel tower"]) == 1
    assert exact("Tower", ["Eiffel Tower"]) == 0


def test_numbers_keep_their_point():
    assert exact("2.5 Nm", ["25 Nm"]) == 0
    assert exact("2,5 Nm", ["2.5 Nm"]) == 1
    assert exact("It is 38.", ["it is 38"]) == 1


def test_f1_counts_common_words_with_the_best_answer():
    assert f1("in Paris France", ["Paris"]) == pytest.approx(0.5)
    assert f1("Paris", ["London", "Paris France"]) == pytest.approx(2 / 3)
    assert f1("", ["Paris"]) == 0
    assert f1("Paris Paris", ["Paris"]) == pytest.approx(2 / 3)


def test_contained_are_whole_words():
    assert contains("It costs 38 euros a month.", ["38 euros"]) == 1
    assert contains("It costs 138 euros.", ["38 euros"]) == 0


def test_other_scripts_are_words_too():
    assert exact("Öl", ["öl"]) == 1
    assert exact("東京。", ["東京"]) == 1


@pytest.mark.parametrize("scorer", SCORERS.values(), ids=SCORERS)
def test_nothing_said_is_right_only_where_there_is_no_answer(scorer):
    assert score(scorer, "", [], abstained=True) == 1
    assert score(scorer, "Paris", [], abstained=False) == 0
    assert score(scorer, "Paris", ["Paris"], abstained=True) == 0
    assert score(scorer, "Paris", ["Paris"], abstained=False) == 1


@given(st.text(), st.lists(st.text(), min_size=1))
def test_scores_lie_between_0_and_1_and_exact_is_the_strictest(answer, right):
    assert 0 <= f1(answer, right) <= 1
    assert exact(answer, right) <= f1(answer, right)
    assert exact(answer, right) <= contains(answer, right)
