"""Folders: where state lives and where what can be fetched again is cached."""

from __future__ import annotations

import os
from pathlib import Path

from motet.core.errors import UsageError

DATABASES = ("postgresql://", "postgres://")
"""How the URL of a database begins."""

_PACKAGE = Path(__file__).resolve().parents[1]
_SHIPPED = (_PACKAGE / "systems", _PACKAGE.parents[1] / "systems")
"""Where shipped systems are: in the installed package, or beside it in a checkout."""


def cache_folder() -> Path:
    """Return the folder of what `motet setup` fetched; it may not exist yet.

    `MOTET_CACHE`, else `$XDG_CACHE_HOME/motet`, else `~/.cache/motet`.
    """
    own = os.environ.get("MOTET_CACHE")
    if own:
        return Path(own).expanduser().absolute()
    shared = os.environ.get("XDG_CACHE_HOME")
    base = Path(shared).expanduser() if shared else Path.home() / ".cache"
    return base.absolute() / "motet"


def home_folder(declaration: Path | None = None) -> Path:
    """Return the state folder of a system; it may not exist yet.

    `MOTET_HOME`, else `.motet` beside the declaration, else `.motet` in the working directory,
    where the state of shipped systems is too.
    """
    own = os.environ.get("MOTET_HOME")
    if own:
        return Path(own).expanduser().absolute()
    if declaration is None or is_shipped(declaration):
        return Path.cwd() / ".motet"
    return declaration.parent.absolute() / ".motet"


def is_shipped(declaration: Path | None) -> bool:
    """Whether a declaration comes with Motet; then it works on the working directory."""
    return declaration is not None and declaration.resolve().parent.parent in _SHIPPED


def shipped_system(name: str) -> Path | None:
    """Return the folder of a system that comes with Motet, None where none has this name."""
    if not name or "/" in name or name.startswith("."):
        return None
    places = (folder / name for folder in _SHIPPED)
    return next((each for each in places if (each / "motet.yaml").is_file()), None)


def journal_place(home: str | Path | None, declaration: Path | None = None) -> str | Path:
    """Return where runs are recorded: a SQLite file, or the URL of a PostgreSQL database.

    `home` is a URL or a folder; without it `MOTET_JOURNAL`, else the state folder.
    """
    if home is not None:
        return home if _is_url(home) else Path(home) / "runs.db"
    return _named("MOTET_JOURNAL") or home_folder(declaration) / "runs.db"


def knowledge_place(declaration: Path | None = None) -> str | Path:
    """Return where knowledge is kept: a SQLite file, or the URL of a PostgreSQL database.

    `MOTET_KNOWLEDGE`, else the state folder.
    """
    return _named("MOTET_KNOWLEDGE") or home_folder(declaration) / "store.db"


def _is_url(place: object) -> bool:
    return isinstance(place, str) and place.startswith(DATABASES)


def _named(variable: str) -> str | None:
    """Return the database that an environment variable names. Raises `UsageError`."""
    place = os.environ.get(variable) or None
    if place is not None and not _is_url(place):
        raise UsageError(
            f"this is no address of a database: {place}",
            where=variable,
            hint="postgresql://user@host:5432/database",
        )
    return place
