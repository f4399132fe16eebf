"""Start-up: CPU of `import motet` and `motet --help`, and the size of the default install.

`python bench/startup.py`. Each figure is the median of 15 processes, an empty interpreter's
subtracted from the import.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from importlib import metadata
from pathlib import Path

RUNS = 15
MOTET = Path(sys.executable).with_name("motet")


def cpu_ms(*command: str) -> float:
    """Return the median user and system CPU of a command, in milliseconds."""
    taken = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        taken.append(1000 * used)
    return statistics.median(taken)


def installed(name: str, found: set[str] | None = None) -> set[str]:
    """Return the distributions that an install of `name` without extras brings."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found = set() if found is None else found
    key = canonicalize_name(name)
    if key in found:
        return found
    found.add(key)
    for text in metadata.requires(name) or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            installed(requirement.name, found)
    return found


def main() -> None:
    """Print the table."""
    empty = cpu_ms(sys.executable, "-c", "pass")
    print(f"empty interpreter       {empty:7.0f} ms CPU")
    print(f"import motet            {cpu_ms(sys.executable, '-c', 'import motet') - empty:7.0f} ms")
    print(f"motet --help            {cpu_ms(str(MOTET), '--help'):7.0f} ms CPU, whole process")
    print(f"distributions           {len(installed('motet')):7d} with the default install")


if __name__ == "__main__":
    main()
