"""The page of a run: what it shows, and that no text of others becomes more than text."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.planner.explain import Actual
from motet.planner.plan import Estimate, PhysicalNode, PhysicalPlan, Rejection
from motet.planner.waterfall import to_html

KNOWN = Estimate(0.9, 0.5, 0.25, 1.0, 0.001, 10, "measured", 7)
EMPTY = Estimate(1.0, 0.0, 0.0, 0.0, 0.0, 0, "prior")
VOID = {"meta", "input"}
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@dataclass
class Row:
    """A row of the page: its classes, place, and the texts in it."""

    kinds: list[str]
    style: str
    depth: int
    text: str = ""
    bars: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The page as a browser reads it; fails on what is not closed or runs by itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[Row] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.titles: list[str] = []
        self._within: list[Row] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert len(found) == len(attrs)
        assert not any(name.startswith("on") or name in ("src", "href") for name in found)
        self.tags.append((tag, found))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "li":
            depth = self.open.count("li")
            row = Row((found["class"] or "").split(), found.get("style") or "", depth)
            self.rows.append(row)
            self._within.append(row)
        if tag == "i" and self._within:
            self._within[-1].bars.append(found["class"] or "")
        if found.get("title"):
            self.titles.append(found["title"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "li":
            self._within.pop()

    def handle_data(self, data: str) -> None:
        self.texts[self.open[-1] if self.open else ""] = (
            self.texts.get(self.open[-1] if self.open else "", "") + data
        )
        if self._within:
            self._within[-1].text += data

    def row(self, name: str) -> Row:
        [found] = [
            each for each in self.rows if each.text.removeprefix("★ ").startswith(f"{name} ")
        ]
        return found


def node(id: str, *inputs: str, estimate: Estimate = KNOWN, **more: object) -> PhysicalNode:
    parts = {"choice": "", "arguments": {}, "effect": "read", **more}
    operator = id.partition(".")[0]
    return PhysicalNode(
        id=id,
        operator=operator,
        method="python",
        inputs=inputs,
        estimate=estimate,
        **parts,  # type: ignore[arg-type]
    )


def plan_of(*nodes: PhysicalNode, warnings: tuple[str, ...] = ()) -> PhysicalPlan:
    return PhysicalPlan("test", nodes, nodes[-1].id, EMPTY, warnings)


def ran(started: float, seconds: float, **more: object) -> Actual:
    parts = {"status": "done", "tokens": 0, "cost": 0.0, "rows": None, **more}
    return Actual(started=started, seconds=seconds, **parts)  # type: ignore[arg-type]


def wide(count: int) -> tuple[PhysicalPlan, dict[str, Actual]]:
    names = [f"price.{number}" for number in range(count)]
    plan = plan_of(node("find"), *(node(each, "find") for each in names), node("sum", *names))
    actual = {"find": ran(0.0, 0.25), "sum": ran(0.75, 0.25)}
    actual |= {name: ran(0.25, number % 50 / 100) for number, name in enumerate(names)}
    return plan, actual


def test_rows_stand_where_nodes_ran() -> None:
    plan = plan_of(node("find"), node("price", "find"), node("news", "find"), node("sum", "price"))
    actual = {
        "find": ran(0.0, 1.0, tokens=30, cost=0.5),
        "find/page": ran(0.25, 0.5, parent="find", operator="fetch", choice="web"),
        "price": ran(1.0, 3.0, attempts=2),
        "news": ran(1.0, 2.0, status="failed", failure="no such page"),
        "later": ran(4.0, 0.0, status="paused"),
    }
    page = Page(to_html(plan, actual, "Prices today"))
    assert page.texts["title"] == "Prices today"
    assert [each.depth for each in page.rows] == [1, 2, 1, 1, 1, 1]
    find, inner = page.row("find"), page.row("find/page (fetch): web")
    assert (find.style, inner.style) == ("--n:0;--s:0;--d:1", "--n:1;--s:0.25;--d:0.5")
    assert find.kinds == ["done", "critical"]
    assert "30 (100%)" in find.text
    assert "$0.5000 (100%)" in find.text
    assert find.bars == ["estimate", "bar"]
    assert inner.bars == ["bar"]
    price, news = page.row("price"), page.row("news")
    assert "Attempts2" in price.text
    assert "critical" in price.kinds
    assert news.kinds == ["failed"]
    assert "Errorno such page" in news.text
    assert "Slack1.00 s" in news.text
    assert "failed, 2.00 s, no such page" in page.titles
    assert page.row("later").kinds == ["paused", "critical", "open"]
    assert page.row("sum").kinds == ["unrun"]
    assert "did not run" in page.row("sum").text


def test_a_plan_that_did_not_run_has_a_page() -> None:
    plan = plan_of(node("a", choice="web", rejected=(Rejection("file", "slower", None),)))
    page = Page(to_html(plan, {}, "nothing"))
    assert [each.kinds for each in page.rows] == [["unrun"]]
    assert "Rejectedfile: slower" in page.rows[0].text
    assert Page(to_html(plan, {"a": ran(0.0, 0.0)}, "instant")).rows[0].bars == ["estimate", "bar"]


ATTACKS = [
    "</script><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "\"' onmouseover='alert(1)' style=\"",
    "<!-- --> ]]> <![CDATA[ &lt; &amp;amp;",
    "שלום \u202etxt.exe\u202c مرحبا",
    "nul\x00 bell\x07 escape\x1b[31m half\ud800 line\u2028end",
    "--s:0;background:url(//example.org)",
    "</li></ol></details></style></textarea></noscript>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_stays_text(attack: str) -> None:
    plan = plan_of(
        node(
            attack,
            choice=attack,
            reason=attack,
            rejected=(Rejection(attack, attack, None),),
            arguments={attack: attack},
        ),
        warnings=(attack,),
    )
    found = ran(0.0, 1.0, status="failed", failure=attack, note=attack, needs=(attack, "x"))
    added = ran(0.0, 1.0, status=attack, parent=attack, operator=attack, choice=attack)
    text = to_html(plan, {attack: found, attack + "/": added}, attack)
    assert text.encode("utf-8")
    assert not re.search("[\x00\x07\x1b]", text)
    page, plain = Page(text), Page(to_html(plan_of(node("a")), {}, "a"))
    scripts = [each for each in page.tags if each[0] in ("script", "style", "img", "noscript")]
    assert scripts == [each for each in plain.tags if each[0] in ("script", "style", "noscript")]
    assert page.texts["script"] == plain.texts["script"]
    assert page.texts["style"] == plain.texts["style"]
    allowed = re.compile(r"(--[a-z]+:[\d.]+;?)+")
    assert all(
        allowed.fullmatch(found["style"] or "") for _, found in page.tags if "style" in found
    )
    kept = re.sub("[\x00-\x1f\ud800-\udfff]", "�", attack)
    assert kept.strip() in page.texts["bdi"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_shown(name: str, failure: str) -> None:
    text = to_html(plan_of(node(name)), {name: ran(0, 1, failure=failure)}, failure)
    assert len(Page(text).rows) == 1
    text.encode("utf-8")


def test_only_its_own_script_may_run_and_nothing_is_fetched() -> None:
    text = to_html(*wide(20), "prices")
    [script] = re.findall("<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in text
    assert f"script-src 'sha256-{digest}'" in text
    assert "http://" not in text.replace("http-equiv", "")
    assert "https://" not in text
    assert not re.search(r"url\(|@import|fetch\(|import ", text)


def test_siblings_are_collapsed_when_there_are_many() -> None:
    few, many = Page(to_html(*wide(30), "few")), Page(to_html(*wide(3000), "many"))
    [rest] = [each for each in many.rows if "rest" in each.kinds]
    assert rest.text.startswith("… 2,992 more price: median 240 ms, slowest 490 ms")
    assert rest.style == "--n:0;--s:0.25;--d:0.49"
    assert len(many.rows) == 3003
    assert sum(each.depth == 1 for each in many.rows) == 11
    groups = [found for tag, found in many.tags if found.get("class") == "inside"]
    assert all("open" not in each for each in groups)
    assert len(few.rows) == 33


@pytest.mark.parametrize("shape", ["wide", "deep"])
def test_ten_thousand_nodes_have_a_page(shape: str) -> None:
    plan, actual = wide(10_000)
    if shape == "deep":
        plan, actual, name = plan_of(node("flow")), {"flow": ran(0, 1)}, "flow"
        for number in range(2000):
            actual[f"{name}/s"] = ran(0, 1, parent=name)
            name = f"{name}/s" if number % 20 else "flow"
    began = time.process_time()
    text = to_html(plan, actual, shape)
    assert time.process_time() - began < 5
    assert len(text) < 12_000_000
    page = Page(text)
    assert len(page.rows) >= len(actual)
    assert max(each.depth for each in page.rows) < 100


def test_deep_steps_do_not_nest_without_end() -> None:
    actual, name = {"s": ran(0, 1)}, "s"
    for _ in range(300):
        actual[f"{name}/s"] = ran(0, 1, parent=name)
        name += "/s"
    page = Page(to_html(plan_of(node("s")), actual, "deep"))
    assert len(page.rows) == 301
    assert max(each.depth for each in page.rows) == 61


@pytest.mark.skipif(
    not Path(CHROMIUM).exists() and os.environ.get("CI") != "true", reason="needs a browser"
)
def test_a_browser_runs_the_script_and_no_other(tmp_path: Path) -> None:
    attack = "<script>document.title='taken'</script>"
    plan = plan_of(node("a"), node(attack, "a"))
    actual = {"a": ran(0.0, 0.5), attack: ran(0.5, 0.5, failure=attack)}
    page = tmp_path / "run.html"
    page.write_text(to_html(plan, actual, "A run"), encoding="utf-8")
    quiet = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    done = subprocess.run(
        [CHROMIUM, *quiet, "--virtual-time-budget=2000", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "<title>A run</title>" in done.stdout
    assert 'data-scripted="" hidden' not in done.stdout
    assert done.stdout.count('tabindex="0"') == 1
    assert done.stdout.count('tabindex="-1"') == 1
