"""The reader on the installed base encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from motet.core.errors import SetupNeeded
from motet.core.protocols import Span, SpanReader
from motet.models.encoder import is_installed
from motet.models.experts.reader import Reader, load_reader
from motet.models.experts.reader.evidence import LONGEST
from motet.models.experts.reader.reader import NOTHING

pytestmark = pytest.mark.encoder

PASSAGES = (
    "The oak hinge is supplied by Acme Works. It costs 3.20 EUR and lasts for ten years.",
    "name: walnut shelf; supplier: Brel & Sons; price: 41.00\n"
    "name: steel bracket; supplier: Nordic Metal; price: 2.75",
    "Our office closes at four on Fridays. The kitchen is cleaned on Mondays.",
    "",
    "Guarantee\n- drawers: 24 months\n- hinges: 60 months\n- lamps: 12 months",
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    if not is_installed():
        pytest.skip("the base encoder is not installed: run `motet setup`")
    return load_reader()


def answer(reader: Reader, question: str) -> str:
    best = max(reader.read(question, PASSAGES), key=lambda span: span.score)
    return PASSAGES[best.passage][best.start : best.end]


def test_is_a_span_reader(reader: Reader) -> None:
    as_protocol: SpanReader = reader
    assert as_protocol.name


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who supplies the oak hinge?", "Acme Works"),
        ("What does the steel bracket cost?", "2.75"),
        ("Who is the supplier of the walnut shelf?", "Brel & Sons"),
        ("When does the office close on Fridays?", "four"),
        ("How long is the guarantee of hinges?", "60 months"),
    ],
)
def test_finds_answers_in_prose_rows_and_lists(
    reader: Reader, question: str, expected: str
) -> None:
    assert expected in answer(reader, question)


def test_result_does_not_depend_on_the_other_passages(reader: Reader) -> None:
    question = "Who supplies the oak hinge?"
    together = reader.read(question, PASSAGES * 3)
    for place, passage in enumerate(PASSAGES * 3):
        [alone] = reader.read(question, [passage])
        span = together[place]
        assert (span.start, span.end, span.score) == (alone.start, alone.end, alone.score)


def test_spans_come_in_order_and_lie_in_their_passages(reader: Reader) -> None:
    spans = reader.read("How much?", PASSAGES)
    assert [span.passage for span in spans] == list(range(len(PASSAGES)))
    for span in spans:
        assert 0 <= span.start <= span.end <= len(PASSAGES[span.passage])


def test_passage_without_words_has_the_empty_span(reader: Reader) -> None:
    assert reader.read("Who?", ["", " \n "]) == [Span(0, 0, 0, NOTHING), Span(1, 0, 0, NOTHING)]
    assert reader.read("Who?", []) == []
    assert reader.answerable("Who?", [""], reader.read("Who?", [""])) == 0.0
    assert reader.answerable("Who?", [], []) == 0.0


def test_finds_the_answer_anywhere_in_a_long_passage(reader: Reader) -> None:
    filler = "The kitchen is cleaned on Mondays and the floor is swept with a broom. " * 12
    fact = "The oak hinge is supplied by Acme Works. "
    for text in (fact + filler * 3, filler + fact + filler * 2, filler * 3 + fact):
        [span] = reader.read("Who supplies the oak hinge?", [text])
        assert text[span.start : span.end] == "Acme Works"


def test_no_span_begins_in_what_is_to_be_skipped(reader: Reader) -> None:
    heading, body = "Acme Works > Acme Works makes hinges\n", "They also make shelves of oak."
    question = "Who makes hinges?"
    [span] = reader.read(question, [heading + body], [len(heading)])
    assert len(heading) <= span.start < span.end
    [nothing] = reader.read(question, [heading], [len(heading)])
    assert (nothing.start, nothing.end, nothing.score) == (0, 0, NOTHING)


def test_offsets_count_code_points(reader: Reader) -> None:
    text = "🪑 Übersicht — Ærø. The oak hinge is supplied by Łódź Works. 🪑"
    [span] = reader.read("Who supplies the oak hinge?", [text])
    assert text[span.start : span.end] == "Łódź Works"


def test_question_longer_than_a_window_is_cut(reader: Reader) -> None:
    [span] = reader.read("hinge " * 700, ["The oak hinge is supplied by Acme Works."])
    assert span.end > span.start


def test_words_without_end_stay_within_the_longest_span(reader: Reader) -> None:
    text = " ".join(["word"] * 900)
    [span] = reader.read("Which word?", [text])
    assert len(text[span.start : span.end].split()) <= LONGEST


def test_knows_what_the_passages_do_not_say(reader: Reader) -> None:
    def chance(question: str) -> float:
        return reader.answerable(question, PASSAGES, reader.read(question, PASSAGES))

    said = [chance("Who supplies the oak hinge?"), chance("When is the kitchen cleaned?")]
    unsaid = [chance("Who won the battle of Waterloo?"), chance("How deep is Lake Baikal?")]
    assert all(0.0 <= value <= 1.0 for value in said + unsaid)
    assert min(said) > 0.5 > max(unsaid)


def test_answers_people_s_questions(reader: Reader) -> None:
    """Twenty questions of SQuAD's development set (CC BY-SA 4.0), none seen in training."""
    rows = json.loads(Path(__file__).with_name("squad_rows.json").read_text("utf-8"))["rows"]
    right = 0
    for row in rows:
        [span] = reader.read(row["question"], [row["context"]])
        found = row["context"][span.start : span.end]
        right += any(found in known or known in found for known in row["answers"])
    assert right >= 0.7 * len(rows)


def test_missing_base_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path))
    with pytest.raises(SetupNeeded, match="motet setup"):
        load_reader()
