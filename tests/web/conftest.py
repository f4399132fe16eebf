"""What drives the page: a browser without a window, by a script of web/e2e."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
Drive = Callable[..., None]


@pytest.fixture(scope="session")
def drive() -> Drive:
    """Return what runs a driver against a server; only CI insists on what it needs."""
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    needs = {
        "node": shutil.which("node") is not None,
        "npm ci in web/": (WEB / "node_modules").is_dir(),
        f"a browser at {chromium} (or CHROMIUM)": Path(chromium).exists(),
    }
    missing = [what for what, there in needs.items() if not there]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"needs {', '.join(missing)}")
    assert not missing, missing
    shots = os.environ.get("MOTET_SHOTS")

    def run(script: str, url: str, *options: str) -> None:
        kept = [f"--shots={shots}"] if shots else []
        words = ["node", WEB / "e2e" / script, url, *options, *kept]
        done = subprocess.run(words, capture_output=True, text=True, timeout=170, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    return run
