"""Which files a declaration means, and whether they changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from motet.core.errors import UsageError

SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "venv"})
_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Root:
    """A file, folder or glob, relative to the base; `only` and `exclude` are name patterns."""

    path: str
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the knowledge: `source` is its POSIX path relative to the base."""

    source: str
    path: Path
    fingerprint: str
    size: int


def discover(
    base: Path, roots: Sequence[Root], readable: Callable[[str], bool], skip: Sequence[Path] = ()
) -> list[Found]:
    """Return the files the roots name, once each, by source name.

    Within folders and globs, hidden files, folders of tools and files that `readable`
    refuses by name are passed over; a file named itself is always returned. `skip` are
    paths that are never knowledge (the state folder, the declaration).
    Raises `UsageError` for a root that does not exist.
    """
    found: dict[str, Found] = {}
    away = {path.resolve() for path in skip}
    for root in roots:
        for path in _files(base, root, readable, away):
            source = Path(os.path.relpath(path, base)).as_posix()
            if source not in found and _wanted(source, root):
                found[source] = _found(source, path)
    return sorted(found.values(), key=lambda each: each.source)


def _files(
    base: Path, root: Root, readable: Callable[[str], bool], away: set[Path]
) -> Iterator[Path]:
    path = base / Path(root.path).expanduser()
    if path.is_dir():
        yield from _walk(path, readable, away)
    elif path.exists():
        yield path
    elif _GLOB & set(root.path):
        for match in sorted(base.glob(root.path) if not path.is_absolute() else _absolute(path)):
            if match.is_dir():
                yield from _walk(match, readable, away)
            elif readable(match.name) and match.resolve() not in away:
                yield match
    else:
        raise UsageError(
            "no such file or folder",
            where=root.path,
            hint="nothing was removed; correct the path, or drop it from the knowledge",
        )


def _absolute(pattern: Path) -> Iterator[Path]:
    return Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))


def _walk(folder: Path, readable: Callable[[str], bool], away: set[Path]) -> Iterator[Path]:
    seen: set[tuple[int, int]] = set()
    for here, folders, names in os.walk(folder, followlinks=True):
        status = Path(here).stat()
        if (status.st_dev, status.st_ino) in seen:  # a link that leads back up
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in SKIPPED_FOLDERS
            and (Path(here) / name).resolve() not in away
        )
        for name in sorted(names):
            path = Path(here) / name
            if not name.startswith(".") and readable(name) and path.resolve() not in away:
                yield path


def _wanted(source: str, root: Root) -> bool:
    if root.only and not any(_matches(source, pattern) for pattern in root.only):
        return False
    return not any(_matches(source, pattern) for pattern in root.exclude)


def _matches(source: str, pattern: str) -> bool:
    return fnmatch(source, pattern) or fnmatch(source.rpartition("/")[2], pattern)


def _found(source: str, path: Path) -> Found:
    try:
        status = path.stat()
    except OSError as error:  # a dangling link, say: reading it will give the reason
        return Found(source, path, f"unreadable:{error.errno}", 0)
    fingerprint = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"
    return Found(source, path, fingerprint, status.st_size)
