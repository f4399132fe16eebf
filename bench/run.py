"""Run every benchmark that needs nothing but the project; `make bench`.

With MOTET_DATA naming a folder with the data sets that `experts/reader/train.py` describes,
the answer quality table and the encoder's parity are measured too.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ALONE = ("startup.py", "ingest.py", "ask.py", "query.py")
WITH_DATA = ("encoder.py", "answer_quality.py")


def main() -> int:
    """Run them in turn; return the first exit code that is not 0."""
    print(f"Python {platform.python_version()}, {platform.platform()}, {os.cpu_count()} CPUs")
    scripts = [*ALONE, *(WITH_DATA if os.environ.get("MOTET_DATA") else ())]
    for script in scripts:
        print(f"\n== {script}", flush=True)
        code = subprocess.run([sys.executable, str(HERE / script)], check=False).returncode
        if code:
            return code
    if not os.environ.get("MOTET_DATA"):
        print(f"\nSkipped, as MOTET_DATA is not set: {', '.join(WITH_DATA)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
