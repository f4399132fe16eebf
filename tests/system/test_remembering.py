"""Runs remember what was said to them, and recall it for whoever said it alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import motet
from motet.core.errors import RunError
from motet.knowledge.provenance.viewer import Viewer

DECLARED = "system: kept\nmemory: {memory}\nmodels: [expert/reader]\nknowledge: [./docs]\n"
ASKED = "Which lamp do I prefer?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "open.txt").write_text("The oak table has a warranty of five years.\n")
    (tmp_path / "motet.yaml").write_text(DECLARED.format(memory="user"))
    return tmp_path


@pytest.fixture
def system(folder: Path) -> Iterator[motet.System]:
    with motet.load(folder / "motet.yaml") as found:
        yield found


def test_only_whoever_said_it_is_answered_from_it(system: motet.System) -> None:
    system.ask("I prefer the brass lamp.", user="ana", session="s1")
    mine = system.ask(ASKED, user="ana", session="s2")
    assert "brass" in mine.text
    assert all(each.source.startswith("memory:run_") for each in mine.citations)
    (cited,) = {each.source for each in mine.citations}
    assert system.store.text(cited).text == "I prefer the brass lamp."
    assert system.ask(ASKED, user="bob").abstained
    unknown = system.ask(ASKED)
    assert unknown.abstained
    (warning,) = system.journal.get(unknown.run).warnings
    assert "no user is named" in warning
    assert [each.at for each in system.memory.list()] == [
        system.journal.get(cited.split(":")[1].split("/")[0]).started
    ]


def test_documents_come_before_what_was_answered_once(system: motet.System) -> None:
    asked = "How long is the warranty of the oak table?"
    for _ in range(2):
        answer = system.ask(asked, user="ana")
        assert [each.source for each in answer.citations] == ["docs/open.txt"]
    plan = {node.operator: node for node in system.journal.get(answer.run).physical().nodes}
    assert plan["remember"].effect == "idempotent"
    assert plan["gather"].inputs == ("retrieve", "recall")


def test_a_plan_that_recalls_is_of_no_use_to_nobody(system: motet.System) -> None:
    plan = system.plan(ASKED, viewer=Viewer("ana"))
    with pytest.raises(RunError, match="nobody says whose memory is meant"):
        system.analyze(ASKED, plan)
    assert system.analyze(ASKED, plan, user="ana").abstained


def test_a_session_keeps_to_itself(folder: Path) -> None:
    (folder / "motet.yaml").write_text(DECLARED.format(memory="session"))
    with motet.load(folder / "motet.yaml") as system:
        system.ask("I prefer the brass lamp.", user="ana", session="s1")
        assert "brass" in system.ask(ASKED, user="ana", session="s1").text
        assert system.ask(ASKED, user="ana", session="s2").abstained
        assert system.ask(ASKED, user="bob", session="s1").abstained
