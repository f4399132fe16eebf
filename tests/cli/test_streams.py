"""Terminals, pipes and locales of every kind."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from chat_server import ChatServer
from motet_process import MOTET, Done, environment, motet

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
QUESTION = "How much is a membership?"


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chinese")
    (folder / "a.md").write_text("# 保修\n\n餐桌的保修期为五年。\n", encoding="utf-8")
    (folder / "motet.yaml").write_text("system: chinese\nknowledge: ./a.md\n", encoding="utf-8")
    assert motet("ingest", at=folder).code == 0
    return folder


@pytest.mark.parametrize("env", [{}, ASCII, {**ASCII, "PYTHONIOENCODING": "ascii"}])
def test_any_language_in_any_locale(chinese: Path, env: dict[str, str]) -> None:
    done = motet("ask", "餐桌的保修期是多久？", "--json", at=chinese, env=env)
    assert done.code == 0, done.err
    [citation] = done.json["citations"]
    assert "五年" in citation["text"]
    assert "五年" in motet("ask", "餐桌的保修期是多久？", at=chinese, env=env).out
    assert "餐桌" in motet("trace", "list", at=chinese, env=env).out


def test_a_question_from_standard_input(workshop: Path) -> None:
    assert motet("ask", "-", at=workshop, stdin="餐桌的保修期是多久？\n").code == 0
    refused = motet("ask", "-", "--json", at=workshop, stdin=b"caf\xe9")
    assert (refused.code, refused.json["error"]["code"]) == (2, "usage")


@pytest.mark.parametrize("command", ["ask", "search", "explain"])
def test_a_question_that_is_no_text(workshop: Path, command: str) -> None:
    done = motet(command, b"caf\xe9 tables", "--json", at=workshop)
    assert (done.code, done.json["error"]["message"]) == (2, "the question is not UTF-8 text")


def shell(script: str, at: Path) -> Done:
    """Run a bash script in which `motet` is our command."""
    done = subprocess.run(
        ["bash", "-c", f'motet() {{ {MOTET} "$@"; }}\n{script}'],
        cwd=at,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    "words", ["schema", f"ask '{QUESTION}'", "knowledge text documents/notice.txt", "nonsense"]
)
def test_a_reader_that_left_is_no_failure(workshop: Path, words: str) -> None:
    done = shell(f"motet {words} 2>&1 | true; exit ${{PIPESTATUS[0]}}", workshop)
    assert (done.code, done.err) == (0, "")


def test_closed_streams(workshop: Path) -> None:
    assert shell("motet ask - <&-", workshop).err.startswith("motet: standard input is closed")
    assert shell(f"motet ask '{QUESTION}' >&-", workshop).code == 0
    assert shell("motet ask '' >&- 2>&-", workshop).code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", ["version", f"ask '{QUESTION}' --json"])
def test_a_full_disk_for_the_output(workshop: Path, words: str) -> None:
    done = shell(f"motet {words} >/dev/full", workshop)
    assert done.code == 3
    assert done.err == "motet: cannot write the output: No space left on device\n"


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_ctrl_c_cancels_the_run(
    talking: Callable[..., Path], chat_server: ChatServer, words: list[str]
) -> None:
    shop = talking("stalling")
    assert motet("ingest", at=shop).code == 0
    before = len(chat_server.exchanges)
    process = subprocess.Popen(
        [MOTET, "ask", QUESTION, "--model", "stalling", *words],
        cwd=shop,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while len(chat_server.exchanges) == before:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err.strip()) == (130, "motet: interrupted")
    assert not words or '"code":"interrupted"' in out
    [run] = motet("trace", "list", "--json", at=shop).json["runs"]
    assert run["status"] == "cancelled"


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_server_ends_when_asked(workshop: Path, stop: signal.Signals, code: int) -> None:
    process = subprocess.Popen(
        [MOTET, "serve", "--port", "0"],
        cwd=workshop,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "Serving workshop at http://127.0.0.1:" in process.stdout.readline()
    time.sleep(0.5)
    process.send_signal(stop)
    _, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert "Traceback" not in err
