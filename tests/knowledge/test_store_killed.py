"""`kill -9` while documents with a graph are put: nothing torn, nothing acknowledged lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
KILLS = "3"


def test_killed_between_commits(tmp_path: Path) -> None:
    script = ROOT / "bench" / "knowledge" / "killed.py"
    command = [sys.executable, str(script), "--kills", KILLS, "--chunks", "400"]
    found = subprocess.run(
        [*command, "--most", "0.2"], capture_output=True, text=True, timeout=100, cwd=tmp_path
    )
    assert found.returncode == 0, found.stderr
    assert "torn:" not in found.stderr
    row = found.stdout.splitlines()[2]
    assert [each.strip() for each in row.split("|")][1:4] == [KILLS, "0", "0"]
