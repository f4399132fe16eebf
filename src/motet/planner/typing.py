"""Whether what one operator gives can be what another takes, as far as annotations tell."""

from __future__ import annotations

import collections.abc
import types
import typing
from functools import lru_cache
from typing import Any, Literal, Union, get_args, get_origin

_WIDER: dict[type, tuple[type, ...]] = {float: (int,), complex: (int, float)}


def assignable(got: Any, wanted: Any) -> bool:
    """Whether a value of type `got` may stand where `wanted` is expected.

    Errs on the side of yes: what annotations do not say (Any, type variables, protocols) is
    not an error before the run.
    """
    if _hashable(got) and _hashable(wanted):
        return _known(got, wanted)
    return _assignable(got, wanted)


@lru_cache(maxsize=4096)
def _known(got: Any, wanted: Any) -> bool:
    return _assignable(got, wanted)


def _assignable(got: Any, wanted: Any) -> bool:
    got, wanted = _bare(got), _bare(wanted)
    if _unknown(got) or _unknown(wanted) or got == wanted or wanted is object:
        return True
    if _is_union(got):
        return all(assignable(each, wanted) for each in get_args(got))
    if _is_union(wanted):
        return any(assignable(got, each) for each in get_args(wanted))
    if get_origin(wanted) is Literal:
        return get_origin(got) is Literal and set(get_args(got)) <= set(get_args(wanted))
    if get_origin(got) is Literal:
        return all(isinstance(each, _class(wanted)) for each in get_args(got))
    return _classes_fit(_class(got), _class(wanted)) and _arguments_fit(got, wanted)


def fits(value: object, wanted: Any) -> bool:
    """Whether a value is of a type, looking at the value itself but not into containers."""
    kinds = _accepted(wanted) if _hashable(wanted) else None
    if kinds is None or isinstance(value, kinds):
        return not (isinstance(value, bool) and kinds in ((int,), (int, float)))
    return False


@lru_cache(maxsize=4096)
def _accepted(wanted: Any) -> tuple[type, ...] | None:
    """Return the classes whose instances fit, None where any value may."""
    wanted = _bare(wanted)
    if _unknown(wanted) or wanted is object:
        return None
    if _is_union(wanted):
        found: list[type] = []
        for each in get_args(wanted):
            kinds = _accepted(each)
            if kinds is None:
                return None
            found.extend(kinds)
        return tuple(dict.fromkeys(found))
    if get_origin(wanted) is Literal:
        return tuple({type(each) for each in get_args(wanted)})
    kind = _class(wanted)
    if getattr(kind, "_is_protocol", False) or typing.is_typeddict(kind):
        return None
    return (*_WIDER.get(kind, ()), kind) if kind in _WIDER else (kind,)


def shown(kind: Any) -> str:
    """Return a type as a person writes it."""
    if kind is None or kind is type(None):
        return "None"
    if isinstance(kind, type) and not get_args(kind):
        return kind.__qualname__
    return str(kind).replace("typing.", "")


def _hashable(wanted: Any) -> bool:
    try:
        hash(wanted)
    except TypeError:
        return False
    return True


def _bare(kind: Any) -> Any:
    if kind is None:
        return type(None)
    if hasattr(kind, "__supertype__"):
        return _bare(kind.__supertype__)
    origin = get_origin(kind)
    if origin in (typing.Annotated, typing.Final, typing.ClassVar, typing.Required):
        return _bare(get_args(kind)[0])
    if origin is collections.abc.Awaitable or origin is collections.abc.Coroutine:
        return _bare(get_args(kind)[-1])
    return kind


def _unknown(kind: Any) -> bool:
    return kind is Any or isinstance(
        kind, (typing.TypeVar, typing.ParamSpec, str, typing.ForwardRef)
    )


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _class(kind: Any) -> type:
    found = get_origin(kind) or kind
    return found if isinstance(found, type) else object


def _classes_fit(got: type, wanted: type) -> bool:
    if getattr(wanted, "_is_protocol", False) or typing.is_typeddict(wanted):
        return True
    if typing.is_typeddict(got):
        return issubclass(dict, wanted)
    if wanted is object or got is object:
        return True
    if got is bool and wanted in (int, float):
        return False
    return issubclass(got, wanted) or got in _WIDER.get(wanted, ())


def _arguments_fit(got: Any, wanted: Any) -> bool:
    """Compare element types; a tuple's with those of a sequence too."""
    ours, theirs = get_args(got), get_args(wanted)
    if not ours or not theirs:
        return True
    if _class(got) is tuple:
        ours = tuple(each for each in ours if each is not Ellipsis)
        if _class(wanted) is not tuple or theirs[-1] is Ellipsis:
            return all(assignable(each, theirs[0]) for each in ours)
    if len(ours) != len(theirs):
        return _class(got) is not _class(wanted)
    return all(assignable(a, b) for a, b in zip(ours, theirs, strict=True))
