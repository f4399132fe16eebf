"""A run as one HTML file: nested rows with bars on a time axis, readable without scripts."""

from __future__ import annotations

import base64
import hashlib
import html
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources

from motet.planner import words
from motet.planner.analysis import Actual, Analysis, Role
from motet.planner.plan import PhysicalPlan
from motet.planner.siblings import Cast, Rest

FEW = 200
"""Rows up to which everything is open at first."""
DEEPEST = 60
"""Levels nested in each other; browsers stop nesting at a few hundred elements."""
LONGEST = 2000
"""Characters shown of an error."""
BINS = 240
"""Steps in which the axis shows how many nodes ran."""
_Item = tuple[str | Rest, int]
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def to_html(plan: PhysicalPlan, actual: Mapping[str, Actual], title: str) -> str:
    """Return a page that needs nothing but itself, in any number of nodes from none on."""
    return "".join(_Page(plan, actual, title).parts())


def _escaped(text: str) -> str:
    """Return a text that is only text in HTML, within an attribute too."""
    return html.escape(_UNSAFE.sub("�", text))


def _isolated(text: str) -> str:
    """Return a text whose direction does not spread to what stands beside it."""
    return f"<bdi>{_escaped(text)}</bdi>"


def _number(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".") or "0"


class _Page:
    def __init__(self, plan: PhysicalPlan, actual: Mapping[str, Actual], title: str) -> None:
        self._plan = plan
        self._title = title
        self._cast = Cast.of(plan, actual)
        assert self._cast.analysis is not None
        self._run: Analysis = self._cast.analysis
        self._all = self._span()
        self._few = len({*self._cast.planned, *actual}) <= FEW

    def _span(self) -> float:
        """Return the seconds that the axis shows: the run, and estimates beyond it if they fit."""
        wall = self._run.wall
        furthest = wall
        for node, role in self._run.nodes.items():
            estimate = self._cast.estimate(node)
            if role.span is not None and estimate is not None:
                furthest = max(furthest, role.span.start + estimate.high)
        return min(furthest, 1.2 * wall) or 1e-3

    def parts(self) -> Iterator[str]:
        """Return the page piece by piece."""
        folder = resources.files("motet.planner")
        style = (folder / "waterfall.css").read_text("utf-8")
        script = (folder / "waterfall.js").read_text("utf-8")
        hashed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        policy = (
            f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hashed}'; "
            "base-uri 'none'; form-action 'none'"
        )
        yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        yield f"<title>{_escaped(words.one_line(self._title))}</title>\n"
        yield f"<style>\n{style}</style>\n</head>\n"
        yield f'<body style="--from:0;--span:{_number(self._all)};--all:{_number(self._all)}">\n'
        yield from self._header()
        yield f"<main>\n{self._axis()}<ol aria-label='Nodes'>\n"
        yield from self._rows()
        yield f"</ol>\n</main>\n<script>{script}</script>\n</body>\n</html>\n"

    def _header(self) -> Iterator[str]:
        yield f"<header>\n<h1>{_isolated(words.one_line(self._title, 300))}</h1>\n"
        yield '<dl class="numbers">\n'
        for name, value in self._numbers():
            yield f"<div><dt>{name}</dt><dd>{_escaped(value)}</dd></div>\n"
        yield "</dl>\n"
        for warning in self._plan.warnings:
            yield f'<p class="warning">Warning: {_isolated(words.one_line(warning, 500))}</p>\n'
        yield _TOOLS
        yield "</header>\n"

    def _numbers(self) -> Iterator[tuple[str, str]]:
        run = self._run
        yield "nodes", words.counted(each.status for each in self._cast.actual.values()) or "none"
        yield "wall time", words.seconds(run.wall)
        yield "critical path", words.seconds(run.path_seconds)
        yield "parallelism", f"{run.parallelism:.1f} (at most {run.peak})"
        yield "idle", words.seconds(run.idle)
        yield "money", words.money(run.cost)
        yield "tokens", f"{run.tokens:,}"
        if words.is_known(self._plan.estimate):
            yield "estimated", words.expected(self._plan.estimate)

    def _axis(self) -> str:
        gap = _tick(self._all / 6)
        count = math.ceil(self._all / gap)
        ticks = "".join(
            f'<b style="--s:{_number(at * gap)}">{words.seconds(at * gap)}</b>'
            for at in range(count)
        )
        return (
            '<div class="axis" aria-hidden="true"><span>node</span>'
            f'<div class="scale">{self._load()}{ticks}</div><span class="took">took</span></div>\n'
        )

    def _load(self) -> str:
        """Return a picture of how many nodes ran over time."""
        width = self._all / BINS
        load = [0.0] * (BINS + 1)
        for node, role in self._run.nodes.items():
            if role.span is not None and not self._run.children.get(node):
                first, last = int(role.span.start / width), int(role.span.end / width)
                load[min(first, BINS)] += 1
                load[min(last + 1, BINS)] -= 1
        height, points = 0.0, ["M0 1"]
        most = float(max(self._run.peak, 1))
        for at, change in enumerate(load):
            height += change
            level = 1 - min(height / most, 1.0)
            points.append(f"L{at} {level:.3f}L{at + 1} {level:.3f}")
        return (
            f'<svg viewBox="0 0 {BINS} 1" preserveAspectRatio="none" aria-hidden="true">'
            f'<path d="{"".join(points)}L{BINS} 1Z"/></svg>'
        )

    def _rows(self) -> Iterator[str]:
        """Return the rows, nested; a stack stands for recursion, as plans may be deep."""
        stack: list[_Item | str] = [*reversed(self._below(None, 0))]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                yield item
                continue
            node, level = item
            if isinstance(node, Rest):
                yield self._rest(node, level)
                stack.append("</ol></details></li>\n")
                stack.extend((each, level + 1) for each in reversed(node.nodes))
                continue
            yield self._row(node, level)
            inner = self._below(node, level + 1)
            if not inner or level >= DEEPEST:
                yield "</li>\n"
            else:
                yield self._inside(node, inner, level)
                stack.append("</ol></details></li>\n")
            stack.extend(reversed(inner))

    def _below(self, node: str | None, level: int) -> list[_Item]:
        if node is None:
            started = self._run.children.get(None, ())
            nodes = [
                *started,
                *(each for each in self._cast.planned if each not in self._cast.actual),
            ]
        else:
            idle = self._cast.idle_parts(node) if node in self._cast.planned else []
            nodes = [*self._cast.steps(node), *idle]
        return [(each, level) for each in self._cast.collapsed(nodes)]

    def _inside(self, node: str, inner: Sequence[_Item], level: int) -> str:
        count = sum(len(n.nodes) if isinstance(n, Rest) else 1 for n, _ in inner)
        opened = " open" if self._few or (self._cast.critical(node) and len(inner) <= 30) else ""
        return (
            f'<details class="inside"{opened}><summary style="--n:{level + 1}">'
            f'<span class="name">{count:,} inside</span></summary><ol>\n'
        )

    def _rest(self, rest: Rest, level: int) -> str:
        roles = [self._run.nodes[each] for each in rest.nodes if each in self._run.nodes]
        spans = [each.span for each in roles if each.span is not None]
        start = min((each.start for each in spans), default=0.0)
        length = max((each.end for each in spans), default=0.0) - start
        critical = " critical" if any(each.critical for each in roles) else ""
        name = f"… {len(rest.nodes):,} more {words.one_line(rest.operator, 40)}"
        about = _escaped(self._cast.describe(rest))
        return (
            f'<li class="rest{critical}" style="--n:{level};{_place(start, length)}">'
            f'<details class="inside"><summary><span class="name">{_isolated(name)}: {about}</span>'
            f'<span class="track" title="{about}"><i class="bar"></i></span>'
            f'<span class="took">{words.seconds(length)}</span></summary><ol>\n'
        )

    def _row(self, node: str, level: int) -> str:
        role, actual = self._run.nodes.get(node), self._cast.actual.get(node)
        span = role.span if role is not None else None
        kinds = [actual.status] if actual is not None else ["unrun"]
        star = ""
        if role is not None and role.critical:
            kinds.append("critical")
            star = '<span title="on the critical path">★ </span>'
        if span is not None and span.open:
            kinds.append("open")
        place = f";{_place(span.start, span.seconds)}" if span is not None else ""
        took = words.seconds(span.seconds) if span is not None else "–"
        if actual is not None and actual.status != "done":
            took = f"{actual.status} {took}"
        facts = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in self._facts(node))
        return (
            f'<li class="{_escaped(" ".join(kinds))}" style="--n:{level}{place}">'
            f'<details class="facts"><summary><span class="name">{star}'
            f"{_isolated(self._cast.title(node))}</span> {self._track(node)} "
            f'<span class="took">{_escaped(took)}</span></summary><dl>{facts}</dl></details>'
        )

    def _track(self, node: str) -> str:
        role, actual = self._run.nodes.get(node), self._cast.actual.get(node)
        if role is None or role.span is None or actual is None:
            return '<span class="track"></span>'
        estimate = self._cast.estimate(node)
        band = ""
        if estimate is not None and estimate.high > 0:
            place = _place(role.span.start + estimate.low, estimate.high - estimate.low)
            band = f'<i class="estimate" style="{place}"></i>'
        return f'<span class="track" title="{_tip(actual, role)}">{band}<i class="bar"></i></span>'

    def _facts(self, node: str) -> Iterator[tuple[str, str]]:
        role, actual = self._run.nodes.get(node), self._cast.actual.get(node)
        if role is not None and actual is not None:
            yield from _happened(actual, role, self._run)
        else:
            yield "Status", "did not run"
        estimate = self._cast.estimate(node)
        if estimate is not None:
            missed = ""
            if role is not None and role.span is not None and estimate.seconds > 0:
                missed = f"; took {words.times(role.span.seconds, estimate.seconds)} that"
            yield "Estimate", f"{words.expected(estimate)}, {words.basis(estimate)}{missed}"
        planned = self._cast.planned.get(node)
        if planned is not None:
            effect = f"{planned.effect}, pinned" if planned.pinned else planned.effect
            yield "Effect", _escaped(effect)
            if planned.reason:
                yield "Chosen", _isolated(planned.reason)
            for each in planned.rejected:
                yield "Rejected", f"{_isolated(each.choice)}: {_isolated(each.reason)}"


