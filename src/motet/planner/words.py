"""Numbers, names and shares as a person reads them, on one line and without control codes."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from statistics import median

from motet.planner.plan import Estimate

LONGEST = 120
"""Characters shown of a text that others wrote."""
_NUMBERED = re.compile(r"(-[0-9a-f]{16})?(\.\d+)?$")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return a text that cannot break a line, a terminal or the direction of what follows."""
    text = " ".join(text[: 4 * longest].split())
    shown = "".join("�" if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    shown = _TURNING.sub("�", shown)
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def seconds(value: float) -> str:
    """Return a duration with the unit that suits it."""
    whole = round(value)
    if whole >= 86_400:
        return f"{whole // 86_400} d {whole % 86_400 // 3600} h"
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    if whole >= 100:
        return f"{whole // 60} min {whole % 60} s"
    if value >= 0.9995:
        return f"{value:.2f} s"
    if value >= 0.00995 or round(value, 7) == 0:
        return f"{value * 1e3:.0f} ms"
    return f"{value * 1e3:.1f} ms" if value >= 0.0009995 else f"{value * 1e6:.0f} µs"


def money(value: float) -> str:
    """Return USD, to the digits that say something."""
    if not value:
        return "$0"
    return f"${value:.4f}" if abs(value) >= 0.0001 else f"${value:.7f}"


def percent(share: float) -> str:
    """Return a share of a whole."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def basis(estimate: Estimate) -> str:
    """Return where an estimate comes from."""
    return f"measured on {estimate.samples}" if estimate.basis == "measured" else "prior"


def is_known(estimate: Estimate) -> bool:
    """Whether anything is expected at all: of functions never run before, nothing is."""
    return estimate.basis == "measured" or estimate.high > 0 or estimate.cost > 0


def expected(estimate: Estimate) -> str:
    """Return time with its interval, money and tokens that are expected."""
    if not is_known(estimate):
        return "not estimated"
    low, high = seconds(estimate.low), seconds(estimate.high)
    tokens = f", {estimate.tokens} tokens" if estimate.tokens else ""
    return f"{seconds(estimate.seconds)} ({low} to {high}), {money(estimate.cost)}{tokens}"


def times(actual: float, estimate: float) -> str:
    """Return how many times an estimate something was."""
    ratio = actual / estimate
    return f"{ratio:.1f}x" if ratio < 100 else f"{ratio:.0f}x"


def unnumbered(node_id: str) -> str:
    """Return a node's id without the hash and number that tell it from its like."""
    return _NUMBERED.sub("", node_id, count=1)


def operator_in(node_id: str) -> str:
    """Return the operator that a node's id names."""
    return unnumbered(node_id.rpartition("/")[2])


def title(node_id: str, operator: str, choice: str) -> str:
    """Return a node's id, its operator where the id does not say it, and what was chosen."""
    name = one_line(node_id, 80)
    if operator_in(node_id) != operator:
        name += f" ({one_line(operator, 40)})"
    return f"{name}: {one_line(choice, 60)}" if choice and choice != operator else name


def spread(durations: list[float]) -> str:
    """Return what can be said of many durations in a few words."""
    return f"median {seconds(median(durations))}, slowest {seconds(max(durations))}"


def counted(names: Iterable[str]) -> str:
    """Return how many there are of each name, the most frequent first."""
    return ", ".join(
        f"{count} {one_line(name, 40)}" for name, count in Counter(names).most_common()
    )


def listed(names: tuple[str, ...], count: int) -> str:
    """Return some names and how many more there are."""
    shown = ", ".join(one_line(each, 60) for each in names)
    more = count - len(names)
    return f"{shown} and {more} more" if more > 0 else shown
