"""Python functions as tools."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, cast, runtime_checkable

from motet.core.errors import DeclarationError, MotetError, ProviderError
from motet.core.json import JSON
from motet.core.protocols import Effect
from motet.core.threads import THREADS
from motet.tools.conversion import Unfit, to_python
from motet.tools.docstrings import read_docstring
from motet.tools.hints import Schemas, Unsupported, default, hints_of
from motet.tools.redaction import redacted
from motet.tools.results import to_json
from motet.tools.validation import Problem, problems

DEFAULT_EFFECT: Effect = "once"
"""What nobody declared to be harmless is not: it is never repeated."""

MANY = 1000
"""Items from which on a result is written as JSON beside the event loop."""


class InvalidArguments(ProviderError):
    """A call's arguments do not fit; `problems` say where and how."""

    code = "invalid_arguments"

    def __init__(self, tool: str, found: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, found)), where=tool)
        self.problems = tuple(found)


class ToolFailure(ProviderError):
    """A tool raised; the message is its own, without traceback and secrets."""

    code = "tool"


class _Settings(Protocol):
    timeout: float | None
    retries: int
    concurrency: int | None


@runtime_checkable
class Operated(Protocol):
    """What `motet.operator` makes of a function, as far as a tool cares."""

    function: Callable[..., Any]
    effect: Effect
    settings: _Settings


class FunctionTool:
    """A typed function that a model may call; a `Tool`.

    Name, description and schemas come from the function. What is given here wins over what
    `motet.operator` said on the function. Sync functions run in a thread of their own.
    Raises `DeclarationError` where a parameter has no type, or one without a JSON Schema.
    """

    def __init__(
        self,
        function: Callable[..., Any] | Operated,
        *,
        name: str | None = None,
        effect: Effect | None = None,
        timeout: float | None = None,
        concurrency: int | None = None,
    ) -> None:
        plain, said = _opened(function)
        docstring = read_docstring(plain)
        self.name = name or plain.__name__
        self.description = docstring.about
        self.effect: Effect = effect or (said.effect if said else DEFAULT_EFFECT)
        settings = said.settings if said else None
        self.timeout = timeout or (settings.timeout if settings else None)
        self.concurrency = concurrency or (settings.concurrency if settings else None)
        retries = settings.retries if settings else 0
        self.retries = 0 if self.effect == "once" else retries
        self._function = plain
        self._signature = inspect.signature(plain)
        try:
            self._hints = hints_of(plain)
            self.parameters = self._parameters(docstring.parameters)
        except Unsupported as error:
            raise DeclarationError(error.message, where=_place(plain), hint=error.hint) from error
        self.returns = self._returns()

    async def call(self, arguments: Mapping[str, JSON]) -> JSON:
        """Call the function and return its result as JSON.

        Raises `InvalidArguments`, and `ToolFailure` when the function raises or returns
        what is not JSON.
        """
        args, kwargs = self._bound(arguments)
        try:
            result = await self._run(args, kwargs)
        except (Exception, SystemExit) as error:
            raise self._failure(error) from error
        try:
            if _heavy(result):
                return cast(JSON, await THREADS.run(lambda: to_json(result)))
            return to_json(result)
        except TypeError as error:
            raise ToolFailure(f"its result is not JSON: {error}", where=self.name) from error

    async def _run(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> object:
        if inspect.iscoroutinefunction(self._function):
            return await self._function(*args, **kwargs)
        result = await THREADS.run(lambda: self._function(*args, **kwargs))
        return await result if inspect.isawaitable(result) else result

    def _failure(self, error: BaseException) -> ToolFailure:
        text = str(error) if isinstance(error, MotetError) else f"{type(error).__name__}: {error}"
        return ToolFailure(redacted(text).rstrip(": "), where=self.name)

    def _bound(self, arguments: Mapping[str, JSON]) -> tuple[list[Any], dict[str, Any]]:
        found = problems(self.parameters, arguments)
        if found:
            raise InvalidArguments(self.name, found)
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        try:
            for name, parameter in self._signature.parameters.items():
                if name not in arguments:
                    continue
                value = to_python(self._hints[name], arguments[name], name)
                if parameter.kind is parameter.POSITIONAL_ONLY:
                    args.append(value)
                else:
                    kwargs[name] = value
        except Unfit as error:
            raise InvalidArguments(self.name, error.problems) from error
        return args, kwargs

    def _parameters(self, about: Mapping[str, str]) -> Mapping[str, JSON]:
        schemas = Schemas()
        properties: dict[str, JSON] = {}
        required: list[JSON] = []
        for name, parameter in self._signature.parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise Unsupported(
                    f"{self._function.__name__} takes any number of arguments ({parameter})",
                    hint="a tool's parameters have names and types",
                )
            if name not in self._hints:
                raise Unsupported(
                    f"the parameter {name!r} of {self._function.__name__} has no type",
                    hint=f"write {name}: str, or whatever it is",
                )
            schema = schemas.of(self._hints[name])
            if name in about:
                schema = {"description": about[name]} | schema
            if parameter.default is parameter.empty:
                required.append(name)
            else:
                schema |= default(parameter.default)
            properties[name] = schema
        return schemas.with_definitions(
            {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": False,
            }
        )

    def _returns(self) -> Mapping[str, JSON]:
        """Return the result's schema, empty for what has none: a result may be anything."""
        schemas = Schemas()
        try:
            return schemas.with_definitions(schemas.of(self._hints.get("return", Any)))
        except Unsupported:
            return {}


def _opened(function: Callable[..., Any] | Operated) -> tuple[Callable[..., Any], Operated | None]:
    said = function if isinstance(function, Operated) else None
    plain = said.function if said else function
    name = getattr(plain, "__name__", str(plain))
    if not inspect.isroutine(plain):
        raise DeclarationError(f"{name} is a {type(plain).__name__}, not a function")
    if inspect.isgeneratorfunction(plain) or inspect.isasyncgenfunction(plain):
        raise DeclarationError(
            f"{name} is a generator, and a tool returns one value",
            where=_place(plain),
            hint="return a list",
        )
    return plain, said


def _place(function: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else function.__qualname__


def _heavy(result: object) -> bool:
    """Whether writing a result as JSON could hold up the event loop."""
    items = result.values() if isinstance(result, Mapping) else result
    if not isinstance(items, Collection) or isinstance(items, str | bytes):
        return False
    inner = (each for each in items if isinstance(each, Collection) and not isinstance(each, str))
    return len(items) > MANY or any(len(each) > MANY for each in inner)
