"""Seals travel through foreign dialects and come back unchanged."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.core.chat import Seal
from motet.models.dialects.seals import sealed, unsealed

NAMES = ["openai", "responses", "anthropic", "gemini"]
names = st.sampled_from(NAMES)
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ids = st.none() | st.from_regex(r"[a-z]{2}_[0-9a-f]{1,8}", fullmatch=True)


@given(st.builds(Seal, names, values | values.map("motet:{}".format), ids), names)
def test_a_foreign_seal_comes_back(seal: Seal, dialect: str) -> None:
    text = sealed(seal, dialect)
    assert text is not None
    back = unsealed(text, dialect)
    assert (back.dialect, back.value) == (seal.dialect, seal.value)
    if seal.dialect != dialect:
        assert back.id == seal.id


@pytest.mark.parametrize("dialect", NAMES)
def test_an_own_seal_stays_as_it_is(dialect: str) -> None:
    assert sealed(Seal(dialect, "EqQBCg=="), dialect) == "EqQBCg=="
    assert unsealed("EqQBCg==", dialect) == Seal(dialect, "EqQBCg==")


def test_no_seal_is_no_text() -> None:
    assert sealed(None, "anthropic") is None


def test_the_envelope_names_its_owner() -> None:
    seal = Seal("responses", "gAAAA", "rs_1")
    assert sealed(seal, "anthropic") == "motet:responses#rs_1:gAAAA"
    inside = base64.b64encode(b"motet:responses#rs_1:gAAAA").decode()
    assert sealed(seal, "gemini") == inside


@pytest.mark.parametrize("text", ["", "motet:", "motet::x", "motet:anthropic", "bW90ZXQ6", "%%%"])
@pytest.mark.parametrize("dialect", NAMES)
def test_what_is_no_envelope_is_the_dialects_own(text: str, dialect: str) -> None:
    assert unsealed(text, dialect) == Seal(dialect, text)
