"""Whose memory a request over the API means: by user, by dialect, by key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from chat_server import ChatServer
from motet_process import SECRETS, Served, motet

DECLARED = """\
system: kept
memory: user
knowledge: [./docs]
models:
  - expert/reader
  - {{use: openai/echo, base_url: "{url}", as: echo, key: "${{PROVIDER_KEY}}"}}
pin: {{answer: expert/reader}}
gateway: {{retries: 0}}
"""
SAID = "I prefer the brass lamp."
ASKED = "Which lamp do I prefer?"


def ask(server: Served, key: str, text: str, **more: Any) -> httpx.Response:
    body = {"model": "kept", "messages": [{"role": "user", "content": text}], **more}
    headers = {"authorization": f"Bearer {key}"}
    return httpx.post(f"{server.url}/v1/chat/completions", json=body, headers=headers, timeout=60)


def said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    text: str = answer.json()["choices"][0]["message"]["content"]
    return text


def test_users_of_a_key_are_told_apart_and_nobody_to_another_key(
    tmp_path: Path, chat_server: ChatServer
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("The oak table has a warranty of five years.\n")
    (tmp_path / "motet.yaml").write_text(DECLARED.format(url=chat_server.base_url))
    one, two = (
        motet("keys", "create", name, "--json", at=tmp_path).json["key"] for name in ("a", "b")
    )
    with Served(tmp_path, env=SECRETS) as server:
        said(ask(server, one, SAID, user="ana"))
        assert "brass" in said(ask(server, one, ASKED, user="ana"))
        for key, user in ((one, "bob"), (two, "ana"), (one, None)):
            assert "brass" not in said(ask(server, key, ASKED, user=user))
        body = {
            "model": "kept",
            "max_tokens": 100,
            "messages": [{"role": "user", "content": ASKED}],
            "metadata": {"user_id": "ana"},
        }
        headers = {"x-api-key": one, "anthropic-version": "2023-06-01"}
        found = httpx.post(f"{server.url}/v1/messages", json=body, headers=headers, timeout=60)
        assert "brass" in found.json()["content"][0]["text"]
        wrong = ask(server, one, ASKED, user=7)
        assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "user")
