"""A comparison as lines of text: figures, differences, and what the set could show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from motet.learning.comparison import Comparison, Figures
from motet.learning.intervals import Interval
from motet.learning.plot import letter
from motet.learning.significance import Difference

KINDS = 2
"""Kinds of errors that are told of one candidate."""
HEADER = ("", "QUALITY", "95%", "P50", "P95", "USD/Q", "TOKENS IN/OUT", "ABSTAINED", "FAILED")


def table(found: Comparison) -> str:
    """Return the figures, best quality first."""
    names = [each.name for each in found.figures]
    ordered = sorted(found.figures, key=lambda each: -each.quality.mean)
    rows = [HEADER, *(_row(each, letter(names.index(each.name))) for each in ordered)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _row(each: Figures, letter: str) -> tuple[str, ...]:
    return (
        f"{letter} {each.name}",
        f"{each.quality.mean:.3f}",
        bounds(each.quality),
        seconds(each.p50),
        seconds(each.p95),
        money(each.cost),
        f"{each.input_tokens:.0f}/{each.output_tokens:.0f}",
        str(each.abstained),
        str(each.failed),
    )


def verdicts(found: Comparison) -> str:
    """Say of every pair whether they differ, and what difference would have shown."""
    if not found.differences:
        return ""
    width = max(len(f"{each.first} - {each.second}") for each in found.differences)
    lines = ["Differences in quality (paired permutation test, Holm-corrected):"]
    for each in found.differences:
        pair = f"{each.first} - {each.second}".ljust(width)
        lines.append(f"  {pair}  {each.difference.mean:+.3f} {_said(each)}")
    return "\n".join(lines)


def _said(each: Difference) -> str:
    verdict = "significant" if each.significant else "not significant"
    low, high = each.difference.low, each.difference.high
    text = f"[{low:+.3f}, {high:+.3f}]  p {each.p:.4f}  {verdict}"
    return f"{text}; {each.detectable:.3f} would show four times in five"


def domains(found: Comparison) -> str:
    """Return quality by domain, where there are several."""
    names = sorted(set(found.domains))
    if len(names) < 2:
        return ""
    lines = ["Quality by domain:"]
    for domain in names:
        count = found.domains.count(domain)
        parts = [
            f"{letter(place)} {each.domains[domain][1].mean:.2f}"
            for place, each in enumerate(found.figures)
        ]
        lines.append(f"  {domain} ({count}): {', '.join(parts)}")
    return "\n".join(lines)


def bounds(each: Interval) -> str:
    """Return an interval."""
    return f"{each.low:.3f}-{each.high:.3f}"


def seconds(value: float | None) -> str:
    """Return seconds, `-` where nothing came."""
    return "-" if value is None else f"{value:.2f} s"


def money(value: float | None) -> str:
    """Return USD, `?` where a price is unknown."""
    if value is None:
        return "?"
    return "0" if value == 0 else f"{value:.3g}"


def errors(found: Comparison) -> Sequence[str]:
    """Return what failed and how often, the most frequent of each candidate."""
    lines = []
    for name, outcomes in found.outcomes.items():
        said = Counter(each.error for each in outcomes if each.error is not None)
        for error, count in said.most_common(KINDS):
            lines.append(f"{name}: {count} of {len(outcomes)} failed: {error}")
        if len(said) > KINDS:
            rest = said.total() - sum(count for _, count in said.most_common(KINDS))
            lines.append(f"{name}: {rest} of {len(outcomes)} failed in other ways")
    return lines
