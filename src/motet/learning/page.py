"""A comparison as a page of its own: no script, nothing from elsewhere, dark and light."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files

from motet.learning.comparison import Comparison, Figures
from motet.learning.plot import Axis, Scale, axis, letter, spread
from motet.learning.significance import LEVEL
from motet.learning.table import bounds, money, seconds

SHOWN = 500
"""Questions whose answers are on the page."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 620, 16, 300
_Cell = tuple[str, str]
"""A cell's class and its text."""


def page(found: Comparison) -> str:
    """Return the comparison as HTML."""
    return "".join(_parts(found))


def _parts(found: Comparison) -> Iterator[str]:
    style = files("motet.learning").joinpath("comparison.css").read_text("utf-8")
    title = f"{len(found.figures)} compared on {found.questions.name}"
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
    yield f"<h1>{escape(title)}</h1>\n"
    yield f"<p>{len(found.questions.questions)} questions, scored by {escape(found.scorer)}. "
    yield "Intervals hold the true mean with a probability of 95%.</p>\n"
    yield "<h2>Quality, money, time</h2>\n" + _figures(found.figures)
    yield "<h2>Who is beaten by nobody</h2>\n" + _plot(found.figures)
    if found.differences:
        yield "<h2>Differences</h2>\n" + _differences(found)
    if len(set(found.domains)) > 1:
        yield "<h2>By domain</h2>\n" + _domains(found)
    yield "<h2>Answers</h2>\n" + _answers(found)
    yield "</main>\n</body>\n</html>\n"


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[_Cell]]) -> str:
    """Return a table whose first column names its rows."""
    heads = [
        f'<th scope="col"{_class("text" if not i else "")}>{escape(h)}</th>'
        for i, h in enumerate(head)
    ]
    lines = []
    for first, *rest in rows:
        cells = [f'<th scope="row"{_class(first[0])}>{escape(first[1])}</th>']
        cells += [f"<td{_class(name)}>{escape(text)}</td>" for name, text in rest]
        lines.append(f"<tr>{''.join(cells)}</tr>\n")
    return (
        f'<div class="wide"><table>\n<caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{''.join(heads)}</tr></thead>\n<tbody>\n{''.join(lines)}</tbody></table></div>\n"
    )


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _plain(*texts: str) -> list[_Cell]:
    return [("", text) for text in texts]


def _figures(figures: Sequence[Figures]) -> str:
    head = (
        "",
        "quality",
        "95%",
        "median",
        "95 of 100",
        "USD a question",
        "tokens in",
        "out",
        "abstained",
        "failed",
        "Pareto front",
    )
    rows = [_figure(f"{letter(place)} {each.name}", each) for place, each in enumerate(figures)]
    return _table("Tokens and money are means; ? is an unknown price.", head, rows)


def _figure(name: str, each: Figures) -> list[_Cell]:
    cells = _plain(
        name,
        f"{each.quality.mean:.3f}",
        bounds(each.quality),
        seconds(each.p50),
        seconds(each.p95),
        money(each.cost),
        f"{each.input_tokens:.0f}",
        f"{each.output_tokens:.0f}",
        str(each.abstained),
    )
    cells.append(("bad" if each.failed else "", str(each.failed)))
    cells.append(("", "yes" if each.best else "no"))
    return cells


def _differences(found: Comparison) -> str:
    head = ("first less second", "difference", "95%", "p", "significant", "detectable")
    rows = [
        _plain(
            f"{each.first} − {each.second}",
            f"{each.difference.mean:+.3f}",
            f"{each.difference.low:+.3f} to {each.difference.high:+.3f}",
            f"{each.p:.4f}",
            "yes" if each.significant else "no",
            f"{each.detectable:.3f}",
        )
        for each in found.differences
    ]
    caption = (
        f"Paired permutation test, Holm-corrected, at {LEVEL}. What is detectable would have "
        "been found four times in five."
    )
    return _table(caption, head, rows)


