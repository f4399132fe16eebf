"""`--html FILE`: a run as a page, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from motet.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from motet.cli.options import F
    from motet.runtime.records import Record


def html_option(command: F) -> F:
    """Add `--html`; a place where nothing can be written is refused before anything runs."""
    add: Callable[[F], F] = click.option(
        "--html",
        metavar="FILE",
        type=click.Path(path_type=Path),
        callback=writable,
        help="Write the run as a page of its own, with bars over time.",
    )
    return add(command)


def writable(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Refuse a place where no file can be written. Raises `UsageError`."""
    if value is None:
        return None
    if value.is_dir():
        raise UsageError("it is a folder", where=f"--html {value}", hint="name a file")
    if not value.absolute().parent.is_dir():
        folder = value.absolute().parent
        raise UsageError("no such folder", where=f"--html {value}", hint=f"mkdir -p {folder}")
    return value


def write_page(record: Record, path: Path) -> None:
    """Write what happened in a run as HTML, in one step. Raises OSError."""
    from motet.planner.waterfall import to_html

    title = record.question or record.skill or record.id
    write_whole(to_html(record.physical(), record.actual(), f"{title} · {record.id}"), path)


def write_whole(page: str, path: Path) -> None:
    """Write a file whole or not at all. Raises OSError."""
    partial = path.with_name(f".{path.name[:200]}.{os.getpid()}")
    try:
        partial.write_text(page, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
