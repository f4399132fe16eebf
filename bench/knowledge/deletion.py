"""Bytes that are left of a document after it was deleted: Motet, and LightRAG.

    python bench/knowledge/deletion.py [--peer PYTHON] [--documents 40]

Forty documents and one more, of random words, are ingested. Questions about it are asked of a
system with memory (from Python, and over HTTP), it is sent through the gateway with its cache
on, and its entities are extracted. Then it is deleted while the server runs. Every file of the
state folder is searched for 60 of its phrases, in UTF-8, UTF-16 and as JSON escapes, and for
the float16 and float32 bytes of its vectors; what is found is counted in bytes. The model is a
stub that repeats what it was sent. PYTHON has lightrag-hku installed; it deletes the same
document by its id.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from motet.system import System

PHRASES = 60
WORDS = 3
LETTERS = "bcdfghjklmnpqrstvwxz"
TARGET = "target.txt"
SERVE = "from motet.cli import main; main()"


class Stub(BaseHTTPRequestHandler):
    """A chat model that repeats the end of what it was sent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        said = " ".join(str(each["content"]) for each in body["messages"])[-1500:]
        message = {"role": "assistant", "content": f"It says: {said}"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        head = {"id": "c", "created": 1, "model": "stub", "usage": usage}
        if body.get("stream"):
            delta = {"index": 0, "delta": message, "finish_reason": None}
            end = {"index": 0, "delta": {}, "finish_reason": "stop"}
            chunks = [
                {**head, "object": "chat.completion.chunk", "choices": [c]} for c in (delta, end)
            ]
            data = "".join(f"data: {json.dumps(c)}\n\n" for c in chunks) + "data: [DONE]\n\n"
            self._send(data.encode(), "text/event-stream")
        else:
            whole = {**head, "object": "chat.completion", "choices": [choice]}
            self._send(json.dumps(whole).encode(), "application/json")

    def _send(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def documents(folder: Path, count: int) -> str:
    """Write documents of random words; return the text of the one that is to go."""
    draw = random.Random(5)

    def word() -> str:
        return "".join(draw.choice(LETTERS) for _ in range(9))

    def text(paragraphs: int) -> str:
        return "\n\n".join(
            f"{word().title()} {word()} makes the {word()} of {word().title()} GmbH: "
            + " ".join(word() for _ in range(60)) + "."
            for _ in range(paragraphs)
        )  # fmt: skip

    folder.mkdir()
    for number in range(count):
        (folder / f"d{number}.txt").write_text(text(4))
    target = text(20)
    (folder / TARGET).write_text(target)
    return target


def signs(text: str) -> list[bytes]:
    """Return phrases of a text in the encodings that files may hold them in."""
    words = text.split()
    draw = random.Random(6)
    found: list[bytes] = []
    for _ in range(PHRASES):
        start = draw.randrange(len(words) - WORDS)
        phrase = " ".join(words[start : start + WORDS])
        plain = json.dumps(phrase)[1:-1].encode()
        found += {phrase.encode(), phrase.encode("utf-16-le"), phrase.encode("utf-16-be"), plain}
    return found


def left(home: Path, found: list[bytes]) -> dict[str, int]:
    """Return how many bytes of the signs each file holds."""
    counted = {}
    for path in sorted(each for each in home.rglob("*") if each.is_file()):
        data = path.read_bytes()
        size = sum(len(sign) * data.count(sign) for sign in found)
        if size:
            counted[path.name] = size
    return counted


def ours(folder: Path, text: str) -> None:
    """Ingest, ask, serve, delete; print what is left."""
    stub = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    threading.Thread(target=stub.serve_forever, daemon=True).start()
    (folder / "motet.yaml").write_text(
        "system: kept\nmemory: user\nknowledge: [./docs]\nmodels:\n  - expert/reader\n"
        f"  - {{use: openai/stub, base_url: 'http://127.0.0.1:{stub.server_port}/v1', key: "
        "'${STUB_KEY}', price: {input: 1, output: 1}}\ngateway: {cache: 1h}\n"
    )
    import os

    os.environ["STUB_KEY"] = "none"
    import motet
    from motet.erasure import Eraser

    with motet.load(folder / "motet.yaml") as system:
        system.ingest()
        port = _free_port()
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, "serve", str(folder), "--port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        try:
            _wait(port)
            lines = text.split("\n\n")
            for number, line in enumerate(lines[:6]):
                question = f"What does {' '.join(line.split()[:4])}?"
                model = "openai/stub" if number % 2 else "expert/reader"
                system.ask(question, user="ana", model=model)
                _post(url, {"model": "kept", "user": "bob", "messages": _said(question)})
            for _ in range(2):
                for stream in (False, True):
                    asked = f"Summarise this: {lines[7]}"
                    _post(url, {"model": "openai/stub", "stream": stream, "messages": _said(asked)})
            home = folder / ".motet"
            found = [*signs(text), *_vectors(system)]
            before = left(home, found)
            began = time.perf_counter()
            done = Eraser(system.store, system.journal, system.memory, system.home).erase(
                f"docs/{TARGET}"
            )
            took = time.perf_counter() - began
            after = left(home, found)
        finally:
            server.terminate()
            server.wait()
        _print("Motet", before, after, left(home, found))
        print(
            f"  {took:.2f} s; {len(done.runs)} runs, {len(done.memories)} memories redacted,"
            f" {done.answers} kept answers dropped; it says {done.left or 'nothing'} is left"
        )
    stub.shutdown()


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def _vectors(system: System) -> list[bytes]:
    from motet.knowledge.provenance.erasure import Erasure

    held = Erasure(system.store).held(f"docs/{TARGET}")
    assert held is not None
    return [each for each in held.signs if not each.isascii()]


def peer(python: str, folder: Path, text: str, how: str) -> None:
    """Do the same with LightRAG, by default or with its option to delete cached answers."""
    home = folder / f"lightrag-{how}"
    home.mkdir()
    process = subprocess.Popen(
        [
            python,
            str(Path(__file__).with_name("deletion_peer.py")),
            f"{folder}/docs",
            str(home),
            how,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=folder,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    _until(process, "ready")
    found = signs(text)
    before = left(home, found)
    process.stdin.write("\n")
    process.stdin.flush()
    _until(process, "deleted")
    process.wait()
    _print(f"LightRAG ({how})", before, left(home, found), left(home, found))


def _until(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == json.dumps(word):
            return
    raise SystemExit("the peer failed")


def _print(name: str, *counts: dict[str, int]) -> None:
    totals = [f"{sum(each.values()):,}" for each in counts]
    print(f"{name}: bytes before {totals[0]}, after {totals[1]}, when all has ended {totals[2]}")
    for each in counts[::2]:
        print(f"  {each}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(600):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def _post(url: str, body: dict[str, Any]) -> bytes:
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=120) as answer:
        data: bytes = answer.read()
        return data


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer")
    parser.add_argument("--documents", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        text = documents(folder / "docs", options.documents)
        ours(folder, text)
        if options.peer:
            peer(options.peer, folder, text, "default")
            peer(options.peer, folder, text, "cache")


if __name__ == "__main__":
    main()
