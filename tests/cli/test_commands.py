"""The commands as a new user meets them."""

from __future__ import annotations

import hashlib
import importlib
from pathlib import Path

import click
import pytest
from motet_process import motet

from motet.cli.main import COMMANDS, SUMMARIES

QUESTION = "How much is a membership?"


def every_command() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [()]
    for name, module in COMMANDS.items():
        found.append((name,))
        command = importlib.import_module(f"motet.cli.{module}").command
        if isinstance(command, click.Group):
            found += [(name, each) for each in command.commands]
    return found


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_help_has_an_example(words: tuple[str, ...], tmp_path: Path) -> None:
    done = motet(*words, "--help", at=tmp_path)
    assert done.code == 0
    assert "Example: motet " + " ".join(words) in done.out
    assert list(tmp_path.iterdir()) == []


def test_summaries_are_the_first_lines_of_the_commands_help() -> None:
    for name, module in COMMANDS.items():
        command = importlib.import_module(f"motet.cli.{module}").command
        assert command.help.splitlines()[0] == SUMMARIES[name]


def leaves(command: click.Command) -> list[click.Command]:
    """Return the commands of a group and of the groups in it; a command is its own."""
    if not isinstance(command, click.Group):
        return [command]
    return [leaf for each in command.commands.values() for leaf in leaves(each)]


def test_every_command_but_groups_takes_json() -> None:
    for module in COMMANDS.values():
        for leaf in leaves(importlib.import_module(f"motet.cli.{module}").command):
            assert any("--json" in each.opts for each in leaf.params), leaf.name


def test_no_command_shows_help(tmp_path: Path) -> None:
    done = motet(at=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "ask " in done.out


@pytest.mark.encoder
def test_first_minutes(tmp_path: Path) -> None:
    wrote = motet("init", "shop", at=tmp_path)
    assert wrote.out.splitlines()[-1] == f'Next: cd shop && motet ask "{QUESTION}"'
    shop = tmp_path / "shop"
    answer = motet("ask", QUESTION, "--trace", at=shop)
    assert answer.code == 0, answer.err
    first, blank, cited, *_ = answer.out.splitlines()
    assert "38 euros" in first
    assert first.endswith(" [1]")
    assert blank == ""
    assert cited.startswith("[1] documents/handbook.md, characters ")
    assert "retrieve" in answer.out
    assert answer.err == ""
    refusal = motet("ask", "Who painted the Mona Lisa?", at=shop)
    assert (refusal.code, refusal.out, refusal.err) == (0, "The sources do not say.\n", "")
    (shop / "documents" / "notice.txt").write_text("The parking lot is closed on Mondays.\n")
    again = motet("ask", "When is the parking lot closed?", at=shop)
    assert "on Mondays" in again.out
    stale = motet("ask", "When is the parking lot closed?", "--no-ingest", "--json", at=shop)
    assert stale.json["abstained"] is False


@pytest.mark.encoder
def test_citations_are_the_text_of_the_source(workshop: Path) -> None:
    answer = motet("ask", QUESTION, "--json", at=workshop).json
    [citation] = answer["citations"]
    text = motet("knowledge", "text", citation["source"], at=workshop).out
    assert text[citation["start"] : citation["end"]] == citation["text"]
    original = (workshop / citation["source"]).read_bytes()
    assert text.encode() == original
    assert hashlib.sha256(original).hexdigest() == citation["version"]


def test_the_system_is_named_by_file_folder_or_found_upwards(workshop: Path) -> None:
    below = workshop / "documents"
    for words in ([], ["-s", ".."], ["-s", str(workshop / "motet.yaml")]):
        assert motet("trace", "list", "--json", *words, at=below).json["system"] == "workshop"


def test_a_folder_without_declaration_answers_from_what_was_ingested(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("The parking lot is closed on Mondays.\n")
    assert motet("ingest", "note.txt", at=tmp_path).code == 0
    found = motet("search", "parking", "--json", at=tmp_path).json
    assert [hit["source"] for hit in found["hits"]] == ["note.txt"]


def test_state_lives_where_motet_home_says(shop: Path, tmp_path: Path) -> None:
    home = tmp_path / "state"
    assert motet("ingest", at=shop, env={"MOTET_HOME": str(home)}).code == 0
    assert {"store.db", "runs.db"} <= {each.name for each in home.iterdir()}
    assert not (shop / ".motet").exists()


def test_one_bad_file_stops_nothing_and_says_why(shop: Path) -> None:
    (shop / "documents" / "broken.pdf").write_bytes(b"%PDF-1.4\nbroken")
    done = motet("ingest", at=shop)
    assert done.code == 0
    assert done.err.startswith("motet: skipped documents/broken.pdf: ")
    assert "3 added" in done.out
    named = motet("ingest", "documents/broken.pdf", "--json", at=shop)
    assert named.code == 1
    assert [each["source"] for each in named.json["failed"]] == ["documents/broken.pdf"]


def test_init_overwrites_nothing(shop: Path) -> None:
    before = (shop / "motet.yaml").read_bytes()
    again = motet("init", at=shop)
    assert again.code == 2
    assert "nothing was changed" in again.err
    assert (shop / "motet.yaml").read_bytes() == before


def test_doctor_finds_what_is_broken(shop: Path) -> None:
    assert motet("doctor", at=shop).code == 0
    (shop / ".motet" / "runs.db").write_bytes(b"no database" * 100)
    broken = motet("doctor", "--json", at=shop)
    assert broken.code == 1
    assert broken.json["ok"] is False
