"""Which files a declaration means, and whether they changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Literal

from motet.core.errors import UsageError
from motet.knowledge.provenance.policy import UNBOUND, Policy

SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "venv"})
_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Root:
    """A file, folder or glob, relative to the base; `only` and `exclude` are name patterns."""

    path: str
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    policy: Policy = UNBOUND


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the knowledge: `source` is its POSIX path relative to the base.

    Or a table of a database; then `path` is the database's, if it is a file. `made` is when it
    was last changed, in seconds since 1970; `root` what it was found under, `policy` that of
    all such roots together.
    """

    source: str
    path: Path
    fingerprint: str
    size: int
    made: float = 0.0
    root: str = ""
    policy: Policy = UNBOUND
    kind: Literal["file", "database"] = "file"


def discover(
    base: Path, roots: Sequence[Root], readable: Callable[[str], bool], skip: Sequence[Path] = ()
) -> list[Found]:
    """Return the files the roots name, once each, by source name.

    Within folders and globs, hidden files, folders of tools and files that `readable`
    refuses by name are passed over; a file named itself is always returned. `skip` are
    paths that are never knowledge (the state folder, the declaration).
    A folder that cannot be listed is returned itself: reading it gives the reason.
    Raises `UsageError` for a root that does not exist or cannot be looked at.
    """
    found: dict[str, Found] = {}
    chosen = _Chosen(readable, frozenset(map(os.path.realpath, skip)))
    for root in roots:
        for path in _files(base, root, chosen):
            source = _name(path, base)
            if not _wanted(source, root):
                continue
            if source in found:
                both = found[source].policy & root.policy
                found[source] = replace(found[source], policy=both)
            else:
                found[source] = _found(source, path, root)
    return sorted(found.values(), key=lambda each: each.source)


def _name(path: Path, base: Path) -> str:
    """Return the source's name; bytes that are no UTF-8 are written as escapes."""
    name = Path(os.path.relpath(path, base)).as_posix()
    return name.encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Which files and folders are taken where they are not named themselves."""

    readable: Callable[[str], bool]
    away: frozenset[str]

    def file(self, path: Path) -> bool:
        hidden = path.name.startswith(".")
        return not hidden and self.readable(path.name) and os.path.realpath(path) not in self.away

    def folder(self, path: Path) -> bool:
        skipped = path.name.startswith(".") or path.name in SKIPPED_FOLDERS
        return not skipped and os.path.realpath(path) not in self.away


def _files(base: Path, root: Root, chosen: _Chosen) -> Iterator[Path]:
    path = base / Path(root.path).expanduser()
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            os.scandir(path).close()
    except FileNotFoundError:
        yield from _matches(path, root, chosen)
    except OSError as error:
        raise _missing(root, f"it cannot be looked at: {error.strerror}") from error
    else:
        yield from _walk(path, chosen) if stat.S_ISDIR(found.st_mode) else (path,)


def _matches(pattern: Path, root: Root, chosen: _Chosen) -> Iterator[Path]:
    """Yield what a glob means; the folder before its first wildcard must exist."""
    wild = next((i for i, part in enumerate(pattern.parts) if _GLOB & set(part)), None)
    if wild is None:
        raise _missing(root, "no such file or folder")
    folder = Path(*pattern.parts[:wild])
    if not folder.is_dir():
        raise _missing(root, f"no such folder: {folder}")
    try:
        matches = sorted(folder.glob(str(Path(*pattern.parts[wild:]))))
    except ValueError as error:
        raise _missing(root, str(error)) from error
    for match in matches:
        between = (folder / each for each in match.relative_to(folder).parents[:-1])
        if not all(map(chosen.folder, between)):
            continue
        if match.is_dir():
            yield from _walk(match, chosen) if chosen.folder(match) else ()
        elif chosen.file(match):
            yield match


def _missing(root: Root, message: str) -> UsageError:
    return UsageError(
        message,
        where=root.path,
        hint="nothing was removed; correct the path, or drop it from the knowledge",
    )


def _walk(folder: Path, chosen: _Chosen) -> Iterator[Path]:
    seen: set[str] = set()
    unlisted: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=unlisted.append, followlinks=True):
        real = os.path.realpath(here)
        if real in seen:  # a link that leads back up
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if chosen.folder(Path(here, name)))
        yield from (path for name in sorted(names) if chosen.file(path := Path(here, name)))
    yield from (Path(error.filename) for error in unlisted)


def _wanted(source: str, root: Root) -> bool:
    if root.only and not any(_fits(source, pattern) for pattern in root.only):
        return False
    return not any(_fits(source, pattern) for pattern in root.exclude)


def _fits(source: str, pattern: str) -> bool:
    """Whether a pattern names the source or a folder above it, by its whole path or the end."""
    bare = pattern.removeprefix("./").removeprefix("**/").rstrip("/")
    places = (source, *map(str, PurePosixPath(source).parents[:-1]))
    return any(fnmatch(place, bare) or fnmatch(place, f"*/{bare}") for place in places)


def _found(source: str, path: Path, root: Root) -> Found:
    try:
        status = path.stat()
    except OSError as error:  # a dangling link, say: reading it will give the reason
        return Found(source, path, f"unreadable:{error.errno}", 0, 0.0, root.path, root.policy)
    fingerprint = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"
    made = status.st_mtime
    return Found(source, path, fingerprint, status.st_size, made, root.path, root.policy)
