"""The official JavaScript SDK of OpenAI, unmodified, against a real server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from motet_process import Served

SCRIPT = Path(__file__).with_name("js")
QUESTION = "How much is a membership?"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script with the SDK beside it; without node or the registry only CI insists."""
    must = os.environ.get("CI") == "true"
    if not must and not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("needs node and npm")
    folder = tmp_path_factory.mktemp("js") / "js"
    shutil.copytree(SCRIPT, folder, ignore=shutil.ignore_patterns("node_modules"))
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 and not must:
        pytest.skip("npm cannot install the SDK")
    assert done.returncode == 0, done.stderr
    return folder


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
