"""Python files beside a declaration, loaded by path under a module name of their own."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import threading
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from motet.core.errors import DeclarationError, MotetError
from motet.core.ids import sha256
from motet.spec.problems import nearest
from motet.spec.types import Code
from motet.tools.functions import Operated

_loading = threading.Lock()


def load_functions(code: Code, root: Path, where: str | None = None) -> dict[str, Any]:
    """Return the functions that a place in code names, as they stand in the file.

    Without a name these are the file's operators, or else its public functions that are
    defined there. `where` is the place in the declaration that errors name.
    Raises `DeclarationError`: no such file or name, or the file cannot be run.
    """
    module = _module(root / code.file, where)
    if code.name is None:
        found = _public(module)
        if not found:
            raise DeclarationError(
                f"{code.file} defines no public function", where=where, hint="name one"
            )
        return found
    target: Any = module
    for part in code.name.split("."):
        if not hasattr(target, part):
            near = nearest(part, _public(module)) or ", ".join(_public(module))
            raise DeclarationError(
                f"{code.file} has no {part!r}",
                where=where,
                hint=f"there is: {near}" if near else None,
            )
        target = getattr(target, part)
    if not isinstance(target, Operated) and not inspect.isroutine(target):
        kind = type(target).__name__
        raise DeclarationError(f"{code} is a {kind}, not a function", where=where)
    return {code.name.rpartition(".")[2]: target}


def _public(module: ModuleType) -> dict[str, Any]:
    own = {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and _home(value) == module.__name__
    }
    marked = {name: value for name, value in own.items() if isinstance(value, Operated)}
    return marked or {name: value for name, value in own.items() if inspect.isfunction(value)}


def _home(value: object) -> str | None:
    inner = value.function if isinstance(value, Operated) else value
    return getattr(inner, "__module__", None)


def _module(path: Path, where: str | None) -> ModuleType:
    try:
        source = path.read_bytes()
    except OSError as error:
        near = nearest(path.name, [each.name for each in path.parent.glob("*.py")])
        raise DeclarationError(
            f"cannot read {path}: {error.strerror or error}",
            where=where,
            hint=f"did you mean {near}?" if near else None,
        ) from error
    # Path and content: two systems may have a tools.py each, and a changed one is another.
    identity = sha256(b"\0".join((str(path.resolve()).encode(), source)))
    name = f"motet_code_{identity[:16]}"
    with _loading:
        return sys.modules.get(name) or _run(name, path, where)


def _run(name: str, path: Path, where: str | None) -> ModuleType:
    # As a package, so that files beside it can be imported relatively and by nobody else.
    spec = importlib.util.spec_from_file_location(
        name, path, submodule_search_locations=[str(path.parent)]
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        for each in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
            del sys.modules[each]
        raise _failure(error, path, where) from error
    return module


def _failure(error: BaseException, path: Path, where: str | None) -> DeclarationError:
    prefix = f"{where}: " if where else ""
    if isinstance(error, SyntaxError):
        place = f"{error.filename or path}:{error.lineno}"
        return DeclarationError(f"{prefix}{type(error).__name__}: {error.msg}", where=place)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    place = f"{path}:{frames[-1].lineno}" if frames else str(path)
    text = str(error) if isinstance(error, MotetError) else f"{type(error).__name__}: {error}"
    return DeclarationError(f"{prefix}{text}", where=place, hint=_import_hint(error, path))


def _import_hint(error: BaseException, path: Path) -> str | None:
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    if (path.parent / f"{error.name}.py").exists():
        return f"it stands beside the file: write `from . import {error.name}`"
    return f"install {error.name} where motet is installed"
