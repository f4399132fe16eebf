"""Figures of candidates, who is beaten by nobody, and how it is shown."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from motet.learning.comparison import Comparison, Outcome, compared, pareto
from motet.learning.page import page
from motet.learning.plot import letter, plot
from motet.learning.questions import Question, QuestionSet
from motet.learning.table import domains, errors, table, verdicts

SIZE = 20


def outcomes(
    share: float, *, seconds: float = 1.0, cost: float | None = 0.0, error: str | None = None
) -> list[Outcome]:
    return [
        Outcome(
            "said", float(place < share * SIZE), seconds, cost=cost, input_tokens=10, error=error
        )
        for place in range(SIZE)
    ]


def comparison(**found: list[Outcome]) -> Comparison:
    questions = tuple(Question(f"<q{place}> & co?", ("said",)) for place in range(SIZE))
    kinds = ["law"] * 5 + ["code"] * (SIZE - 5)
    return compared(QuestionSet("set.jsonl", questions), "exact", found, kinds)


def test_figures_sum_up_the_outcomes():
    slow = outcomes(0.5)
    slow[0] = Outcome("", 0.0, 9.0, error="it broke")
    slow[1] = Outcome("", 1.0, 5.0, abstained=True, cost=0.2, input_tokens=30)
    [figures] = comparison(a=slow).figures
    assert figures.quality.mean == pytest.approx(9 / 20)
    assert (figures.p50, figures.p95) == (1.0, 5.0)
    assert figures.cost == pytest.approx(0.2 / 19)
    assert figures.input_tokens == pytest.approx((18 * 10 + 30) / 19)
    assert (figures.abstained, figures.failed) == (1, 1)
    count, quality = figures.domains["law"]
    assert (count, quality.mean) == (5, 0.8)


def test_an_unknown_price_makes_the_cost_unknown():
    some = outcomes(0.5)
    some[3] = Outcome("said", 1.0, 1.0, cost=None)
    [figures] = comparison(a=some).figures
    assert figures.cost is None


@pytest.mark.parametrize(
    ("other", "front"),
    [
        (outcomes(0.4), {"a"}),
        (outcomes(0.6), {"b"}),
        (outcomes(0.4, seconds=0.5), {"a", "b"}),
        (outcomes(0.4, seconds=0.98), {"a"}),
        (outcomes(0.5, cost=1.0), {"a"}),
        (outcomes(0.5, cost=None), {"a", "b"}),
        (outcomes(0.5), {"a", "b"}),
        (outcomes(0.0, error="down"), {"a"}),
    ],
    ids=["worse", "better", "faster", "chance", "dearer", "unknown", "equal", "down"],
)
def test_the_front_holds_whom_nobody_beats(other, front):
    assert pareto(comparison(a=outcomes(0.5), b=other).figures) == front


def test_the_table_is_ordered_by_quality_and_the_plot_names_all():
    found = comparison(low=outcomes(0.2, cost=0.001), high=outcomes(0.9, cost=0.5))
    lines = table(found).splitlines()
    assert lines[1].startswith("B high")
    assert lines[2].startswith("A low")
    drawn = plot(found.figures)
    assert "●A low" in drawn
    assert "●B high" in drawn
    assert "USD a question" in drawn
    assert "significant" in verdicts(found)
    assert "law (5): A 0.80, B 1.00" in domains(found)


def test_the_plot_shows_all_where_they_coincide():
    same = {f"m{place}": outcomes(0.5) for place in range(30)}
    drawn = plot(comparison(**same).figures)
    field = drawn.split("└")[0]
    assert all(f"●{letter(place)}" in field for place in range(18))
    assert letter(27) == "AB"


def test_nothing_that_came_is_not_plotted():
    found = comparison(a=outcomes(0, error="down", cost=None))
    assert plot(found.figures) == ""
    assert "No answer came" in page(found)


def test_errors_are_counted_and_cut():
    found = comparison(
        a=[Outcome("", 0, 0, error=f"e{place % 4}") for place in range(SIZE)], b=outcomes(1)
    )
    assert errors(found) == [
        "a: 5 of 20 failed: e0",
        "a: 5 of 20 failed: e1",
        "a: 10 of 20 failed in other ways",
    ]


def test_the_page_is_whole_and_needs_nothing_from_elsewhere():
    hostile = [Outcome("</td><script>alert(1)</script>", 0, 1.0) for _ in range(SIZE)]
    text = page(comparison(**{"<b>a": hostile, "b": outcomes(0.5, cost=0.1)}))
    body = text.removeprefix("<!doctype html>\n").replace('<meta charset="utf-8">', "")
    for name in ("http-equiv", "viewport"):
        start = body.index("<meta ")
        assert name in body[start : body.index(">", start)]
        body = body[:start] + body[body.index(">", start) + 1 :]
    tree = ElementTree.fromstring(body)
    assert tree.get("lang") == "en"
    assert len(tree.findall(".//tr")) > SIZE
    assert all(each.find("caption") is not None for each in tree.iter("table"))
    [drawing] = tree.iter("svg")
    assert drawing.get("role") == "img"
    named = drawing.get("aria-labelledby").split()
    assert {each.get("id") for each in drawing if each.tag in ("title", "desc")} == set(named)
    assert "<script" not in text
    assert "http://" not in text.replace("http-equiv", "")
    assert "https://" not in text
    assert "src=" not in text
    assert "prefers-color-scheme: dark" in text
    assert "default-src 'none'" in text


def test_a_long_set_is_cut_on_the_page_and_says_so():
    questions = tuple(Question(f"q{place}?", ("x",)) for place in range(600))
    found = [Outcome("x", 1.0, 1.0, cost=0.0)] * 600
    text = page(compared(QuestionSet("s", questions), "exact", {"a": found}, ["law"] * 600))
    assert "100 more are left out" in text
    assert "q499?" in text
    assert "q500?" not in text
