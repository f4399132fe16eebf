"""The name finder on the installed base encoder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.errors import SetupNeeded
from motet.core.graph import Named
from motet.core.protocols import NameFinder
from motet.models.encoder import is_installed
from motet.models.experts.ner import Finder, load_names

pytestmark = pytest.mark.encoder

TEXTS = (
    "Angela Merkel met Barack Obama in Berlin on Tuesday.",
    "Please send the invoice to John Smith at Microsoft before Friday.",
    "The oak hinge is supplied by Acme Works Ltd. and stored in Rotterdam.",
    "nothing to see here, just a few plain words about chairs and tables",
    "",
    "🪑 Übersicht — Ærø: Jörg Müller lives in Łódź, Poland. 🪑",
)


@pytest.fixture(scope="module")
def finder() -> Finder:
    if not is_installed():
        pytest.skip("the base encoder is not installed: run `motet setup`")
    return load_names()


@pytest.fixture(scope="module")
def alone(finder: Finder) -> dict[str, list[Named]]:
    return {text: finder.find([text])[0] for text in TEXTS}


def found(finder: Finder, text: str) -> set[tuple[str, str]]:
    return {(text[name.start : name.end], name.label) for name in finder.find([text])[0]}


def test_is_a_name_finder(finder: Finder) -> None:
    as_protocol: NameFinder = finder
    assert as_protocol.name


def test_finds_people_organisations_and_places(finder: Finder) -> None:
    assert found(finder, TEXTS[0]) == {
        ("Angela Merkel", "person"),
        ("Barack Obama", "person"),
        ("Berlin", "place"),
    }
    assert found(finder, TEXTS[1]) == {("John Smith", "person"), ("Microsoft", "organisation")}
    assert ("Rotterdam", "place") in found(finder, TEXTS[2])


def test_finds_no_names_where_there_are_none(finder: Finder) -> None:
    assert finder.find([TEXTS[3], TEXTS[4], " \n "]) == [[], [], []]
    assert finder.find([]) == []


def test_ranges_count_code_points(finder: Finder) -> None:
    assert {("Jörg Müller", "person"), ("Łódź", "place"), ("Poland", "place")} <= found(
        finder, TEXTS[5]
    )


@settings(max_examples=15, deadline=None)
@given(chosen=st.lists(st.sampled_from(TEXTS), max_size=12))
def test_result_does_not_depend_on_the_other_texts(
    finder: Finder, alone: dict[str, list[Named]], chosen: list[str]
) -> None:
    assert finder.find(chosen) == [alone[text] for text in chosen]


def test_threads_do_not_change_the_result(alone: dict[str, list[Named]]) -> None:
    assert load_names(threads=1).find(TEXTS) == [alone[text] for text in TEXTS]


def test_reads_no_script_that_the_encoder_does_not_know(finder: Finder) -> None:
    text = "安格拉·默克尔在柏林会见了奥巴马。"
    assert not finder.can_read(text)
    assert finder.find([text, TEXTS[0]])[0] == []


def test_finds_a_name_anywhere_in_a_long_text(finder: Finder) -> None:
    filler = "The kitchen is cleaned every morning and the floor is swept with a broom. "
    fact = "Then Angela Merkel came to Berlin. "
    for before in (0, 10, 11, 12, 20):
        text = filler * before + fact + filler * 8
        assert found(finder, text) == {("Angela Merkel", "person"), ("Berlin", "place")}


def test_no_name_goes_on_after_a_line_by_itself(finder: Finder) -> None:
    text = "Bill to: Jane Doe\nGlobex Corporation\nBoston"
    assert all("\n" not in name for name, _ in found(finder, text))


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=60))
def test_names_of_any_text_are_in_order_and_within_it(finder: Finder, text: str) -> None:
    place = 0
    for name in finder.find([text])[0]:
        assert place <= name.start < name.end <= len(text)
        assert 0.0 <= name.score <= 1.0
        place = name.end


def test_missing_base_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path))
    with pytest.raises(SetupNeeded, match="motet setup"):
        load_names()
