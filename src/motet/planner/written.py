"""A plan written in Python: operators applied to values and to references to other nodes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, NoReturn, Protocol

from motet.core.errors import PlanError
from motet.core.json import JSON
from motet.core.running import CALLER
from motet.core.values import ValueTypeError, structure
from motet.planner.operator import Operator, as_operator
from motet.planner.order import ordered
from motet.planner.typing import assignable, fits, shown

_ATOMS = frozenset((str, int, float, bool, bytes, type(None)))


@dataclass(frozen=True, slots=True)
class Ref:
    """What a node will give; `path` leads into it. Stands for the value in arguments."""

    node: str
    plan: Plan = field(repr=False, compare=False)
    path: tuple[str | int, ...] = ()

    def __getitem__(self, key: str | int) -> Ref:
        """Return a reference to an item or key of the value. Raises `PlanError`."""
        if type(key) not in (str, int):
            raise PlanError(
                f"'{self.node}' is led into by names and numbers, got {key!r}",
                hint="take it apart in an operator",
            )
        return Ref(self.node, self.plan, (*self.path, key))

    def __iter__(self) -> NoReturn:
        raise PlanError(
            f"'{self.node}' has no value yet, so nobody knows how many items it has",
            hint="use motet.map, or a workflow",
        )

    def __bool__(self) -> NoReturn:
        raise PlanError(
            f"'{self.node}' has no value yet to decide by", hint="branch inside a workflow"
        )

    def of(self, value: Any) -> Any:
        """Follow the path into the node's value. Raises `PlanError`."""
        for at, key in enumerate(self.path):
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError) as error:
                where = "".join(f"[{each!r}]" for each in self.path[: at + 1])
                raise PlanError(
                    f"'{self.node}' has no {where}: it gave a {type(value).__name__}"
                ) from error
        return value


@dataclass(frozen=True, slots=True)
class Call:
    """A node: an operator and its arguments. `needs` are the nodes they refer to."""

    id: str
    operator: Operator[Any, Any]
    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    needs: tuple[str, ...]
    parent: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """Return the node as recorded by itself. Raises `PlanError`; see `body`."""
        found = {**self.body(), "operator": self.operator.to_json()}
        return found | {"parent": self.parent} if self.parent else found

    def body(self) -> dict[str, JSON]:
        """Return id and arguments. Raises `PlanError` for an argument that cannot be recorded."""
        args = self.args
        try:
            if len(args) == 1 and not self.kwargs and type(args[0]) is Ref:
                return {"id": self.id, "args": [_reference(args[0])]}
            found: dict[str, JSON] = {"id": self.id, "args": structure(list(args), _reference)}
            if self.kwargs:
                found["kwargs"] = structure(dict(self.kwargs), _reference)
        except ValueTypeError as error:
            raise PlanError(
                f"an argument cannot be recorded: {error}",
                where=self.id,
                hint="pass plain values; open what cannot be stored inside the operator",
            ) from None
        return found


def _reference(value: object) -> JSON:
    if isinstance(value, Ref):
        return {"$ref": [value.node, *value.path]}
    if isinstance(value, (Operator, FunctionType)):
        return {"$operator": as_operator(value).to_json()}
    return None


class Live(Protocol):
    """A run that takes nodes while it goes on."""

    def current(self) -> object:
        """Return the node that is running here, None outside of the run."""
        ...

    def add(
        self,
        operator: Operator[Any, Any],
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
        needs: tuple[str, ...],
    ) -> str:
        """Take a node in and return its id."""
        ...


