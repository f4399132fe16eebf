"""The page as a person uses it: a real server, a real browser, every state checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import extract_samples as make
import pytest
from chat_server import ChatServer
from motet_process import KEY, Served
from paying import paid, payer, start_flow

DOCUMENTS = {
    # Characters outside the basic plane and two-character line ends before what is cited.
    "hours.txt": "😀 灯 𠮷 Notes\r\n\r\nThe workshop opens at nine o'clock on Monday.\r\n\r\n"
    "The canteen serves soup. 🇰🇷\r\n",
    "lamps.md": "# Lamps 🔦\n\nThe Aurelia lamp was designed by Ines Duarte in Porto.\n",
}
TEXT_QUESTIONS = ("When does the workshop open on Monday?", "Who designed the Aurelia lamp?")
PDF_QUESTIONS = ("How much does the Birka table weigh?", "How long is the Tarn bench?")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A system over text and PDF: one with its page turned, one that cannot be read."""
    documents = tmp_path / "documents"
    documents.mkdir()
    for name, text in DOCUMENTS.items():
        (documents / name).write_text(text, encoding="utf-8", newline="")
    first = [(72.0, 700.0, 18.0, "Birka table"), (72.0, 660.0, 11.0, "A table for six people.")]
    second = [(72.0, 120.0, 11.0, "The Birka table weighs 41 kilograms.")]
    (documents / "birka.pdf").write_bytes(make.pdf(first, second))
    turned = [(72.0, 700.0, 12.0, "The Tarn bench is 150 centimetres long.")]
    (documents / "broken.pdf").write_bytes(b"%PDF-1.4\nbroken")
    (documents / "tarn.pdf").write_bytes(make.pdf(turned, rotate=90))
    (tmp_path / "motet.yaml").write_text("system: atelier\nknowledge: [./documents]\n")
    return tmp_path


@pytest.mark.encoder
@pytest.mark.timeout(180)
def test_a_person_can_do_everything(drive: Callable[..., None], folder: Path) -> None:
    questions = [f"--text={each}" for each in TEXT_QUESTIONS]
    questions += [f"--pdf={each}" for each in PDF_QUESTIONS]
    with Served(folder) as server:
        drive("page.mjs", server.url, *questions)
    assert server.code == 0, server.log


@pytest.mark.encoder
@pytest.mark.timeout(180)
def test_a_server_beyond_loopback_asks_for_its_key(
    drive: Callable[..., None], folder: Path
) -> None:
    with Served(folder, "--host", "0.0.0.0", env={"MOTET_API_KEY": KEY}) as server:
        drive("page.mjs", server.url, f"--key={KEY}", f"--pdf={PDF_QUESTIONS[0]}")
    assert KEY not in server.log


@pytest.mark.timeout(180)
def test_a_person_answers_what_runs_ask(
    drive: Callable[..., None], tmp_path: Path, chat_server: ChatServer
) -> None:
    folder = payer(tmp_path / "payer", chat_server)
    start_flow(folder)
    with Served(folder) as server:
        drive("page.mjs", server.url, "--approval=Pay 7")
    assert server.code == 0, server.log
    assert paid(folder) == ["3", "7"]
