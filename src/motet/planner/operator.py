"""Operators that people write: a typed function, its effect, and what is expected of it."""

from __future__ import annotations

import functools
import hashlib
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar, overload

from motet.core.errors import PlanError
from motet.core.json import dumps
from motet.core.running import CALLER
from motet.planner.plan import Effect

P = ParamSpec("P")
T = TypeVar("T")
EFFECTS: tuple[Effect, ...] = ("pure", "read", "idempotent", "once")


@dataclass(frozen=True, slots=True)
class Options:
    """How an operator runs.

    `timeout` is seconds per attempt; `retries` how often it is tried again after a failure;
    `hedge` seconds after which a second attempt starts beside the first; `concurrency` how
    many may run at once in this process. `cost` (USD), `tokens` and `seconds` are what one
    call is expected to take at most, and are reserved from a budget. `id` names one node.
    """

    timeout: float | None = None
    retries: int = 0
    hedge: float | None = None
    concurrency: int | None = None
    cost: float = 0.0
    tokens: int = 0
    seconds: float | None = None
    id: str | None = None


PLAIN = Options()
RECORDED = ("timeout", "retries", "hedge", "concurrency", "cost", "tokens", "seconds")
"""The options that a node keeps in whatever process carries it out."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What an operator is known by in another process."""

    module: str
    qualname: str
    file: str
    source: str


class Operator(Generic[P, T]):
    """A function that can be a node of a plan.

    Called inside a run it becomes a child of the running node; elsewhere it is the plain
    function. `composes` marks a workflow: it runs again when a run resumes, its finished
    children do not.
    """

    __slots__ = ("__dict__", "composes", "effect", "function", "is_async", "name", "settings")

    def __init__(
        self,
        function: Callable[P, T],
        *,
        effect: Effect = "idempotent",
        name: str | None = None,
        options: Options | None = None,
        composes: bool = False,
    ) -> None:
        if not callable(function):
            raise PlanError(f"expected a function, got {type(function).__name__}")
        self.function = function
        self.effect = effect
        self.name: str = name or _name(function)
        self.settings = options or Options()
        self.composes = composes
        self.is_async = _is_async(function)
        _check(self)
        if not isinstance(function, functools.partial):
            functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        caller = CALLER.get()
        if caller is None:
            return self.function(*args, **kwargs)
        return typing.cast(T, caller.call(self, args, kwargs))

    def __repr__(self) -> str:
        return f"<operator {self.name}, {self.effect}>"

    def options(self, **changed: Any) -> Operator[P, T]:
        """Return the operator with other options, for one node or for all. See `Options`."""
        known = set(Options.__dataclass_fields__)
        if unknown := set(changed) - known:
            raise PlanError(
                f"no such option: {', '.join(sorted(unknown))}",
                where=self.name,
                hint=f"there are: {', '.join(sorted(known))}",
            )
        values = {each: getattr(self.settings, each) for each in known}
        return Operator(
            self.function,
            effect=self.effect,
            name=self.name,
            options=Options(**{**values, **changed}),
            composes=self.composes,
        )

    def to_json(self) -> dict[str, str]:
        """Return it as recorded: what it takes to find it again, and how it runs here."""
        known = self.identity
        settings = self.settings
        options = {name: getattr(settings, name) for name in RECORDED}
        plain = {name: each for name, each in options.items() if each != getattr(PLAIN, name)}
        return {
            "name": self.name,
            "effect": self.effect,
            "module": known.module,
            "qualname": known.qualname,
            "file": known.file,
            "source": known.source,
            "options": dumps(plain),
        }

    @functools.cached_property
    def signature(self) -> inspect.Signature | None:
        """The parameters, None where the function does not tell."""
        try:
            return inspect.signature(self.function)
        except (TypeError, ValueError):
            return None

    @functools.cached_property
    def positional(self) -> tuple[int, int]:
        """How many arguments it takes at least and at most when all are positional."""
        if self.signature is None:
            return (0, 1 << 30)
        low = high = 0
        for each in self.signature.parameters.values():
            required = each.default is each.empty
            if each.kind is each.VAR_POSITIONAL:
                high = 1 << 30
            elif each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD):
                low, high = low + required, high + 1
            elif each.kind is each.KEYWORD_ONLY and required:
                return (1 << 30, 0)
        return (low, high)

    @functools.cached_property
    def positional_names(self) -> tuple[str, ...]:
        """The parameters that positional arguments go to, in their order."""
        found = []
        for name, each in self.signature.parameters.items() if self.signature else ():
            if each.kind not in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD):
                break
            found.append(name)
        return tuple(found)

    @functools.cached_property
    def hints(self) -> dict[str, Any]:
        """The annotations by parameter, and `return`; what cannot be resolved is left out."""
        target: Any = self.function
        if isinstance(target, functools.partial):
            target = target.func
        try:
            return typing.get_type_hints(inspect.unwrap(target))
        except (NameError, TypeError, AttributeError):
            found: dict[str, Any] = getattr(target, "__annotations__", {})
            return {name: hint for name, hint in found.items() if not isinstance(hint, str)}

    @functools.cached_property
    def returns(self) -> Any:
        """The annotated result, Any where none is."""
        return self.hints.get("return", Any)

    @functools.cached_property
    def choice(self) -> str:
        """How statistics and people know the function: module and qualified name."""
        target: Any = self.function
        while isinstance(target, functools.partial):
            target = target.func
        target = inspect.unwrap(target)
        qualname = getattr(target, "__qualname__", type(target).__qualname__)
        return f"{getattr(target, '__module__', '')}.{qualname}".replace(".<locals>", "")

    @functools.cached_property
    def identity(self) -> Identity:
        """Module, qualified name, file, and a hash of the source."""
        target: Any = self.function
        while isinstance(target, functools.partial):
            target = target.func
        target = inspect.unwrap(target)
        code = getattr(target, "__code__", None)
        file = code.co_filename if code else ""
        module = getattr(target, "__module__", "") or ""
        qualname = getattr(target, "__qualname__", type(target).__qualname__)
        return Identity(module, qualname, file, _source_hash(target))


