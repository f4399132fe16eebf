"""The shipped system graph-builder: files, schema, approval, build, and an answer with its path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

import motet
from motet.core.errors import ApprovalNeeded, UsageError
from motet.knowledge.structure.proposals import Proposals
from motet.system import System

KITCHEN = Path(__file__).resolve().parents[2] / "examples" / "kitchen" / "documents"
FILES = (
    "parts.csv",
    "suppliers.csv",
    "mail/2025-05-12-wobbly-legs.eml",
    "reviews/birka-180-olga-p.md",
    "reviews/moss-65-kenji-s.md",
)
QUESTION = "Which supplier is behind the wobbly-leg complaints?"


@pytest.fixture
def builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """The system at work on a few files, by words alone."""
    work = tmp_path / "work"
    for name in FILES:
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        copy(KITCHEN / name, work / name)
    monkeypatch.chdir(work)
    monkeypatch.delenv("MOTET_HOME", raising=False)
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "cache"))
    with motet.load("graph-builder") as system:
        system.ingest(["."])
        yield system


def paused(system: System) -> str:
    with pytest.raises(ApprovalNeeded) as waits:
        system.ask("suppliers of parts", skill="build", ingest=False)
    return str(waits.value.where)


def approve(system: System, run: str) -> None:
    [question] = [span for span in system.journal.get(run).nodes if span.operator == "approve"]
    motet.answer(run, question.node, home=system.home)


def test_a_person_approves_what_they_saw_and_the_graph_answers(builder: System) -> None:
    proposals = Proposals(builder.store)
    seen = paused(builder)
    Path("dealers.csv").write_text("dealer_id,name\nD-01,Grewe\nD-02,Oak Room\n")
    builder.ingest()
    approve(builder, seen)
    with pytest.raises(UsageError, match="the tables changed since"):
        builder.resume(seen)
    assert proposals.approved() is None

    seen = paused(builder)
    approve(builder, seen)
    built = builder.resume(seen).value()
    assert built == {
        "hash": proposals.all()[0].hash,
        "built": ["dealers.csv", "parts.csv", "suppliers.csv"],
    }
    answer = builder.ask(QUESTION, ingest=False)
    assert answer.text.startswith("Carpathia Oak SRL.")
    assert "Turned leg 720 mm (BK-L1): supplier Carpathia Oak SRL" in answer.text
    cited = {each.source: each.text for each in answer.citations}
    assert cited["suppliers.csv"].startswith("S-05,Carpathia Oak SRL")
    assert cited["parts.csv"].startswith("76,BK-L1,Turned leg 720 mm,BK-180")
    assert "mail/2025-05-12-wobbly-legs.eml" in cited


def test_outside_a_run_no_system_is_running() -> None:
    with pytest.raises(UsageError, match="no system is running here"):
        System.running()
