"""Importing a file for the operators of a written plan."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from motet.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from motet.core.json import JSON
    from motet.planner.operator import Operator

MAIN = "__main__"
SCRIPT = "__motet_script__"


def operators_in(
    path: Path, plan: Mapping[str, JSON]
) -> list[Operator[..., object] | Callable[..., object]]:
    """Import a file and return its operators and functions; its types are found from then on.

    `plan` is the recorded plan, which says by what name the file was imported when the run
    began. For a script, what stands under `if __name__ == "__main__"` does not run.
    Raises `UsageError` where it cannot be imported.
    """
    path = path.resolve()
    name = _name(path, plan)
    try:
        module = _script(path) if name == MAIN else _module(path, name)
    except (Exception, SystemExit) as error:
        if isinstance(error, UsageError):
            raise
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
        where = f"{path}:{frames[-1].lineno}" if frames else str(path)
        raise UsageError(f"{type(error).__name__}: {error}", where=where) from error
    return functions_of(module, name)


def functions_of(
    module: ModuleType, name: str
) -> list[Operator[..., object] | Callable[..., object]]:
    """Return a module's operators, and the functions that are its own."""
    from motet.planner.operator import Operator

    found = [each for each in vars(module).values() if isinstance(each, (Operator, FunctionType))]
    return [each for each in found if isinstance(each, Operator) or _home(each) == name]


def _name(path: Path, plan: Mapping[str, JSON]) -> str:
    """Return the name of the module that the file was, else the one it would have."""
    table = plan.get("operators")
    for each in table if isinstance(table, Sequence) else ():
        if isinstance(each, Mapping) and Path(str(each["file"])).resolve() == path:
            return str(each["module"])
    return path.stem


def _home(value: object) -> str | None:
    found: str | None = getattr(value, "__module__", None)
    return found


def _module(path: Path, name: str) -> ModuleType:
    sys.path.insert(0, str(path.parents[name.count(".")]))
    module = importlib.import_module(name)
    if Path(module.__file__ or "").resolve() != path:
        hint = "another module of this name comes first; rename the file"
        raise UsageError(f"'{name}' is {module.__file__}", where=str(path), hint=hint)
    return module


def _script(path: Path) -> ModuleType:
    """Import a script under another name, then let it stand for what it was as a program."""
    from motet.planner.operator import Operator

    spec = importlib.util.spec_from_file_location(SCRIPT, path)
    if spec is None or spec.loader is None:
        raise UsageError("this is no Python file", where=str(path), hint="expected FILE.py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    sys.modules[SCRIPT] = module
    spec.loader.exec_module(module)
    sys.modules[MAIN] = module
    for each in vars(module).values():
        known = each.function if isinstance(each, Operator) else each
        if isinstance(known, (type, FunctionType)) and _home(known) == SCRIPT:
            known.__module__ = MAIN  # values and nodes are recorded by such names
    return module
