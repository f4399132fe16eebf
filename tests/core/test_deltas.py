"""Deltas of growing texts: applied to the base they give the text, and hold only what is new."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from motet.core.deltas import apply, between

TEXTS = st.text(st.characters(exclude_categories=[]), max_size=40) | st.text("ab", max_size=40)


@given(TEXTS, TEXTS)
def test_a_delta_gives_the_text_again(base: str, text: str) -> None:
    delta = between(base, text)
    assert apply(base, delta) == text
    assert delta.head + delta.tail <= min(len(base), len(text))
    assert len(delta.middle) == len(text) - delta.head - delta.tail


@given(TEXTS, TEXTS, TEXTS)
def test_it_holds_no_more_than_what_was_put_in(head: str, tail: str, new: str) -> None:
    base, text = head + tail, head + new + tail
    delta = between(base, text)
    assert apply(base, delta) == text
    assert len(delta.middle) <= len(new)


@given(TEXTS, TEXTS, TEXTS)
def test_what_was_taken_out_costs_nothing(head: str, tail: str, old: str) -> None:
    delta = between(head + old + tail, head + tail)
    assert delta.middle == ""
    assert apply(head + old + tail, delta) == head + tail
