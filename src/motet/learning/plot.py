"""A comparison as characters: quality against what it costs, the Pareto front marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from motet.learning.comparison import Figures

WIDTH, HEIGHT = 56, 12
FRONT, BEATEN = "●", "○"


@dataclass(frozen=True, slots=True)
class Axis:
    """What quality is set against: a value for each candidate, None where unknown."""

    title: str
    values: Sequence[float | None]
    unit: str

    @property
    def known(self) -> list[float]:
        """The values there are."""
        return [each for each in self.values if each is not None]

    def shown(self, value: float) -> str:
        """Write a value with its unit."""
        return f"{self.unit}{value:.3g}" if self.unit == "$" else f"{value:.3g} {self.unit}"


def axis(figures: Sequence[Figures]) -> Axis:
    """Return money where the candidates differ in it, else time."""
    costs = Axis("USD a question", [each.cost for each in figures], "$")
    if len(set(costs.known)) > 1:
        return costs
    return Axis("seconds (median)", [each.p50 for each in figures], "s")


def plot(figures: Sequence[Figures]) -> str:
    """Return the plot with letters, and the legend that says which candidate each is."""
    across = axis(figures)
    if not across.known:
        return ""
    bottom, top = spread([each.quality.mean for each in figures])
    left, right = spread(across.known)
    scale = Scale(left, right)
    grid = [[" "] * WIDTH for _ in range(HEIGHT)]
    for place, (each, value) in enumerate(zip(figures, across.values, strict=True)):
        if value is not None:
            column = round(scale(value) * (WIDTH - 1))
            row = round((top - each.quality.mean) / (top - bottom) * (HEIGHT - 1))
            _put(grid[row], column, (FRONT if each.best else BEATEN) + letter(place))
    lines = [_row(cells, row, top, bottom) for row, cells in enumerate(grid)]
    low, high = across.shown(left), across.shown(right)
    lines.append("      └" + "─" * WIDTH)
    lines.append("       " + low + high.rjust(WIDTH - len(low)))
    lines.append(f"       quality upwards, {across.title} to the right")
    lines.append("")
    for place, each in enumerate(figures):
        mark = FRONT if each.best else BEATEN
        note = "" if each.best else f"  ({_beaten(each)})"
        lines.append(f"  {mark}{letter(place)} {each.name}{note}")
    return "\n".join(lines)


def _beaten(each: Figures) -> str:
    return "nothing came" if each.p50 is None else "another is as good in all and better in one"


def letter(place: int) -> str:
    """Return the letters that stand for a candidate: A to Z, then AA and so on."""
    more, rest = divmod(place, 26)
    return (letter(more - 1) if more else "") + ascii_uppercase[rest]


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Return the least and the greatest value, apart also where all are the same."""
    low, high = min(values), max(values)
    if low < high:
        return low, high
    return low - (abs(low) * 0.1 or 0.1), high + (abs(high) * 0.1 or 0.1)


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values to 0 to 1, by their logarithm where they lie far apart."""

    left: float
    right: float

    def __call__(self, value: float) -> float:
        """Return how far along a value lies."""
        if self.left > 0 and self.right / self.left > 20:
            return math.log(value / self.left) / math.log(self.right / self.left)
        return (value - self.left) / (self.right - self.left)


def _put(cells: list[str], column: int, text: str) -> None:
    """Write mark and letter into the free place nearest to the column."""
    places = range(len(cells) - len(text) + 1)
    for place in sorted(places, key=lambda each: abs(each - column)):
        if all(cell == " " for cell in cells[place : place + len(text)]):
            cells[place : place + len(text)] = text
            return


def _row(cells: list[str], row: int, top: float, bottom: float) -> str:
    value = top - (top - bottom) * row / (HEIGHT - 1)
    label = f"{value:5.2f} ┤" if row % 4 == 0 or row == HEIGHT - 1 else "      │"
    return (label + "".join(cells)).rstrip()
