"""The planner: a question and a system's means in, a physical plan out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from motet.core.errors import ProviderError, SetupNeeded, UsageError
from motet.planner.alternatives import alternatives_of
from motet.planner.cache import PlanCache, shape
from motet.planner.cost import CostModel, Look
from motet.planner.making import REPEATABLE, Maker
from motet.planner.operators import OPERATORS, OTHER_NAMES
from motet.planner.optimise import optimise
from motet.planner.plan import Alternative, LogicalPlan, Node, PhysicalPlan
from motet.planner.request import CHAT, Answerer, Request
from motet.planner.rules import LOGICAL, PHYSICAL, Facts, first_plan
from motet.planner.validate import check_budget, validate

__all__ = ["Answerer", "Planner", "Request"]


class Planner:
    """Plans by cost; deterministic for equal requests and statistics.

    Plans are cached by shape. Safe to use from several threads.
    """

    def __init__(self, costs: CostModel) -> None:
        self._costs = costs
        self._cache = PlanCache()

    def plan(self, request: Request) -> PhysicalPlan:
        """Return the plan to run.

        Raises `UsageError` for a pin that names nothing, `ProviderError` or `SetupNeeded`
        when nothing that could answer is available, `ObjectiveError` and `RunError` as
        `optimise` and `check_budget` do.
        """
        look = self._costs.look()
        key = shape(request)
        kept = self._cache.get(key)
        if kept is not None and look.agrees(kept[1]):
            return kept[0]
        plan = _plan(request, look)
        self._cache.put(key, plan, look.editions)
        return plan


def _plan(request: Request, look: Look) -> PhysicalPlan:
    logical = _logical(request)
    maker = Maker(look, request)
    alternatives = {node.id: alternatives_of(node, maker) for node in logical.nodes}
    pins, unused = _pins(request.pins, logical, alternatives)
    for node in logical.nodes:
        _need_one(node, alternatives[node.id], pins.get(node.id))
    plan = optimise(logical, alternatives, request.objective, pins, request.limits)
    validate(plan, after="optimise")
    for rewrite in PHYSICAL:
        plan = rewrite(plan)
        validate(plan, after=rewrite.__name__)
    warnings = [*plan.warnings, *check_budget(plan, request.limits), *_drifts(plan, look)]
    return replace(plan, warnings=(*warnings, *unused, *_unserved(request)), task=request.task)


def _logical(request: Request) -> LogicalPlan:
    plan = first_plan(request.skill)
    validate(plan, after="first_plan")
    facts = Facts(request.cite, request.has_knowledge, request.recalls, request.typed)
    for rule in LOGICAL:
        plan = rule(plan, facts)
        validate(plan, after=rule.__name__)
    return plan


def _drifts(plan: PhysicalPlan, look: Look) -> list[str]:
    """Return a warning for each choice that takes longer than it used to."""
    found = []
    for node in plan.nodes:
        drift = look.known(node.method, node.choice).drift
        if drift is not None and drift.ratio > 1:
            found.append(f"{node.operator}: {node.choice} {drift.words()}")
    return found


def _unserved(request: Request) -> list[str]:
    """Return a warning for each part of the request that nothing here can carry out."""
    found = []
    chats = [each for each in request.answerers if each.method == CHAT]
    if request.memory != "none" and request.forgets:
        found.append(f"nothing is remembered: {request.forgets}")
    if request.tools and not chats:
        found.append("nothing can call tools: no chat model is declared")
    if request.thinking.attempts > 1 and not chats:
        found.append("nothing can take several attempts: no chat model is declared")
    lasting = [each.name for each in request.tools if each.effect not in REPEATABLE]
    if request.thinking.attempts > 1 and chats and lasting:
        found.append(f"one attempt only: {', '.join(lasting)} may change something each time")
    missing = [f"{each.name} ({each.unavailable})" for each in request.tools if each.unavailable]
    if missing:
        found.append(f"tools that cannot be called now: {', '.join(missing)}")
    return found


def _pins(
    pins: Mapping[str, str], plan: LogicalPlan, alternatives: Mapping[str, Sequence[Alternative]]
) -> tuple[dict[str, str], list[str]]:
    """Return the pins by node id, and warnings about those that have no node in this plan.

    A pin must name an operator; where that stands in the plan, one of its choices.
    """
    nodes = {node.operator: node.id for node in plan.nodes}
    found: dict[str, str] = {}
    unused: list[str] = []
    for name, choice in pins.items():
        operator = OTHER_NAMES.get(name, name)
        if operator == "answer" and "extract" in nodes:
            operator = "extract"
        if operator not in OPERATORS:
            raise _unknown(f"no operator {name!r} in this plan", name, list(nodes))
        if operator not in nodes:
            if not (operator == "retrieve" and "nothing" in nodes):
                unused.append(f"pinned, but not in this plan: {name}")
            continue
        choices = [each.choice for each in alternatives[nodes[operator]]]
        if choice not in choices:
            kind = "model" if operator in ("answer", "extract") else "choice"
            raise _unknown(f"no such {kind} for {name!r}: {choice!r}", choice, choices)
        found[nodes[operator]] = choice
    return found, unused


def _unknown(message: str, name: str, known: Sequence[str]) -> UsageError:
    near = get_close_matches(name, known, n=1)
    hint = f"nearest: {near[0]}" if near else f"there are: {', '.join(known)}"
    return UsageError(message, where="pin", hint=hint)


def _need_one(node: Node, choices: Sequence[Alternative], pin: str | None) -> None:
    asked = [each for each in choices if pin is None or each.choice == pin]
    if any(each.unavailable is None for each in asked):
        return
    reasons = "; ".join(f"{each.choice}: {each.unavailable}" for each in asked)
    if any("motet setup" in (each.unavailable or "") for each in asked):
        raise SetupNeeded(f"nothing can {node.operator} ({reasons})")
    raise ProviderError(f"nothing can {node.operator}: {reasons or 'no model is declared'}")
