"""A source is deleted from all that a system keeps: store, runs, memory, kept answers."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

import motet
from motet.core.traces import REDACTED
from motet.erasure import Eraser
from motet.gateway.cache import AnswerCache, Kept

WORDS = [f"{secrets.token_hex(4)}oil" for _ in range(24)]
SECRET = (
    f"The zanzibar varnish needs seventeen drops of {WORDS[0]} essence and patience.\n\n"
    f"It also takes {' '.join(WORDS[1:])}.\n"
)
DECLARED = "system: kept\nmemory: user\nmodels: [expert/reader]\nknowledge: [./docs]\n"


@pytest.fixture
def system(tmp_path: Path) -> Iterator[motet.System]:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "secret.txt").write_text(SECRET)
    (tmp_path / "docs" / "open.txt").write_text("The oak table has a warranty of five years.\n")
    (tmp_path / "motet.yaml").write_text(DECLARED)
    with motet.load(tmp_path / "motet.yaml") as found:
        yield found


def left(home: Path) -> list[str]:
    """Return the words of the source that some file of a folder holds, in any encoding."""
    found = [each.read_bytes() for each in home.rglob("*") if each.is_file()]
    forms = {
        word: {word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be"),
               json.dumps(word)[1:-1].encode()}
        for word in WORDS
    }  # fmt: skip
    return [w for w, signs in forms.items() if any(s in data for s in signs for data in found)]


def test_nothing_of_a_deleted_source_is_left_in_the_state_folder(system: motet.System) -> None:
    asked = "What does the zanzibar varnish need?"
    first = system.ask(asked, user="ana")
    system.ask("I prefer oak.", user="ana")
    other = system.ask("How long is the warranty of the oak table?", user="ana")
    assert WORDS[0] in first.text
    cache = AnswerCache(system.home / "cache.db", 60.0)
    cache.keep(b"key", Kept("openai", False, "model", SECRET.encode()))
    cache.close()
    assert left(system.home)

    done = Eraser(system.store, system.journal, system.memory, system.home).erase("docs/secret.txt")

    assert (done.left, left(system.home)) == ([], [])
    assert (done.runs, done.answers) == ([first.run], 1)
    assert done.memories == [f"memory:{first.run}/remember"]
    assert system.journal.get(first.run).summary()["question"] == asked
    assert system.journal.get(first.run).to_json()["answer"]["answer"] == REDACTED  # type: ignore[index, call-overload]
    assert system.resume(other.run).text == other.text
    assert [each.text for each in system.memory.list(user="ana")][-1] == "I prefer oak."
    assert system.ask(asked, user="ana").abstained
    assert (
        Eraser(system.store, system.journal, system.memory, system.home)
        .erase("docs/secret.txt")
        .again
    )
    assert (system.base / "docs" / "secret.txt").exists()
