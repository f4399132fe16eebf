"""Finding the operators of a recorded plan again, in whatever process resumes it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from motet.core.errors import PlanError
from motet.core.json import JSON, dumps, loads
from motet.core.values import decode, remember
from motet.planner.operator import (
    PLAIN,
    RECORDED,
    REGISTRY,
    Identity,
    Operator,
    as_operator,
)
from motet.planner.written import Call, Plan
from motet.runtime.builtin import approve, clock, event, map, sleep
from motet.runtime.node import words

_BUILTIN = {operator.choice: operator for operator in (approve, clock, event, map, sleep)}
_PLAIN = {name: getattr(PLAIN, name) for name in RECORDED}


def is_builtin(operator: Operator[Any, Any]) -> bool:
    """Whether Motet brings the operator."""
    return operator.choice in _BUILTIN


class Operators:
    """The operators there are: those given, those this process has decorated or imported."""

    def __init__(self, given: Iterable[Any] = ()) -> None:
        self._given = [as_operator(each) for each in given]
        for each in (*self._given, *REGISTRY.values()):
            if isinstance(each.returns, type):
                remember(each.returns)

    def find(self, recorded: Mapping[str, str]) -> Operator[Any, Any]:
        """Return the operator that was recorded so, with the options it had.

        One that is given counts by its name, whatever its source. Raises `PlanError` where
        it is not found or its source has changed since.
        """
        found = self._found(recorded)
        if "options" not in recorded:
            return found
        options = {**_PLAIN, **cast("dict[str, Any]", loads(recorded["options"]))}
        same = all(getattr(found.settings, name) == each for name, each in options.items())
        return found if same else found.options(**options)

    def _found(self, recorded: Mapping[str, str]) -> Operator[Any, Any]:
        name = recorded["name"]
        known = Identity(*(recorded[each] for each in ("module", "qualname", "file", "source")))
        for each in self._given:
            same = name == each.name or each.identity.qualname == known.qualname
            if same and (name != "lambda" or each.identity.source == known.source):
                return each
        found = self._here(known)
        if found is None:
            raise PlanError(
                f"the operator '{name}' is not in this process",
                where=f"{known.file}:{known.qualname}",
                hint="resume from the script that started the run, or pass operators=[...]",
            )
        if found.identity.source != known.source:
            raise PlanError(
                f"the operator '{name}' has changed since the run began",
                where=f"{known.file}:{known.qualname}",
                hint="pass it in operators=[...] to go on with the new one",
            )
        return found

    def _here(self, known: Identity) -> Operator[Any, Any] | None:
        builtin = _BUILTIN.get(f"{known.module}.{known.qualname}")
        if builtin is not None:
            return builtin
        found = REGISTRY.get((known.file, known.qualname))
        if found is None and _imported(known):
            found = REGISTRY.get((known.file, known.qualname))
        if found is not None:
            return found
        target: Any = sys.modules.get(known.module)
        for part in known.qualname.split("."):
            target = getattr(target, part, None)
        return as_operator(target) if callable(target) else None

    def call(self, found: Mapping[str, Any], operator: Operator[Any, Any], plan: Plan) -> Call:
        """Return a node as recorded (`Call.body`), of its operator."""
        args, kwargs = cast(
            "tuple[list[object], dict[str, object]]",
            decode(
                dumps([found["args"], found.get("kwargs", {})]),
                {"$ref": lambda body: _ref(plan, body), "$operator": self.find},
            ),
        )
        needs = plan.want([args, kwargs])
        return Call(found["id"], operator, tuple(args), kwargs, needs, found.get("parent"))

    def added(self, found: Mapping[str, Any], plan: Plan) -> Call:
        """Return a node that was recorded by itself (`Call.to_json`)."""
        return self.call(found, self.find(found["operator"]), plan)

    def plan(self, content: Mapping[str, JSON]) -> tuple[Plan, object]:
        """Return a recorded plan and what was wanted of it; None: everything."""
        plan = Plan(cast(str, content["plan"]))
        table = [self.find(each) for each in cast("list[Mapping[str, str]]", content["operators"])]
        for each in cast("Sequence[Mapping[str, Any]]", content["nodes"]):
            plan.put(self.call(each, table[each["operator"]], plan))
        return plan, None if content.get("all") else wanted(content, plan)


def wanted(content: Mapping[str, JSON], plan: Plan) -> object:
    """Return what a recorded plan's caller wanted."""
    return decode(dumps(content["want"]), {"$ref": lambda body: _ref(plan, body)})


def _ref(plan: Plan, body: Sequence[Any]) -> object:
    ref = plan.ref(body[0])
    for each in body[1:]:
        ref = ref[each]
    return ref


def _imported(known: Identity) -> bool:
    """Import the module of an operator by its name, if that is the file it was in."""
    if known.module in sys.modules or known.module in ("", "__main__"):
        return False
    try:
        spec = importlib.util.find_spec(known.module)
    except (ImportError, ValueError):
        return False
    if spec is None or spec.origin != known.file:
        return False
    try:
        importlib.import_module(known.module)
    except Exception as error:  # the module is a person's: anything may be wrong in it
        raise PlanError(
            f"the module of the operator cannot be imported: {words(error)}",
            where=f"{known.file}:{known.qualname}",
        ) from error
    return True
