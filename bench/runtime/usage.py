"""What a process used: CPU of all its threads, wall time and memory."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from types import TracebackType
from typing import Self


class Meter:
    """Measure the body of a `with`: `cpu` and `wall`, in seconds."""

    cpu = 0.0
    wall = 0.0

    def __enter__(self) -> Self:
        self._began, self._used = time.perf_counter(), time.process_time()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.wall = time.perf_counter() - self._began
        self.cpu = time.process_time() - self._used

    def each(self, count: int) -> dict[str, float]:
        """Return CPU and wall time of one of `count` equal parts, in microseconds."""
        return {"cpu_us": 1e6 * self.cpu / count, "wall_us": 1e6 * self.wall / count}


def peak_mb() -> float:
    """Return the most memory that this process ever held, in MB (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def resident_mb() -> float:
    """Return the memory that this process holds now, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6
