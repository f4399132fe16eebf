"""The planner: a question and a system's means in, a physical plan out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from motet.core.errors import ProviderError, SetupNeeded, UsageError
from motet.core.passages import RetrievalMode
from motet.planner.cost import CostModel, Price
from motet.planner.optimise import Objective, optimise
from motet.planner.plan import Alternative, LogicalPlan, Node, PhysicalPlan
from motet.planner.rules import LOGICAL, PHYSICAL, Facts, first_plan
from motet.planner.validate import check_budget, validate


@dataclass(frozen=True, slots=True)
class Answerer:
    """A model that may answer: `method` is the code that asks it, `note` says why that one."""

    name: str
    method: str
    price: Price | None = None
    local: bool = True
    unavailable: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be planned. `pins` map an operator to a choice."""

    skill: str
    retrieval: Mapping[RetrievalMode, str | None]
    answerers: Sequence[Answerer]
    has_knowledge: bool
    cite: str = "optional"
    objective: Objective = field(default_factory=Objective)
    pins: Mapping[str, str] = field(default_factory=dict)
    budget_usd: float | None = None


class Planner:
    """Plans by cost; deterministic for equal requests and statistics."""

    def __init__(self, costs: CostModel) -> None:
        self._costs = costs

    def plan(self, request: Request) -> PhysicalPlan:
        """Return the plan to run.

        Raises `UsageError` for a pin that names nothing, `ProviderError` or `SetupNeeded`
        when nothing that could answer is available, `ObjectiveError` and `RunError` as
        `optimise` and `check_budget` do.
        """
        logical = first_plan(request.skill)
        validate(logical, after="first_plan")
        facts = Facts(request.cite, request.has_knowledge)
        for rule in LOGICAL:
            logical = rule(logical, facts)
            validate(logical, after=rule.__name__)
        alternatives = {node.id: self._alternatives(node, request) for node in logical.nodes}
        pins = _pins(request.pins, logical, alternatives)
        for node in logical.nodes:
            _need_one(node, alternatives[node.id], pins.get(node.id))
        plan = optimise(logical, alternatives, request.objective, pins, request.budget_usd)
        validate(plan, after="optimise")
        for rewrite in PHYSICAL:
            plan = rewrite(plan)
            validate(plan, after=rewrite.__name__)
        check_budget(plan, request.budget_usd)
        return plan

    def _alternatives(self, node: Node, request: Request) -> list[Alternative]:
        if node.operator == "retrieve":
            return [
                self._alternative("retrieve.search", mode, {"mode": mode}, unavailable=why)
                for mode, why in request.retrieval.items()
            ]
        if node.operator == "answer":
            return [self._answerer(each, request) for each in request.answerers]
        if node.operator == "nothing":
            return [self._alternative("retrieve.nothing", "nothing", {})]
        return [self._alternative("cite.check", "engine", {})]

    def _alternative(
        self, method: str, choice: str, arguments: Mapping[str, str], unavailable: str | None = None
    ) -> Alternative:
        estimate = self._costs.estimate(method, choice)
        return Alternative(choice, method, estimate, arguments, unavailable)

    def _answerer(self, each: Answerer, request: Request) -> Alternative:
        estimate = self._costs.estimate(each.method, each.name, price=each.price, local=each.local)
        unavailable = each.unavailable
        if unavailable is None and not request.has_knowledge and each.method != "answer.generate":
            unavailable = "it reads documents, and this system has no knowledge"
        arguments = {"model": each.name} | ({"note": each.note} if each.note else {})
        return Alternative(each.name, each.method, estimate, arguments, unavailable)


def _pins(
    pins: Mapping[str, str], plan: LogicalPlan, alternatives: Mapping[str, Sequence[Alternative]]
) -> dict[str, str]:
    """Return the pins by node id; every pin must name an operator and one of its choices."""
    operators = {node.operator: node.id for node in plan.nodes}
    found: dict[str, str] = {}
    for operator, choice in pins.items():
        if operator == "retrieve" and "nothing" in operators:
            continue
        if operator not in operators:
            raise _unknown(f"no operator {operator!r} in this plan", operator, list(operators))
        choices = [each.choice for each in alternatives[operators[operator]]]
        if choice not in choices:
            kind = "model" if operator == "answer" else "choice"
            raise _unknown(f"no such {kind} for {operator!r}: {choice!r}", choice, choices)
        found[operators[operator]] = choice
    return found


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