def _happened(actual: Actual, role: Role, run: Analysis) -> Iterator[tuple[str, str]]:
    yield "Status", _escaped(actual.status)
    if role.span is not None:
        least = "at least " if role.span.open else ""
        by_itself = f", {words.seconds(role.own)} by itself" if role.own < role.span.seconds else ""
        share = f"{words.percent(role.time)} of the run's time"
        yield "Started", f"after {words.seconds(role.span.start)}"
        yield "Took", f"{least}{words.seconds(role.span.seconds)}{by_itself}, {share}"
    if role.path is not None:
        yield "Critical path", f"{words.seconds(role.path)} of {words.seconds(run.path_seconds)}"
    if role.slack:
        yield "Slack", words.seconds(role.slack)
    if role.wait:
        yield "Waited", words.seconds(role.wait)
    if role.together:
        yield "At the same time", _isolated(words.listed(role.beside, role.together))
    if actual.tokens:
        yield "Tokens", f"{actual.tokens:,} ({words.percent(role.tokens)})"
    if actual.cost:
        yield "Money", f"{words.money(actual.cost)} ({words.percent(role.money)})"
    if actual.rows is not None:
        yield "Rows", f"{actual.rows:,}"
    if actual.attempts > 1:
        yield "Attempts", str(actual.attempts)
    if actual.needs:
        yield "Needed", _isolated(words.listed(actual.needs[:5], len(actual.needs)))
    for name, text in (("Note", actual.note), ("Error", actual.failure)):
        if text:
            cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
            yield name, _isolated(cut)