class Plan:
    """A data flow being written. Adding runs nothing; `motet.run` does.

    Nodes may be added while it runs, by its own operators: to `Plan.running()`.
    """

    def __init__(self, name: str = "plan") -> None:
        self.name = name
        self._nodes: dict[str, Call] = {}
        self._counts: dict[str, int] = {}
        self.live: list[Live] = []
        """The runs of this plan that go on now; they take what is added meanwhile."""

    @staticmethod
    def running() -> Plan:
        """Return the plan whose run this operator is in, also where another process resumed it.

        Raises `PlanError` outside of a run.
        """
        caller = CALLER.get()
        found: Plan | None = None if caller is None else caller.plan
        if found is None:
            raise PlanError("no plan is running here", hint="call it from a plan's operator")
        return found

    def __len__(self) -> int:
        return len(self._nodes)

    @property
    def nodes(self) -> Sequence[Call]:
        """The nodes in the order they were added."""
        return tuple(self._nodes.values())

    def node(self, node_id: str) -> Call:
        """Return a node. Raises KeyError."""
        return self._nodes[node_id]

    def add(self, operator: Any, /, *args: object, **kwargs: object) -> Ref:
        """Add an operator applied to arguments and return a reference to its value.

        References may stand anywhere in the arguments, also inside lists, tuples,
        dictionaries and dataclasses. Raises `PlanError` where the arguments do not fit the
        operator's parameters.
        """
        found = as_operator(operator)
        _bind(found, args, kwargs)
        needs: dict[str, None] = {}
        for value in (*args, *kwargs.values()):
            if type(value) not in _ATOMS:
                self._gather(value, needs, found.name)
        if self.live:
            run = next((each for each in self.live if each.current() is not None), self.live[0])
            return Ref(run.add(found, args, kwargs, tuple(needs)), self)
        node_id = self._new_id(found)
        self._nodes[node_id] = Call(node_id, found, args, kwargs, tuple(needs))
        return Ref(node_id, self)

    def put(self, call: Call) -> Ref:
        """Add a node as recorded."""
        self._nodes[call.id] = call
        return Ref(call.id, self)

    def ref(self, node_id: str) -> Ref:
        """Return a reference to a node by its id; the node may be added later."""
        return Ref(node_id, self)

    def _new_id(self, operator: Operator[Any, Any]) -> str:
        wanted = operator.settings.id
        if wanted is not None:
            plain = isinstance(wanted, str) and wanted.isprintable() and "/" not in wanted
            if not plain or not wanted or wanted in self._nodes:
                raise PlanError(
                    f"the id {wanted!r} is taken, empty, or no plain text without a slash",
                    where=self.name,
                )
            return wanted
        base = operator.name
        while True:
            count = self._counts[base] = self._counts.get(base, 0) + 1
            found = base if count == 1 else f"{base}.{count}"
            if found not in self._nodes:
                return found

    def _gather(self, value: object, needs: dict[str, None], where: str) -> None:
        try:
            self._collect(value, needs, where)
        except RecursionError:
            raise PlanError("a value is nested too deeply or in itself", where=where) from None

    def _collect(self, value: object, needs: dict[str, None], where: str) -> None:
        """Add the nodes that a value refers to. Raises `PlanError` for another plan's."""
        if isinstance(value, Ref):
            if value.plan is not self:
                raise PlanError(f"'{value.node}' is a node of another plan", where=where)
            needs[value.node] = None
            return
        if isinstance(value, (dict, set, frozenset)) and any(type(each) is Ref for each in value):
            raise PlanError("a reference can be no key and in no set", where=where)
        for each in parts(value):
            if type(each) not in _ATOMS:
                self._collect(each, needs, where)

    def want(self, want: object) -> tuple[str, ...]:
        """Return the ids of the nodes that a wanted value refers to."""
        needs: dict[str, None] = {}
        self._gather(want, needs, "want")
        return tuple(needs)

    def wanted(self, want: object) -> object:
        """Return what a caller wants: the last node's value where they do not say."""
        if want is not None:
            return want
        return self.ref(next(reversed(self._nodes))) if self._nodes else []

    def to_json(self, want: object) -> dict[str, JSON]:
        """Return the plan as recorded: operators, nodes, and what is wanted of them.

        `all` says that every node was, as where nothing was named.
        """
        try:
            wanted = structure(self.wanted(want), _reference)
        except ValueTypeError as error:
            raise PlanError(f"what is wanted cannot be recorded: {error}") from None
        operators: dict[int, int] = {}
        table: list[JSON] = []
        nodes: list[JSON] = []
        for call in self._nodes.values():
            key = id(call.operator)
            if key not in operators:
                operators[key] = len(table)
                table.append(call.operator.to_json())
            nodes.append({**call.body(), "operator": operators[key]})
        found: dict[str, JSON] = {"plan": self.name, "operators": table, "nodes": nodes}
        return {**found, "want": wanted, **({"all": True} if want is None else {})}