def _name(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    found = str(getattr(function, "__name__", type(function).__name__))
    return "lambda" if found == "<lambda>" else found


def _is_async(function: Any) -> bool:
    while isinstance(function, functools.partial):
        function = function.func
    call = getattr(type(function), "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)


def _source_hash(target: Any) -> str:
    try:
        source = inspect.getsource(target)
    except (OSError, TypeError):
        code = getattr(target, "__code__", None)
        source = repr((code.co_code, code.co_names)) if code else repr(type(target))
    if getattr(target, "__name__", "") == "<lambda>":  # of several in a line, the one
        constants = [each for each in target.__code__.co_consts if not inspect.iscode(each)]
        source += repr((target.__code__.co_code, constants))
    return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:16]


def _check(operator: Operator[Any, Any]) -> None:
    """Raise `PlanError` for options that break the effect's promise or mean nothing."""
    options, effect, name = operator.settings, operator.effect, operator.name
    if effect not in EFFECTS:
        raise PlanError(
            f"no such effect: {effect!r}", where=name, hint=f"one of {', '.join(EFFECTS)}"
        )
    if effect == "once" and options.retries:
        raise PlanError("what happens once is never retried", where=name, hint="drop `retries`")
    if options.hedge is not None and effect not in ("pure", "read"):
        raise PlanError(
            f"a second attempt beside the first would repeat the effect '{effect}'",
            where=name,
            hint="`hedge` is for pure and read",
        )
    for option in ("timeout", "hedge", "seconds"):
        value = getattr(options, option)
        if value is not None and not _is_amount(value, float):
            raise PlanError(f"`{option}` is a number of seconds, got {value!r}", where=name)
    counts = _is_amount(options.retries, int) and _is_amount(options.tokens, int)
    if not counts or not _is_amount(options.cost, float):
        raise PlanError(
            "`retries`, `tokens` and `cost` are numbers and never below zero", where=name
        )
    most = options.concurrency
    if most is not None and not (_is_amount(most, int) and most >= 1):
        raise PlanError("`concurrency` is at least 1", where=name)


def _is_amount(value: object, kind: type) -> bool:
    kinds = (int, float) if kind is float else (int,)
    return isinstance(value, kinds) and 0 <= value < float("inf")


REGISTRY: dict[tuple[str, str], Operator[Any, Any]] = {}
"""The decorated operators by file and qualified name: a resumed run finds them here."""


def _register(found: Operator[P, T]) -> Operator[P, T]:
    target: Any = found.function
    code = getattr(inspect.unwrap(target), "__code__", None)
    if code is not None:
        REGISTRY[code.co_filename, target.__qualname__] = found
    return found


@overload
def operator(function: Callable[P, T], /) -> Operator[P, T]: ...
@overload
def operator(
    *, effect: Effect = ..., name: str | None = ..., **options: Any
) -> Callable[[Callable[P, T]], Operator[P, T]]: ...


def operator(
    function: Callable[P, T] | None = None,
    /,
    *,
    effect: Effect = "idempotent",
    name: str | None = None,
    **options: Any,
) -> Operator[P, T] | Callable[[Callable[P, T]], Operator[P, T]]:
    """Make a function, sync or async, an operator.

    `effect` says what running it again means: `pure` (same result, may be cached), `read`
    (changes nothing: retried, hedged), `idempotent` (may be repeated after a crash; the
    default), `once` (never twice). See `Options` for the rest.
    Raises `PlanError` for options that the effect forbids.
    """

    def decorate(function: Callable[P, T]) -> Operator[P, T]:
        made = Operator(function, effect=effect, name=name)
        return _register(made.options(**options) if options else made)

    return decorate if function is None else decorate(function)


def workflow(function: Callable[P, T]) -> Operator[P, T]:
    """Make a function that calls operators a workflow.

    Every operator it calls becomes a node of the run. After a crash the function runs again
    from its start and finished nodes give their recorded values, so its own code must do
    the same with the same values: clocks, chance and the outside belong into operators.
    """
    return _register(Operator(function, effect="pure", composes=True))


def as_operator(function: Any) -> Operator[Any, Any]:
    """Return an operator as it is, and any other function as one whose effect is idempotent."""
    return function if isinstance(function, Operator) else Operator(function)