def _tip(actual: Actual, role: Role) -> str:
    assert role.span is not None
    facts = [actual.status, words.seconds(role.span.seconds)]
    if actual.tokens:
        facts.append(f"{actual.tokens} tokens")
    if actual.cost:
        facts.append(words.money(actual.cost))
    if actual.attempts > 1:
        facts.append(f"{actual.attempts} attempts")
    if actual.failure:
        facts.append(words.one_line(actual.failure))
    return _escaped(", ".join(facts))


def _place(start: float, seconds: float) -> str:
    return f"--s:{_number(start)};--d:{_number(seconds)}"


def _tick(rough: float) -> float:
    """Return the nearest larger of 1, 2 and 5 times a power of ten."""
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(each * power for each in (1, 2, 5, 10) if each * power >= rough * (1 - 1e-9))


_TOOLS = """<div class="tools">
<label><input type="checkbox" id="only"> Only the critical path</label>
<span data-scripted hidden><label>Find <input type="search" id="search"></label></span>
<span data-scripted hidden role="group" aria-label="Time axis">
<button type="button" data-zoom="in">Zoom in</button>
<button type="button" data-zoom="out">Zoom out</button>
<button type="button" data-zoom="row">To the row</button>
<button type="button" data-zoom="all">All</button></span>
<span data-scripted hidden role="group" aria-label="Rows">
<button type="button" data-open="1">Open all</button>
<button type="button" data-open="0">Close all</button></span>
</div>
<p class="legend"><span><i class="bar"></i>ran</span>
<span><i class="bar critical"></i>★ on the critical path</span>
<span><i class="bar failed"></i>failed</span>
<span><i class="bar open"></i>not ended</span>
<span><i class="estimate"></i>estimated end</span></p>
<p data-scripted hidden><kbd>↑</kbd> <kbd>↓</kbd> rows, <kbd>→</kbd> <kbd>←</kbd> open and close,
<kbd>Enter</kbd> details, <kbd>+</kbd> <kbd>-</kbd> zoom, <kbd>[</kbd> <kbd>]</kbd> move,
<kbd>z</kbd> zoom to the row, <kbd>0</kbd> all</p>
<noscript><p>Rows open without scripts; zoom and search need them.</p></noscript>
"""
