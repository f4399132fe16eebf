"""One call of an operator, carried out away from its run: what it gave, raised and used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

from motet.core import errors
from motet.core.errors import MotetError, PlanError, ProviderError, Refused, RunError
from motet.core.json import JSON, dumps, loads
from motet.core.values import ValueTypeError, encode
from motet.planner.operator import Operator, Options
from motet.planner.written import Call
from motet.runtime.execution import Execution
from motet.runtime.node import Node, words
from motet.runtime.records import Usage

COMPOSES = "composes"
"""The kind of report that sends a call back: its operator calls operators."""


@dataclass(frozen=True, slots=True)
class Report:
    """How an errand ended: the value as JSON text, or what was raised."""

    value: str | None
    seconds: float
    usage: Usage
    error: Mapping[str, JSON] | None = None

    @property
    def composes(self) -> bool:
        """Whether the operator called others, so that the run's owner must carry it out."""
        return self.error is not None and self.error["kind"] == COMPOSES

    def to_text(self) -> str:
        """Return all but the value as JSON text."""
        used = cast("dict[str, JSON]", asdict(self.usage))
        error = None if self.error is None else dict(self.error)
        return dumps({"seconds": self.seconds, "usage": used, "error": error})

    @staticmethod
    def from_text(text: str, value: str | None) -> Report:
        """Return what `to_text` wrote, with the value."""
        found = cast("Mapping[str, Any]", loads(text))
        return Report(value, found["seconds"], Usage(**found["usage"]), found["error"])


class _Errand(Execution):
    """Runs one call and nothing that it calls: children are for the run's owner."""

    composes = False

    def child(
        self,
        parent: Node,
        operator: Operator[Any, Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> object:
        self.composes = True
        raise RunError(f"it calls the operator '{operator.name}'", where=parent.id)


async def carried(run: str, call: Call, limit: float | None) -> Report:
    """Carry out a call once, within `limit` seconds; never raises what the operator does."""
    operator = call.operator
    plain = Operator(
        operator.function,
        effect=operator.effect,
        name=operator.name,
        options=Options(timeout=limit),
    )
    errand = _Errand(run, None)
    await errand.run([Call(call.id, plain, call.args, call.kwargs, ())])
    node = errand.nodes[call.id]
    seconds = node.seconds or 0.0
    if errand.composes:
        return Report(None, seconds, node.usage, _sent_back(call))
    if errand.error is not None:
        return Report(None, seconds, node.usage, told(errand.error))
    try:
        return Report(encode(node.value), seconds, node.usage)
    except ValueTypeError as error:
        failure = RunError(f"its value cannot be recorded: {error}", where=call.id)
        return Report(None, seconds, node.usage, told(failure))


def _sent_back(call: Call) -> Mapping[str, JSON]:
    if call.operator.effect != "once":
        return {"kind": COMPOSES}
    return told(
        PlanError(
            "it happens once and calls operators: a worker cannot carry it out",
            where=call.id,
            hint="make it a @motet.workflow that calls what happens once",
        )
    )


def told(error: BaseException) -> dict[str, JSON]:
    """Return an error as JSON; one that is not ours as its words."""
    if not isinstance(error, MotetError):
        return {"kind": RunError.__name__, "message": words(error)}
    message = error.reason if isinstance(error, Refused) else error.message
    found: dict[str, JSON] = {"kind": type(error).__name__, "message": message}
    found |= {"where": error.where, "hint": error.hint}
    if isinstance(error, ProviderError):
        found |= {"status": error.status, "retry_after": error.retry_after}
    return found


def raised(found: Mapping[str, Any]) -> MotetError:
    """Return the error of `told`'s object."""
    kind = getattr(errors, found["kind"], RunError)
    where = found.get("where")
    if kind is Refused:
        return Refused(found["message"], where=where)
    extra = {name: found[name] for name in ("status", "retry_after") if name in found}
    error: MotetError = kind(found["message"], where=where, hint=found.get("hint"), **extra)
    return error
