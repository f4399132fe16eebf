"""A scorer of one's own: a function in a Python file."""

from __future__ import annotations

import importlib.util
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from motet.core.errors import UsageError
from motet.learning.scorers import Scorer


def loaded(path: Path, name: str) -> Scorer:
    """Return `FILE.py:NAME`, which takes an answer and the right ones and gives 0 to 1.

    Raises `UsageError` where it cannot be loaded, and when it is called where it fails.
    """
    spec = importlib.util.spec_from_file_location("motet_scorer", path.absolute())
    if spec is None or spec.loader is None or not path.exists():
        raise UsageError("no such Python file", where=f"--score {path}")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise _failed(error, path) from error
    function = getattr(module, name, None)
    if not callable(function):
        raise UsageError(f"it has no function '{name}'", where=f"--score {path}")
    return _checked(function, path)


def _checked(function: Callable[[str, Sequence[str]], object], path: Path) -> Scorer:
    def scorer(answer: str, right: Sequence[str]) -> float:
        try:
            worth = float(function(answer, list(right)))  # type: ignore[arg-type]
        except Exception as error:
            raise _failed(error, path) from error
        if not 0 <= worth <= 1:
            raise UsageError(f"a score lies from 0 to 1, not {worth}", where=f"--score {path}")
        return worth

    return scorer


def _failed(error: BaseException, path: Path) -> UsageError:
    frames = [
        each
        for each in traceback.extract_tb(error.__traceback__)
        if each.filename == str(path.absolute())
    ]
    where = f"{path}:{frames[-1].lineno}" if frames else str(path)
    return UsageError(f"{type(error).__name__}: {error}", where=where)
