"""Extract every document under a folder; count what was read, why not, and how fast.

    python bench/extraction.py DIR [--tables]

Each file is read in a worker process with a limit of 60 seconds. With --tables, the cells of
the ICDAR 2013 ground truth (`NAME-str.xml` beside `NAME.pdf`) are compared with ours.
Exit code 1 when a file crashed, hung, or gave nothing without a reason.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
import xml.etree.ElementTree
from collections import Counter, defaultdict
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract import SUFFIXES, extract

LIMIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: a document, a reason, or a failure of ours."""

    path: Path
    seconds: float
    found: Extracted | None = None
    reason: str = ""
    failure: str = ""


def serve(pipe: Connection) -> None:
    """Extract the files whose paths come through the pipe, until None comes."""
    while (path := pipe.recv()) is not None:
        start = time.perf_counter()
        found, reason, failure = None, "", ""
        try:
            found = extract(path.read_bytes(), path.name)
        except ExtractionError as error:
            reason = str(error)
        except Exception as error:
            failure = f"{type(error).__name__}: {error}"
        pipe.send((time.perf_counter() - start, found, reason, failure))


class Worker:
    """A process that is replaced when it crashes or hangs."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def read(self, path: Path) -> Outcome:
        """Return what became of a file."""
        self._pipe.send(path)
        if self._pipe.poll(LIMIT_SECONDS):
            try:
                return Outcome(path, *self._pipe.recv())
            except EOFError:
                failure = f"the process died ({self._process.exitcode})"
        else:
            failure = f"hung for more than {LIMIT_SECONDS} s"
        self._process.kill()
        self._start()
        return Outcome(path, LIMIT_SECONDS, failure=failure)

    def close(self) -> None:
        """End the process."""
        self._pipe.send(None)
        self._process.join()


def check(outcome: Outcome) -> str:
    """Return what is wrong with a document's ranges, or nothing."""
    found = outcome.found
    if found is None:
        return outcome.failure
    if not found.text.strip():
        return "empty without a reason"
    last = 0
    for block in found.blocks:
        if not last <= block.start < block.end <= len(found.text):
            return f"block {block} overlaps or is out of bounds"
        if found.text[last : block.start].strip().strip("\ufeff"):
            return f"text before block {block} is in no block"
        last = block.end
    for table in found.tables:
        for cell in (cell for row in table.rows for cell in row if cell):
            shown = found.text[cell.start : cell.end]
            if cell.value not in (shown, shown.replace('""', '"')):
                return f"cell {cell} shows {shown!r}"
    return ""


def report(outcomes: list[Outcome], root: Path) -> bool:
    """Print a table per format, the reasons and the failures; return whether all is well."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.path.suffix.lower()].append(outcome)
    print(
        f"{'format':8} {'files':>5} {'read':>5} {'reason':>6} {'failed':>6} "
        f"{'s':>7} {'pages/s':>8} {'MB/s':>6} {'tables':>6}"
    )
    wrong = [(outcome, problem) for outcome in outcomes if (problem := check(outcome))]
    failed = {outcome.path for outcome, _ in wrong}
    for suffix, group in sorted(groups.items()):
        seconds = sum(outcome.seconds for outcome in group)
        read = [outcome.found for outcome in group if outcome.found]
        pages = sum(1 for found in read for region in found.regions if region.kind == "page")
        size = sum(outcome.path.stat().st_size for outcome in group) / 1e6
        print(
            f"{suffix:8} {len(group):5} {len(read):5} "
            f"{sum(1 for outcome in group if outcome.reason):6} "
            f"{sum(1 for outcome in group if outcome.path in failed):6} {seconds:7.2f} "
            f"{pages / seconds if pages else 0:8.0f} {size / seconds:6.1f} "
            f"{sum(len(found.tables) for found in read):6}"
        )
    for outcome in outcomes:
        if outcome.reason:
            print(f"reason  {outcome.path.relative_to(root)}: {outcome.reason}")
    for outcome, problem in wrong:
        print(f"FAILED  {outcome.path.relative_to(root)}: {problem}")
    return not wrong


def squeeze(text: str) -> str:
    """Return text as it is compared: letters, digits and signs only."""
    return "".join(char for char in text if not char.isspace()).replace("\xad", "")


def report_cells(outcomes: list[Outcome]) -> None:
    """Print how many cells of the ground truth are cells of ours, and the other way round."""
    expected, found, common = 0, 0, 0
    for outcome in outcomes:
        truth = outcome.path.with_name(f"{outcome.path.stem}-str.xml")
        if outcome.found is None or outcome.path.suffix != ".pdf" or not truth.exists():
            continue
        root = xml.etree.ElementTree.parse(truth).getroot()
        wanted = Counter(squeeze(item.text or "") for item in root.iter("content"))
        ours = Counter(squeeze(name) for table in outcome.found.tables for name in table.columns)
        ours += Counter(
            squeeze(cell.value)
            for table in outcome.found.tables
            for row in table.rows
            for cell in row
            if cell
        )
        del wanted[""], ours[""]
        expected, found = expected + wanted.total(), found + ours.total()
        common += (wanted & ours).total()
    if expected:
        print(
            f"table cells: recall {common / expected:.3f}, precision {common / found:.3f} "
            f"({common:,} of {expected:,})"
        )


def main() -> int:
    """Run over a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tables", action="store_true", help="compare with ICDAR ground truth")
    options = parser.parse_args()
    worker = Worker()
    paths = sorted(path for path in options.folder.rglob("*") if path.is_file())
    outcomes = [worker.read(path) for path in paths if path.suffix.lower() in SUFFIXES]
    worker.close()
    fine = report(outcomes, options.folder)
    if options.tables:
        report_cells(outcomes)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
