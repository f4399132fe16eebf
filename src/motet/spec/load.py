"""From a file, text or Python objects to a `Declaration`, and back to text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from motet.core.errors import DeclarationError
from motet.core.folders import shipped_system
from motet.spec.fields import DECLARATION
from motet.spec.nodes import Node, from_python
from motet.spec.sites import Report, Site, Unusable
from motet.spec.yaml_nodes import read_yaml

if TYPE_CHECKING:
    from motet.spec.types import Declaration

FILE_NAME = "motet.yaml"


def load(path: str | os.PathLike[str], *, environ: Mapping[str, str] | None = None) -> Declaration:
    """Read a declaration from a file, the `motet.yaml` of a folder, or a shipped system's name.

    Raises `DeclarationError`; as `InvalidDeclaration` it holds every problem.
    """
    file = Path(path)
    if not file.exists():
        file = shipped_system(str(path)) or file
    if file.is_dir():
        file = file / FILE_NAME
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise DeclarationError(
            "there is no declaration here", where=str(file), hint="write one with `motet init`"
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise DeclarationError(f"cannot be read: {reason}", where=str(file)) from None
    return parse(data, file=file, environ=environ)


def parse(
    text: str | bytes,
    *,
    file: str | os.PathLike[str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Declaration:
    """Read a declaration from YAML; `file` names it in errors. Raises `InvalidDeclaration`."""
    name = None if file is None else os.fspath(file)
    declaration = _read(read_yaml(text, name), name, environ)
    return replace(declaration, file=None if name is None else Path(name))


def declare(
    system: str, *, environ: Mapping[str, str] | None = None, **parts: object
) -> Declaration:
    """Build a declaration from Python objects: plain data as in YAML, or our own classes.

    A part that is None counts as left out. Raises `InvalidDeclaration` with paths for places.
    """
    given = {key: part for key, part in parts.items() if part is not None}
    return _read(from_python({"system": system, **given}), None, environ)


def _read(node: Node, file: str | None, environ: Mapping[str, str] | None) -> Declaration:
    report = Report(os.environ if environ is None else environ, file)
    try:
        return DECLARATION.read(Site(node, "", report))
    except Unusable:
        raise report.failure() from None


def find(start: str | os.PathLike[str] = ".") -> Path:
    """Return the nearest `motet.yaml` in a folder or above it. Raises `DeclarationError`."""
    folder = Path(start).absolute()
    for candidate in (folder, *folder.parents):
        if (candidate / FILE_NAME).is_file():
            return candidate / FILE_NAME
    raise DeclarationError(
        f"there is no {FILE_NAME} here or above",
        where=str(folder),
        hint="write one with `motet init`, or name one with -s",
    )


def dump(declaration: Declaration) -> str:
    """Write a declaration as YAML that reads back as the same; secrets stay references."""
    import yaml

    return yaml.safe_dump(
        DECLARATION.write(declaration), sort_keys=False, allow_unicode=True, width=100
    )