def _domains(found: Comparison) -> str:
    head = ("", *(f"{letter(place)} {each.name}" for place, each in enumerate(found.figures)))
    rows = [
        _plain(
            f"{domain} ({found.domains.count(domain)})",
            *(
                f"{each.domains[domain][1].mean:.3f} ({bounds(each.domains[domain][1])})"
                for each in found.figures
            ),
        )
        for domain in sorted(set(found.domains))
    ]
    return _table("Quality by domain, with the number of questions.", head, rows)


def _answers(found: Comparison) -> str:
    head = ("question", "right", *(each.name for each in found.figures))
    rows = []
    for place, question in enumerate(found.questions.questions[:SHOWN]):
        row = [("text", question.text), ("text", " / ".join(question.answers) or "no answer")]
        for each in found.figures:
            outcome = found.outcomes[each.name][place]
            said = outcome.error or ("abstained" if outcome.abstained else outcome.answer)
            bad = "text bad" if outcome.error else "text"
            row.append((bad, f"{outcome.score:.2f} {said}"))
        rows.append(row)
    more = len(found.questions.questions) - SHOWN
    caption = "Each answer behind its score." + (f" {more} more are left out." if more > 0 else "")
    return f"<details><summary>Show each</summary>\n{_table(caption, head, rows)}</details>\n"


def _plot(figures: Sequence[Figures]) -> str:
    across = axis(figures)
    if not across.known:
        return "<p>No answer came.</p>\n"
    low, high = spread(
        [bound for each in figures for bound in (each.quality.low, each.quality.high)]
    )
    left, right = spread(across.known)
    marks = [
        _mark(place, each, _x(Scale(left, right)(value)), low, high)
        for place, (each, value) in enumerate(zip(figures, across.values, strict=True))
        if value is not None
    ]
    said = "; ".join(
        f"{each.name}: quality {each.quality.mean:.3f}"
        + ("" if value is None else f" at {across.shown(value)}")
        for each, value in zip(figures, across.values, strict=True)
    )
    return (
        '<svg viewBox="0 0 640 350" role="img" aria-labelledby="plot-title plot-text">\n'
        f'<title id="plot-title">Quality against {escape(across.title)}</title>\n'
        f'<desc id="plot-text">{escape(said)}</desc>\n'
        f"{_axes(across, left, right, low, high)}{''.join(marks)}</svg>\n"
        "<p>Filled: nobody is as good in quality, money and time and better in one of them.</p>\n"
    )


def _x(share: float) -> float:
    return _LEFT + 24 + share * (_RIGHT - _LEFT - 60)


def _y(quality: float, low: float, high: float) -> float:
    return _BOTTOM - (quality - low) / (high - low) * (_BOTTOM - _TOP)


def _mark(place: int, each: Figures, x: float, low: float, high: float) -> str:
    kind = "front" if each.best else "beaten"
    middle, top, bottom = (
        _y(value, low, high) for value in (each.quality.mean, each.quality.high, each.quality.low)
    )
    return (
        f'<line class="reach {kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}"/>'
        f'<circle class="{kind}" cx="{x:.1f}" cy="{middle:.1f}" r="6"/>'
        f'<text x="{x + 10:.1f}" y="{middle + 4:.1f}">{letter(place)}</text>\n'
    )


def _axes(across: Axis, left: float, right: float, low: float, high: float) -> str:
    lines = [
        f'<line class="axis" x1="{_LEFT}" x2="{_RIGHT}" y1="{_BOTTOM + 8}" y2="{_BOTTOM + 8}"/>'
    ]
    for step in range(5):
        value = low + (high - low) * step / 4
        y = _y(value, low, high)
        lines.append(
            f'<line x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="quiet" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{value:.2f}</text>"
        )
    for share, value, anchor in ((0.0, left, "start"), (1.0, right, "end")):
        lines.append(
            f'<text class="quiet" x="{_x(share):.1f}" y="{_BOTTOM + 26}" text-anchor="{anchor}">'
            f"{escape(across.shown(value))}</text>"
        )
    lines.append(
        f'<text class="quiet" x="{(_LEFT + _RIGHT) / 2}" y="{_BOTTOM + 44}" text-anchor="middle">'
        f"{escape(across.title)}</text>\n"
    )
    return "".join(lines)
