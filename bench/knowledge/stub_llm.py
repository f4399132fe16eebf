"""A language model that answers at once and counts: an OpenAI server for extraction benchmarks.

To every prompt it names two entities, drawn from 400 by the prompt's hash, and a relation, in
the notation of whoever asks; to a request for a report it gives an empty one.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LIGHT, NANO = "<|#|>", "<|>"


def answer(prompt: str) -> str:
    """Return what the model says."""
    digest = sha256(prompt.encode()).digest()
    one, other = (f"Thing {int.from_bytes(digest[i : i + 2]) % 400}" for i in (0, 2))
    if "report" in prompt[:400].lower() and "community" in prompt[:2000].lower():
        return json.dumps(
            {"title": one, "summary": other, "rating": 1, "rating_explanation": "", "findings": []}
        )
    if LIGHT in prompt:
        names = [
            LIGHT.join(("entity", each, "concept", f"{each} is one.")) for each in (one, other)
        ]
        names.append(LIGHT.join(("relation", one, other, "made", "One made the other.")))
        return "\n".join([*names, "<|COMPLETE|>"])
    names = [f'("entity"{NANO}"{each}"{NANO}"concept"{NANO}"It is.")' for each in (one, other)]
    names.append(f'("relationship"{NANO}"{one}"{NANO}"{other}"{NANO}"It made it."{NANO}5)')
    return "##".join(names) + "<|COMPLETE|>"


class Stub:
    """The server, in a thread; a GET tells how often the model was asked."""

    def __init__(self) -> None:
        calls: Counter[str] = Counter()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                calls[self.path.rsplit("/v1/")[-1]] += 1
                data = json.dumps(_reply(self.path, body)).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                data = json.dumps(calls["chat/completions"]).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _reply(path: str, body: dict[str, Any]) -> dict[str, Any]:
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    if path.endswith("embeddings"):
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        vectors = [{"object": "embedding", "index": i, "embedding": [1.0] * 64}
                   for i in range(len(texts))]  # fmt: skip
        return {"object": "list", "model": "stub", "data": vectors, "usage": usage}
    prompt = "\n".join(str(each.get("content")) for each in body["messages"])
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": answer(prompt)},
    }
    return {
        "id": "stub",
        "object": "chat.completion",
        "created": 0,
        "model": "stub",
        "choices": [choice],
        "usage": usage,
    }
