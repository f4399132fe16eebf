"""What goes wrong is told in one line, with the right exit code and, under --json, an object."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path

import apsw
import pytest
from motet_process import Done, motet

NOT_ROOT = () if os.geteuid() else ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
"""What a command is run through so that file permissions hold for it too."""

BROKEN = "system: a b\nmodls: [expert/reader]\n"
SYSTEM = "system: shop\nknowledge: [./documents]\n"

# (id, words, what motet.yaml says, exit code, what the message names)
TABLE: list[tuple[str, Sequence[str], str | None, int, str]] = [
    ("no question", ["ask"], None, 2, "missing argument 'QUESTION'"),
    ("empty question", ["ask", ""], None, 2, "the question is empty"),
    ("blank question", ["ask", " \n\t"], None, 2, "the question is empty"),
    ("empty standard input", ["ask", "-"], None, 2, "the question is empty"),
    ("empty search", ["search", ""], None, 2, "the question is empty"),
    ("empty explain", ["explain", ""], None, 2, "the question is empty"),
    ("endless question", ["ask", "why " * 26_000], None, 2, "longer than 100000 characters"),
    ("two questions", ["ask", "a", "b"], None, 2, "extra argument"),
    ("unknown option", ["ask", "a", "--bogus"], None, 2, "no such option '--bogus'"),
    ("unknown command", ["akk", "a"], None, 2, "did you mean ask?"),
    ("missing system", ["search", "a", "-s", "./nope"], None, 2, "no such file or folder"),
    ("missing served system", ["serve", "./nope"], None, 2, "./nope: no such file or folder"),
    ("no declaration", ["ask", "a", "-s", "documents"], None, 2, "there is no declaration here"),
    ("wrong declaration", ["ask", "a"], BROKEN, 2, "motet.yaml:1:9: system: expected a name"),
    ("not yaml", ["ask", "a"], "system: [", 2, "motet.yaml:1"),
    (
        "missing knowledge",
        ["ask", "a"],
        "system: a\nknowledge: ./nope\n",
        2,
        "./nope: no such file",
    ),
    ("no knowledge", ["ask", "a"], "system: a\n", 2, "there are no documents to answer from"),
    ("unknown model", ["ask", "a", "--model", "expert/readr"], None, 2, "nearest: expert/reader"),
    (
        "unknown expert",
        ["ask", "a"],
        "system: a\nmodels: [expert/rader]\n",
        2,
        "nearest: expert/reader",
    ),
    (
        "unknown provider",
        ["ask", "a"],
        "system: a\nmodels: [opnai/x]\n",
        2,
        "did you mean openai/x?",
    ),
    ("unreachable", ["ask", "a"], "system: a\nmodels: [ollama/x]\n", 3, "nothing listens at"),
    ("no key", ["ask", "a"], "system: a\nmodels: [openai/x]\n", 3, "OPENAI_API_KEY is not set"),
    ("unknown pin", ["explain", "a", "--pin", "retrieve=x"], None, 2, "no such choice"),
    ("wrong pin", ["explain", "a", "--pin", "x"], None, 2, "expected OPERATOR=CHOICE"),
    ("no such run", ["trace", "show", "run_0"], None, 2, "run_0: no such run"),
    ("no such source", ["knowledge", "text", "nope"], None, 2, "nope: no such source"),
    (
        "other version",
        ["knowledge", "text", "documents/notice.txt", "--version", "0"],
        None,
        2,
        "version 0 is not held",
    ),
    ("no such path", ["ingest", "nope.txt"], None, 2, "nope.txt: no such file or folder"),
    ("no such count", ["search", "a", "-k", "0"], None, 2, "not in the range"),
    ("no such wheel", ["setup", "--from", "nope"], None, 2, "'nope' does not exist"),
    ("open door", ["serve", "--host", "0.0.0.0"], None, 2, "set MOTET_API_KEY"),
    ("one name twice", ["serve", ".", ".", "--port", "0"], None, 2, "two systems have one name"),
]


@pytest.fixture(scope="module")
def filled(workshop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the ingested workshop whose declaration tests may replace."""
    return Path(shutil.copytree(workshop, tmp_path_factory.mktemp("bad") / "workshop"))


def check(done: Done, code: int, named: str) -> None:
    """Check that an error came as promised."""
    lines = done.err.splitlines()
    assert done.code == code, done.err
    assert named in lines[0]
    assert all(line.startswith("motet: ") for line in lines), done.err
    error = done.json["error"]
    assert done.json["schema_version"] == 1
    assert set(error) - {"problems"} == {"code", "message", "where", "hint"}
    assert error["message"] in lines[0]
    assert ("problems" in error) == (len(lines) > 1)


