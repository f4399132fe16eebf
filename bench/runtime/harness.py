"""Compare sides: each in fresh processes, taken in turn, every repetition with a new seed.

A script describes a `Comparison` and calls its `main`. Every measurement runs in a process and an
empty folder of its own, which is also `MOTET_HOME`; all sides of a repetition get the same seed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from statistics import median

Figures = Mapping[str, float | list[float]]
Measure = Callable[[int, int], Figures]
"""Takes a seed and a size; a figure measured many times over is a list."""

SEED = 20_000
ENVIRONMENT = Path(__file__).resolve().parent.parent / "peers.txt"
_FIGURES = "figures.json"


@dataclass(frozen=True)
class Side:
    """One way to do the work; `needs` names the distributions whose versions matter."""

    name: str
    measure: Measure
    needs: tuple[str, ...] = ("motet",)


@dataclass
class Measured:
    """What was found for one side at one size; `failure` says why there is nothing (more)."""

    side: Side
    size: int
    found: list[Figures] = field(default_factory=list)
    failure: str = ""

    def values(self, figure: str) -> list[float]:
        """Return every value of a figure."""
        found = [each[figure] for each in self.found]
        return [value for each in found for value in (each if isinstance(each, list) else [each])]


@dataclass(frozen=True)
class Comparison:
    """What is compared; `figures` maps a figure to its heading, the first one gives ratios."""

    title: str
    sides: Sequence[Side]
    figures: Mapping[str, str]
    sizes: Sequence[int] = (0,)
    repetitions: int = 5
    percentiles: Sequence[int] = ()
    """What is shown of a figure beside its median, in place of its range."""
    limit: float = 150.0
    """Seconds after which a process is stopped and its side left out at that size."""

    def main(self) -> int:
        """Run as the command line says: compare, or measure one side as a worker."""
        options = self._options()
        if options.worker:
            name, size, seed = json.loads(options.worker)
            side = next(side for side in self.sides if side.name == name)
            figures = side.measure(seed, size)
            Path(_FIGURES).write_text(json.dumps(figures), encoding="utf-8")
            return 0
        chosen = [side for side in self.sides if options.only in side.name]
        versions = _versions(chosen)
        measured = self._measure(chosen, range(options.seed, options.seed + options.repetitions))
        print(f"{self.title}\n{_machine()}; {_listed(versions)}\n{self._table(measured)}")
        if options.json:
            report = self._report(measured, versions)
            Path(options.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        return 0

    def _options(self) -> argparse.Namespace:
        parser = argparse.ArgumentParser(description=self.title)
        parser.add_argument("--repetitions", type=int, default=self.repetitions)
        parser.add_argument("--seed", type=int, default=SEED, help="of the first repetition")
        parser.add_argument("--only", default="", help="sides whose name holds this")
        parser.add_argument("--json", metavar="FILE", help="write every value there")
        parser.add_argument("--worker", help=argparse.SUPPRESS)
        return parser.parse_args()

    def _measure(self, sides: Sequence[Side], seeds: Sequence[int]) -> list[Measured]:
        measured = [Measured(side, size) for size in self.sizes for side in sides]
        for seed in seeds:
            for each in measured:
                if not each.failure:
                    self._once(each, seed)
        return measured

    def _once(self, measured: Measured, seed: int) -> None:
        task = json.dumps([measured.side.name, measured.size, seed])
        command = [sys.executable, str(Path(sys.argv[0]).resolve()), "--worker", task]
        with tempfile.TemporaryDirectory() as folder:
            surroundings = {**os.environ, "MOTET_HOME": f"{folder}/motet"}
            try:
                done = subprocess.run(
                    command,
                    cwd=folder,
                    env=surroundings,
                    capture_output=True,
                    text=True,
                    timeout=self.limit,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                measured.failure = f"over {self.limit:.0f} s"
                return
            if done.returncode:
                raise SystemExit(f"{measured.side.name} failed:\n{done.stderr[-3000:]}")
            figures = Path(folder, _FIGURES).read_text(encoding="utf-8")
            measured.found.append(json.loads(figures))

    def _table(self, measured: Sequence[Measured]) -> str:
        many = len(self.sizes) > 1
        heads = ["side", *(["size"] if many else [])]
        for heading in self.figures.values():
            heads += [heading, *([f"p{each}" for each in self.percentiles] or ["min..max"])]
        rows = [[*heads, "ratio"]]
        for each in measured:
            first = next(other for other in measured if other.size == each.size)
            row = [each.side.name, *([f"{each.size:,}"] if many else [])]
            rows.append(row + self._cells(each, first))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(_line(row, widths) for row in rows)

    def _cells(self, measured: Measured, first: Measured) -> list[str]:
        if measured.failure:
            spread = len(self.percentiles) or 1
            return [measured.failure, *[""] * ((1 + spread) * len(self.figures))]
        cells = []
        for figure in self.figures:
            values = sorted(measured.values(figure))
            cells.append(_number(median(values)))
            if self.percentiles:
                ranks = (math.ceil(len(values) * each / 100) - 1 for each in self.percentiles)
                cells += [_number(values[rank]) for rank in ranks]
            else:
                cells.append(f"{_number(values[0])}..{_number(values[-1])}")
        lead = next(iter(self.figures))
        base = median(first.values(lead)) if first.found else 0.0
        return [*cells, f"{median(measured.values(lead)) / base:.2f}x" if base else ""]

    def _report(self, measured: Sequence[Measured], versions: Mapping[str, str]) -> object:
        sides = [
            {
                "side": each.side.name,
                "size": each.size,
                "failure": each.failure,
                "median": {name: median(each.values(name)) for name in self.figures if each.found},
                "values": each.found,
            }
            for each in measured
        ]
        return {"title": self.title, "machine": _machine(), "versions": versions, "sides": sides}


def _versions(sides: Sequence[Side]) -> dict[str, str]:
    names = dict.fromkeys(name for side in sides for name in side.needs)
    found: dict[str, str] = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            text = (
                f"{name} is not installed here: make the environment that {ENVIRONMENT} describes"
            )
            raise SystemExit(text) from None
    return found


def _machine() -> str:
    return f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} CPUs"


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _number(value: float) -> str:
    return f"{value:,.{0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2}f}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    head, *rest = (
        cell.rjust(width) if number else cell.ljust(width)
        for number, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([head, *rest]).rstrip()