def parts(value: object) -> Iterable[object]:
    """Return what a container that may hold references holds."""
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, dict):
        return value.values()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, each.name) for each in dataclasses.fields(value)]
    return ()


def references(value: object) -> list[str]:
    """Return the ids of the nodes that a value refers to."""
    if isinstance(value, Ref):
        return [value.node]
    return [found for each in parts(value) for found in references(each)]


def resolved(value: Any, values: Callable[[Ref], object]) -> Any:
    """Return the value with every reference replaced; containers keep their types."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is Ref:
        return values(value)
    if kind is list:
        return [resolved(each, values) for each in value]
    if kind is dict:
        return {key: resolved(each, values) for key, each in value.items()}
    if kind is tuple:
        return tuple(resolved(each, values) for each in value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return kind(*(resolved(each, values) for each in value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _resolved_data(value, values)
    return value


def _resolved_data(value: Any, values: Callable[[Ref], object]) -> Any:
    changed = {}
    for each in dataclasses.fields(value):
        old = getattr(value, each.name)
        new = resolved(old, values)
        if new is not old and each.init:
            changed[each.name] = new
    return dataclasses.replace(value, **changed) if changed else value


def _bind(
    operator: Operator[Any, Any], args: Sequence[object], kwargs: Mapping[str, object]
) -> None:
    low, high = operator.positional
    signature = operator.signature
    if signature is None or (not kwargs and low <= len(args) <= high):
        return
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise PlanError(str(error), where=operator.name) from None


def check(plan: Plan, want: object) -> tuple[Call, ...]:
    """Return the nodes that `want` needs, inputs first; everything where it is None.

    Raises `PlanError` for references to no node, cycles, values of wrong types, and
    effects nobody waits for.
    """
    nodes = {call.id: call for call in plan.nodes}
    wanted = plan.want(want) if want is not None else tuple(nodes)
    ordered = _ordered(nodes, wanted)
    for call in ordered:
        _check_types(call, nodes)
    if want is not None:
        reached = {call.id for call in ordered}
        for call in nodes.values():
            if call.id not in reached and call.operator.effect in ("once", "idempotent"):
                raise PlanError(
                    "it has an effect, but nothing that is wanted needs it",
                    where=call.id,
                    hint="add it to `want`, or leave it out of the plan",
                )
    return ordered


def _ordered(nodes: Mapping[str, Call], wanted: Sequence[str]) -> tuple[Call, ...]:
    def needs(name: str) -> Sequence[str]:
        call = nodes.get(name)
        if call is None:
            by = next((c.id for c in nodes.values() if name in c.needs), "want")
            raise PlanError(f"there is no node '{name}'", where=by)
        return call.needs

    def shown(cycle: Sequence[str]) -> str:
        return " -> ".join(reversed(cycle))

    return tuple(nodes[name] for name in ordered(wanted, needs, shown))


def _check_types(call: Call, nodes: Mapping[str, Call]) -> None:
    hints = call.operator.hints
    if not hints or call.operator.signature is None:
        return
    if call.args and not call.kwargs:
        positional = call.operator.positional_names
        names: Iterable[tuple[str, object]] = zip(positional, call.args, strict=False)
    else:
        bound = call.operator.signature.bind(*call.args, **call.kwargs)
        variadic = {
            name
            for name, each in call.operator.signature.parameters.items()
            if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
        }
        names = [(n, v) for n, v in bound.arguments.items() if n not in variadic]
    for name, value in names:
        if name in hints:
            _check_argument(call, name, value, hints[name], nodes)


def _check_argument(
    call: Call, name: str, value: object, wanted: Any, nodes: Mapping[str, Call]
) -> None:
    if isinstance(value, Ref):
        got = nodes[value.node].operator.returns
        if not value.path and not assignable(got, wanted):
            raise PlanError(
                f"`{name}` expects {shown(wanted)}, '{value.node}' gives {shown(got)}",
                where=call.id,
            )
    elif not fits(value, wanted):
        raise PlanError(
            f"`{name}` expects {shown(wanted)}, got {type(value).__name__}", where=call.id
        )
