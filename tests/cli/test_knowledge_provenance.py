"""Memory, lineage, backfill, expiry and deletion from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from motet.cli.knowledge import command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "note.txt").write_text("The oak table costs 500 euros at Stoll GmbH.\n")
    (tmp_path / "motet.yaml").write_text("system: kept\nmemory: user\nknowledge: [./docs]\n")
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "no-cache"))
    from motet.system import load

    with load(tmp_path / "motet.yaml") as system:
        system.ingest()
    return tmp_path


def run(folder: Path, *words: str) -> Any:
    """Return what a command prints as JSON."""
    found = CliRunner().invoke(command, [*words, "--json", "-s", str(folder)])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_what_is_known_is_followed_forgotten_and_deleted(folder: Path) -> None:
    said = ("memory", "add", "Ana prefers the oak table", "--user", "ana", "--at", "2026-03-01")
    made = run(folder, *said)["memory"]
    assert made["at"] == "2026-03-01T00:00:00.000+00:00"
    assert made["facts"][0]["value"] == "the oak table"
    assert run(folder, "memory", "list", "--user", "bob")["memories"] == []
    chain = run(folder, "lineage", "Ana", "--user", "ana")["lineage"]
    assert made["id"] in json.dumps(chain)
    assert run(folder, "backfill", "--dry-run")["due"] == []
    assert run(folder, "expire")["expired"] == []
    assert run(folder, "memory", "forget", "--user", "ana", "--age", "1d")["forgotten"] == 1
    assert run(folder, "delete", "docs/note.txt")["left"] == []
    assert run(folder, "list")["sources"] == []
    assert (folder / "docs" / "note.txt").exists()


MISTAKES = {
    ("memory", "forget"): "say what to forget",
    ("memory", "forget", "--age", "soon"): "this is no age",
    ("memory", "add", "What?"): "nothing to remember",
    ("memory", "add", "I like oak", "--at", "noon"): "this is no time",
    ("lineage", "claim:99"): "nothing known by that name or id",
    ("delete", "docs/nothing.txt"): "no such source",
}


def test_mistakes_are_answered_in_a_line(folder: Path) -> None:
    for words, message in MISTAKES.items():
        found = CliRunner().invoke(command, [*words, "-s", str(folder)])
        assert message in str(found.exception)
