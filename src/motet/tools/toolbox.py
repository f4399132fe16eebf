"""A declaration's tools, loaded when they are first needed."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from pathlib import Path

from motet.core.errors import DeclarationError
from motet.core.protocols import Tool
from motet.spec.types import Code, Declaration
from motet.spec.types import Tool as Declared
from motet.tools.files import load_functions
from motet.tools.functions import FunctionTool

_NAME = re.compile(r"[A-Za-z0-9_.:/-]{1,128}")


class Toolbox:
    """The tools of one system by name; safe to use from several threads."""

    def __init__(self, declaration: Declaration) -> None:
        self._declared = declaration.tools
        self._file = declaration.file
        self._root = declaration.root
        self._tools: Mapping[str, Tool] | None = None
        self._loading = threading.Lock()

    def tools(self) -> Mapping[str, Tool]:
        """Return the tools that are Python functions, in the order they are declared.

        Raises `DeclarationError` for a file or function that cannot be used, and for two
        tools of one name.
        """
        with self._loading:
            if self._tools is None:
                self._tools = self._load()
        return self._tools

    def _load(self) -> Mapping[str, Tool]:
        found: dict[str, Tool] = {}
        for index, declared in enumerate(self._declared):
            if declared.python is None:
                continue
            where = f"{self._file}: tools[{index}]" if self._file else f"tools[{index}]"
            for tool in _functions(declared, declared.python, self._root, where):
                if tool.name in found:
                    raise DeclarationError(
                        f"two tools are named {tool.name!r}", where=where, hint="give one an `as`"
                    )
                found[tool.name] = tool
        return found


def _functions(declared: Declared, code: Code, root: Path, where: str) -> list[FunctionTool]:
    functions = load_functions(code, root, where)
    if declared.alias is not None and len(functions) > 1:
        raise DeclarationError(
            f"one name for {len(functions)} functions", where=where, hint=f"write {code.file}:name"
        )
    tools = []
    for name, function in functions.items():
        named = declared.alias or name
        if not _NAME.fullmatch(named):
            raise DeclarationError(f"{named!r} cannot be a tool's name", where=where, hint="set as")
        tools.append(
            FunctionTool(
                function,
                name=named,
                effect=declared.effect,
                timeout=declared.timeout,
                concurrency=declared.concurrency,
            )
        )
    return tools
