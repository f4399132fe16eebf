"""Runs as HTML pages, written by the command."""

from __future__ import annotations

from pathlib import Path

import pytest
from motet_process import motet

KITCHEN = Path(__file__).resolve().parents[2] / "examples" / "kitchen"
QUESTION = "How much is a membership?"


def test_a_run_over_the_kitchen_has_a_page(tmp_path: Path) -> None:
    question = "How long is the warranty on a hinge?"
    page = tmp_path / "run.html"
    words = ("explain", question, "--analyze", "--html", "run.html", "-s", str(KITCHEN))
    done = motet(*words, at=tmp_path, env={"MOTET_HOME": str(tmp_path / "state")})
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[-1] == "wrote run.html"
    assert any(line.startswith("* critical path: retrieve → answer") for line in lines)
    assert any("% of time" in line for line in lines)
    text = page.read_text(encoding="utf-8")
    assert f"<title>{question} · run_" in text
    assert text.count('class="done critical"') >= 2
    assert {each.name for each in tmp_path.iterdir()} == {"run.html", "state"}


def test_a_recorded_run_has_a_page(workshop: Path, tmp_path: Path) -> None:
    run = motet("ask", QUESTION, "--json", at=workshop).json["run"]
    page = tmp_path / "page.html"
    page.write_text("an old page")
    shown = motet("trace", "show", run, "--html", str(page), at=workshop)
    assert (shown.code, shown.out.splitlines()[-1]) == (0, f"wrote {page}")
    assert run in page.read_text(encoding="utf-8")
    plain = motet("trace", "show", run, "--json", at=workshop)
    both = motet("trace", "show", run, "--json", "--html", str(page), at=workshop)
    assert both.out == plain.out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["explain", QUESTION, "--html", "a.html"], "--html: it shows what happened"),
        (["explain", QUESTION, "--analyze", "--html", "no/a.html"], "--html no/a.html: no such fo"),
        (["explain", QUESTION, "--analyze", "--html", "."], "--html .: it is a folder"),
        (["trace", "show", "run_0", "--html", "no/a.html"], "--html no/a.html: no such folder"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_runs(
    shop: Path, words: list[str], reason: str
) -> None:
    done = motet(*words, at=shop)
    assert (done.code, done.out) == (2, "")
    [line] = done.err.splitlines()
    assert line.startswith(f"motet: {reason}")
    assert not (shop / ".motet" / "runs.db").exists()


def test_a_full_or_closed_place_leaves_no_half_page(workshop: Path, tmp_path: Path) -> None:
    run = motet("ask", QUESTION, "--json", at=workshop).json["run"]
    name = "x" * 300 + ".html"
    done = motet("trace", "show", run, "--html", str(tmp_path / name), at=workshop)
    assert done.code == 3
    assert len(done.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
