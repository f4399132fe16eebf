"""A declaration's own operators: workflows that produce a skill the way their author says."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property

from motet.core.errors import DeclarationError
from motet.planner.operator import Operator, as_operator
from motet.spec.types import Declaration
from motet.tools.files import load_functions

GIVEN = ("question", "passages")
"""The parameters that a run fills in: the request's text, and what retrieval found."""


class Authored:
    """The operators under `operators:`, loaded when they are first needed."""

    def __init__(self, declaration: Declaration) -> None:
        self._declaration = declaration

    @cached_property
    def operators(self) -> Mapping[str, Operator[..., object]]:
        """The operators by name; one of a skill's name, or `answer`, produces that.

        Raises `DeclarationError` for a file or name that is not there, two operators of one
        name, and a parameter that no run can fill in.
        """
        declared = self._declaration
        found: dict[str, Operator[..., object]] = {}
        for index, code in enumerate(declared.operators):
            where = f"{declared.file or declared.system}: operators[{index}]"
            for name, function in load_functions(code, declared.root, where).items():
                if name in found:
                    raise DeclarationError(f"two operators are named {name!r}", where=where)
                found[name] = as_operator(function)
        for name in self.skills(found):
            _check(name, found[name], f"{declared.file or declared.system}: operators")
        return found

    def skills(self, found: Mapping[str, Operator[..., object]]) -> list[str]:
        """Return the skills that these operators produce."""
        names = ["answer", *(each.name for each in self._declaration.skills)]
        return [name for name in names if name in found]


def _check(name: str, operator: Operator[..., object], where: str) -> None:
    signature = operator.signature
    if signature is None:
        return
    for parameter in signature.parameters.values():
        required = parameter.default is parameter.empty
        variadic = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if required and not variadic and parameter.name not in GIVEN:
            near = get_close_matches(parameter.name, GIVEN, n=1)
            hint = f"nearest: {near[0]}" if near else f"it may take {' and '.join(GIVEN)}"
            raise DeclarationError(
                f"'{name}' takes {parameter.name!r}, which no run can fill in",
                where=where,
                hint=hint,
            )
