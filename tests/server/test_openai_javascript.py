"""The official JavaScript SDK of OpenAI, unmodified, against a real server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from motet_process import Served

QUESTION = "How much is a membership?"


@pytest.mark.encoder
def test_everything_the_sdk_does(installed: Path, served: Served) -> None:
    done = subprocess.run(
        ["node", "ask.mjs", f"{served.url}/v1", "quoting", QUESTION],
        cwd=installed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    got: dict[str, Any] = json.loads(done.stdout)
    assert "quoting" in got["names"]
    message = got["whole"]["choices"][0]["message"]
    assert "38 euros" in message["content"]
    assert message["annotations"][0]["type"] == "url_citation"
    assert got["whole"]["motet"]["run"] == got["run"]
    *chunks, usage = got["deltas"]
    assert usage["usage"] == got["whole"]["usage"]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert "".join(delta.get("content", "") for delta in deltas) == message["content"]
    assert deltas[-2]["annotations"] == message["annotations"]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert got["collected"] == message["content"]
    for packed, plain in zip(got["packed"], got["plain"], strict=True):
        assert packed == pytest.approx(plain, abs=1e-6)
    assert got["unknown"] == {"kind": "NotFoundError", "status": 404, "code": "model_not_found"}
    assert (got["empty"]["kind"], got["empty"]["status"]) == ("BadRequestError", 400)
