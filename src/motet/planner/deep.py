"""Several drafts for one answer: a cheap one checked before a dear one, or many attempts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from motet.planner.making import ENGINE, Maker, as_part, repeatable
from motet.planner.plan import Alternative, Estimate, Part
from motet.planner.request import CHAT, Answerer

SAVES = 0.7
"""Share of the dear one's time or money below which a cheap answer first may pay."""
WORSE = 0.01
"""How much lower the cheap one's quality is; else it alone is the better choice."""


def cascades(maker: Maker, ready: Sequence[Alternative]) -> Iterator[Alternative]:
    """Yield a cheap answer, checked, before a dear one, wherever that may pay."""
    for cheap in ready:
        if repeatable(cheap):
            for check in _checks(maker, cheap):
                for dear in ready:
                    if _pays(cheap.estimate, dear.estimate):
                        yield _cascade(maker, cheap, check, dear)


def _pays(cheap: Estimate, dear: Estimate) -> bool:
    saves = cheap.seconds < SAVES * dear.seconds or cheap.cost < SAVES * dear.cost
    return cheap.quality < dear.quality - WORSE and saves


def _cascade(maker: Maker, cheap: Alternative, check: Part, dear: Alternative) -> Alternative:
    by = f" (checked by {check.choice})" if check.choice != ENGINE else ""
    parts = (
        as_part("cheap", cheap),
        replace(check, needs=("cheap",)),
        replace(as_part("dear", dear), needs=("verify",), when="the check fails"),
    )
    return maker.composite(f"{cheap.choice} > {dear.choice}{by}", "answer.cascade", parts)


def _checks(maker: Maker, cheap: Alternative) -> Iterator[Part]:
    """Yield the ways to check an alternative's draft."""
    request = maker.request
    if cheap.method == "answer.read":
        yield maker.step("verify", "verify.answerable", ENGINE)
    elif cheap.method == CHAT and request.has_knowledge and request.cite != "none":
        yield maker.step("verify", "verify.support", ENGINE)
    judge = _verifier(maker)
    if judge is not None and judge.name != cheap.choice:
        yield _asking(maker, judge)


def _verifier(maker: Maker) -> Answerer | None:
    """Return the declared model that verifies, where it can be asked."""
    found = maker.answerers.get(maker.request.thinking.verify or "")
    return found if found is not None and found.unavailable is None else None


def _asking(maker: Maker, judge: Answerer) -> Part:
    if judge.method != CHAT:
        return maker.step("verify", "verify.answerable", judge.name)
    return maker.step("verify", "verify.ask", judge.name, judge.charge, model=judge.name)


def aggregates(maker: Maker, ready: Sequence[Alternative]) -> Iterator[Alternative]:
    """Yield attempts of one chat model, as many as thinking allows and fewer."""
    for each in ready:
        if each.method in (CHAT, "answer.turns") and repeatable(each):
            asked = maker.answerers[str(each.arguments["model"])]
            checks, choose, how = _choosing(maker, asked)
            for count in _counts(maker.request.thinking.attempts):
                parts = (
                    _attempts(each, asked, count),
                    *(replace(check, times=count) for check in checks),
                    choose,
                )
                choice = f"{count} x {each.choice} ({how})"
                yield maker.composite(choice, "answer.aggregate", parts)


def _attempts(each: Alternative, asked: Answerer, count: int) -> Part:
    """Return the attempts as a part; a model on this machine takes them one by one."""
    width = asked.concurrency or (1 if asked.local else count)
    limit = {"limit": asked.concurrency} if asked.concurrency else {}
    part = as_part("attempt", each)
    return replace(part, times=count, arguments={**part.arguments, **limit, "at_once": width})


def _choosing(maker: Maker, asked: Answerer) -> tuple[list[Part], Part, str]:
    """Return how drafts are verified, how they become one, and both in words."""
    kind = maker.request.thinking.aggregate
    judge = _verifier(maker)
    if kind == "judge" and (judge is None or judge.method == CHAT):
        who = judge or asked
        choose = maker.step("choose", "aggregate.judge", who.name, who.charge, model=who.name)
        choose = replace(choose, operator="aggregate", needs=("attempt",))
        return [], choose, f"judged by {who.name}"
    if kind == "vote":
        return [], _engine(maker, "aggregate.vote", "attempt"), "vote"
    # A judge that is no chat model can only verify.
    check = _asking(maker, judge) if judge else maker.step("verify", "verify.support", ENGINE)
    how = f"best by {check.choice}" if judge else "best"
    checks = [replace(check, needs=("attempt",))]
    return checks, _engine(maker, "aggregate.best", "verify"), how


def _engine(maker: Maker, method: str, needs: str) -> Part:
    part = maker.step("choose", method, ENGINE)
    return replace(part, operator="aggregate", effect="pure", needs=(needs,))


def _counts(attempts: int) -> list[int]:
    """Return how many attempts are worth considering: 3, 5, 9, 17... and as many as allowed."""
    fewer = [2**n + 1 for n in range(1, 10) if 2**n + 1 < attempts]
    return [*fewer, attempts] if attempts > 1 else []
