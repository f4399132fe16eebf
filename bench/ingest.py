"""Ingest: files, pages and megabytes per second, by kind, into an empty store.

`python bench/ingest.py FOLDER` reads a folder of documents; default: the sample documents.
Whole pipeline: worker processes, extraction, chunks, vectors (where the base encoder is
installed), one transaction per source. Then again without changes.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

from motet.system import System

SAMPLES = Path(__file__).resolve().parent.parent / "examples" / "kitchen" / "documents"


def cpu() -> float:
    """Return the CPU seconds of this process and its ended children."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=SAMPLES)
    folder = parser.parse_args().folder.resolve()
    with tempfile.TemporaryDirectory() as home:
        os.environ["MOTET_HOME"] = home
        with System("bench", models=["expert/reader"], knowledge=[str(folder)]) as system:
            began, used = time.perf_counter(), cpu()
            report = system.ingest()
            wall, spent = time.perf_counter() - began, cpu() - used
            files = len(report.added)
            print(f"{files} files, {report.bytes / 1e6:.1f} MB, {report.pages} PDF pages")
            print(f"{report.chunks} chunks; {len(report.failed)} files could not be read")
            print(f"wall {wall:.1f} s, CPU {spent:.1f} s")
            print(
                f"{files / wall:.1f} files/s, {report.bytes / 1e6 / wall:.2f} MB/s, "
                f"{report.pages / wall:.1f} PDF pages/s, {report.chunks / wall:.1f} chunks/s"
            )
            began = time.perf_counter()
            again = system.ingest()
            print(
                f"again, unchanged: {again.unchanged} files in {time.perf_counter() - began:.3f} s"
            )


if __name__ == "__main__":
    main()
