"""Three tools: find the largest cloud providers, look up share prices, draw a chart.

The figures beside this file are rounded, for illustration only.
"""

import csv
from dataclasses import dataclass
from html import escape
from pathlib import Path

import motet

DATA = Path(__file__).parent / "data"
WIDTH, HEIGHT, MARGIN = 640, 360, 48
COLOURS = ("#2f6fb0", "#c0562b", "#3c8d4f", "#7a55a8", "#8a6d1b", "#2b8a8a")


@dataclass
class Provider:
    """A cloud provider; its share of the market in percent."""

    name: str
    market_share: float


@dataclass
class Series:
    """Month-end prices of a company's share in USD, oldest first."""

    company: str
    months: list[str]
    prices: list[float]


@dataclass
class Chart:
    """A chart as written, and the last price of each company in it."""

    file: str
    last_prices: dict[str, float]


@motet.operator(effect="read")
def largest_providers(count: int = 3) -> list[Provider]:
    """Return the cloud providers with the largest share of the market, the largest first.

    Args:
        count: How many, at most.
    """
    found = [
        Provider(row["name"], float(row["market_share_percent"])) for row in _rows("providers")
    ]
    return sorted(found, key=lambda each: -each.market_share)[:count]


@motet.operator(effect="read")
def share_prices(company: str) -> Series:
    """Return the month-end share prices of a company in 2024.

    Args:
        company: Its name, as largest_providers gives it, or its ticker.
    """
    for row in _rows("providers"):
        if company.casefold() in (row["name"].casefold(), row["ticker"].casefold()):
            prices = [each for each in _rows("prices") if each["ticker"] == row["ticker"]]
            months = [each["month"] for each in prices]
            return Series(row["name"], months, [float(each["close_usd"]) for each in prices])
    known = ", ".join(row["name"] for row in _rows("providers"))
    raise ValueError(f"no prices of {company!r}; there are those of {known}")


@motet.operator(effect="idempotent")
def draw_chart(title: str, series: list[Series]) -> Chart:
    """Draw line charts of prices into chart.svg in the working folder.

    Args:
        title: What stands above the chart.
        series: What share_prices gave, one line each.
    """
    file = Path("chart.svg")
    file.write_text(_svg(title, series), encoding="utf-8")
    return Chart(file.name, {each.company: each.prices[-1] for each in series})


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _svg(title: str, series: list[Series]) -> str:
    top = max(price for each in series for price in each.prices)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<text x="{MARGIN}" y="24" font-size="16">{escape(title)}</text>',
        f'<line x1="{MARGIN}" y1="{HEIGHT - MARGIN}" x2="{WIDTH - MARGIN}" '
        f'y2="{HEIGHT - MARGIN}" stroke="#999"/>',
        f'<text x="4" y="{MARGIN + 4}">{top:g} USD</text>',
    ]
    for number, each in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(_point(at, each, top) for at in range(len(each.prices)))
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
        x, y = _point(len(each.prices) - 1, each, top).split(",")
        name = escape(each.company)
        lines.append(f'<text x="{x}" y="{y}" fill="{colour}" text-anchor="end">{name}</text>')
    months = series[0].months
    for x, month, anchor in ((MARGIN, months[0], "start"), (WIDTH - MARGIN, months[-1], "end")):
        lines.append(f'<text x="{x}" y="{HEIGHT - 28}" text-anchor="{anchor}">{month}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _point(at: int, series: Series, top: float) -> str:
    steps = max(1, len(series.prices) - 1)
    x = MARGIN + at * (WIDTH - 2 * MARGIN) / steps
    y = HEIGHT - MARGIN - series.prices[at] / top * (HEIGHT - 2 * MARGIN)
    return f"{x:.1f},{y:.1f}"