@pytest.mark.parametrize(
    ("words", "declaration", "code", "named"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_mistakes(
    filled: Path, words: Sequence[str], declaration: str | None, code: int, named: str
) -> None:
    yaml = filled / "motet.yaml"
    yaml.write_text(declaration or "system: workshop\nknowledge: [./documents]\n")
    check(motet(*words, "--json", at=filled), code, named)


def test_a_missing_subcommand(workshop: Path) -> None:
    done = motet("trace", at=workshop)
    assert (done.code, done.out) == (2, "")
    assert done.err == "motet: a command is missing: list, show (see motet trace --help)\n"


def test_all_problems_of_a_declaration_are_told(shop: Path) -> None:
    (shop / "motet.yaml").write_text(BROKEN)
    done = motet("ask", "a", "--json", at=shop)
    assert len(done.err.splitlines()) == 2
    problems = done.json["error"]["problems"]
    assert [set(each) for each in problems] == [{"message", "where", "hint"}] * 2
    assert problems[1]["hint"] == "did you mean models?"


def test_a_question_without_words_is_refused_by_the_sources(workshop: Path) -> None:
    done = motet("ask", "?!… —", "--json", at=workshop)
    assert done.code == 0
    assert (done.json["abstained"], done.json["citations"]) == (True, [])


def test_an_occupied_port(workshop: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = motet("serve", "--port", str(port), "--json", at=workshop)
    check(done, 3, f"127.0.0.1:{port}: cannot listen there")


@pytest.mark.parametrize("name", ["store.db", "runs.db"])
@pytest.mark.parametrize("damage", ["garbage", "torn", "foreign", "folder"])
def test_a_damaged_store(shop: Path, name: str, damage: str) -> None:
    assert motet("ingest", at=shop).code == 0
    path = shop / ".motet" / name
    pages = path.read_bytes()
    for each in (shop / ".motet").glob(f"{name}*"):
        each.unlink()
    if damage == "garbage":
        path.write_bytes(b"\x07" * len(pages))
    elif damage == "torn":
        path.write_bytes(pages[:100] + b"\xff" * (len(pages) - 100))
    elif damage == "foreign":
        apsw.Connection(str(path)).execute("CREATE TABLE theirs (x)")
    else:
        path.mkdir()
    check(motet("ask", "How much is a membership?", "--json", at=shop), 3, name)


def test_a_locked_store(shop: Path) -> None:
    assert motet("ingest", at=shop).code == 0
    holder = apsw.Connection(str(shop / ".motet" / "runs.db"))
    holder.execute("BEGIN EXCLUSIVE")
    done = motet("ask", "How much is a membership?", "--json", at=shop)
    holder.close()
    check(done, 3, "locked by another process")
    assert motet("ask", "How much is a membership?", at=shop).code == 0


@pytest.mark.skipif(bool(NOT_ROOT) and not shutil.which("setpriv"), reason="needs setpriv")
class TestPermissions:
    """Files that the user may not read or write."""

    def run(self, shop: Path, *words: str, **env: str) -> Done:
        return motet(*words, "--json", at=shop, env=env, within=NOT_ROOT)

    def test_a_folder_that_cannot_be_written(self, shop: Path) -> None:
        shop.chmod(0o555)
        try:
            check(self.run(shop, "ask", "a"), 3, "set MOTET_HOME to a folder")
            check(self.run(shop, "init", "new"), 3, "cannot write: Permission denied")
        finally:
            shop.chmod(0o755)

    def test_a_declaration_that_cannot_be_read(self, shop: Path) -> None:
        (shop / "motet.yaml").chmod(0)
        check(self.run(shop, "ask", "a"), 2, "cannot be read: Permission denied")

    def test_a_document_that_cannot_be_read(self, shop: Path) -> None:
        path = shop / "documents" / "notice.txt"
        path.chmod(0)
        done = self.run(shop, "ingest")
        assert done.code == 0
        assert [each["source"] for each in done.json["failed"]] == ["documents/notice.txt"]
        for _ in range(2):  # also when it is known to be unreadable
            assert self.run(shop, "ingest", "documents/notice.txt").code == 1
        path.chmod(0o644)
        assert self.run(shop, "ingest", "documents/notice.txt").code == 0

    def test_a_folder_of_documents_that_cannot_be_read(self, shop: Path) -> None:
        assert self.run(shop, "ingest").code == 0
        (shop / "documents").chmod(0)
        done = self.run(shop, "ask", "a")
        (shop / "documents").chmod(0o755)
        check(done, 2, "Permission denied")

    def test_a_store_that_cannot_be_read(self, shop: Path) -> None:
        assert self.run(shop, "ingest").code == 0
        (shop / ".motet" / "store.db").chmod(0)
        check(self.run(shop, "ask", "a"), 3, "store.db: the store cannot be opened")

    def test_a_cache_that_cannot_be_read(self, shop: Path, tmp_path: Path) -> None:
        cache = tmp_path / "cache"
        cache.mkdir()
        cache.chmod(0)
        check(self.run(shop, "doctor", MOTET_CACHE=str(cache)), 3, "Permission denied")
