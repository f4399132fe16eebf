"""Run every benchmark that needs nothing but the project; `make bench`.

With MOTET_DATA naming a folder with the data sets that `experts/reader/train.py` describes,
the answer quality table and the encoder's parity are measured too; in the environment that
`bench/peers.txt` describes, the runtime beside other libraries.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
ALONE = ("startup.py", "ingest.py", "ask.py", "query.py", "runtime/kill.py")
WITH_DATA = ("encoder.py", "answer_quality.py")
WITH_PEERS = (
    "runtime/durable_step.py",
    "runtime/memory_node.py",
    "runtime/dags.py",
    "runtime/stream_calls.py",
    "runtime/agent_turn.py",
    "runtime/fanout.py",
    "runtime/journal_size.py",
    "runtime/imports.py",
    "runtime/clouds.py",
)
PEERS = HERE / "peers.txt"


def main() -> int:
    """Run them in turn; return the first exit code that is not 0."""
    print(f"Python {platform.python_version()}, {platform.platform()}, {os.cpu_count()} CPUs")
    possible = {
        WITH_DATA: None if os.environ.get("MOTET_DATA") else "MOTET_DATA is not set",
        WITH_PEERS: missing_peer(),
    }
    scripts = [*ALONE, *(name for names, why in possible.items() if why is None for name in names)]
    for script in scripts:
        print(f"\n== {script}", flush=True)
        code = subprocess.run([sys.executable, str(HERE / script)], check=False).returncode
        if code:
            return code
    for names, why in possible.items():
        if why is not None:
            print(f"\nSkipped, as {why}: {', '.join(names)}")
    return 0


def missing_peer() -> str | None:
    """Return what is wrong with the first peer that is not installed, None if all are."""
    for line in PEERS.read_text(encoding="utf-8").splitlines():
        name = re.split(r"[=\[]", line)[0]
        if not name.startswith("#"):
            try:
                metadata.version(name)
            except metadata.PackageNotFoundError:
                return f"{name} is not installed (see bench/{PEERS.name})"
    return None


if __name__ == "__main__":
    sys.exit(main())
