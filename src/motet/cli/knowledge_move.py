"""`motet knowledge move`."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from motet.cli.options import json_option, opened, print_json, system_option

if TYPE_CHECKING:
    from motet.knowledge.store.moving import Moved
    from motet.system import System


FILE = "store.db"


@click.command(
    "move", epilog="Example: motet knowledge move --to postgresql://motet@localhost/motet"
)
@click.option(
    "--to", "place", metavar="PLACE", required=True, help="A database's URL, or a folder."
)
@system_option
@json_option
def command(place: str, system: str | None, as_json: bool) -> None:
    """Copy all knowledge to an empty PLACE, compare the two, and say how to use it.

    PLACE is a PostgreSQL database with pgvector, or a folder for a SQLite file. All
    systems whose knowledge is in the same store move with it. The old store is left as it is;
    writers wait meanwhile. A move that is cut off leaves PLACE empty and can be run again.
    """
    with opened(system) as found:
        moved, name = _moved(found, place, quiet=as_json)
        if as_json:
            print_json(
                {
                    "system": found.name,
                    "from": found.store.name,
                    "to": name,
                    "rows": dict(moved.rows),
                    "digest": moved.digest,
                }
            )
            return
        click.echo(f"Moved {moved.total:,} rows to {name}; both places have digest")
        click.echo(f"  {moved.digest}")
        click.echo(f"{found.store.name} is left as it was. To use the new place:")
        click.echo(f"  {_how(found, place)}")


def _moved(found: System, place: str, *, quiet: bool) -> tuple[Moved, str]:
    from motet.core.store.sessions import is_url
    from motet.knowledge.store import Store
    from motet.knowledge.store.moving import Moving

    to: str | Path = place if is_url(place) else Path(place).absolute() / FILE
    end = f"@{found.base}"

    def renamed(scope: str) -> str:
        """Return a scope's name there: alone beside its declaration, a system needs no path."""
        if to == found.base / ".motet" / FILE:
            return scope.removesuffix(end)
        return scope if "@" in scope else f"{scope}{end}"

    bar = click.progressbar(length=1, label="Moving rows", file=sys.stderr, width=24)

    def report(done: int, total: int) -> None:
        bar.length = total
        bar.update(done - bar.pos)

    with closing(Store(to, found.store.scope)) as new:
        if quiet or not sys.stderr.isatty():
            return Moving(found.store, new, renamed).run(), new.name
        with bar:
            return Moving(found.store, new, renamed, report).run(), new.name


def _how(found: System, place: str) -> str:
    from motet.core.store.sessions import is_url

    if is_url(place):
        return "set MOTET_KNOWLEDGE to the address you gave"
    if Path(place).absolute() == found.base / ".motet":
        return "unset MOTET_KNOWLEDGE and MOTET_HOME"
    return f"unset MOTET_KNOWLEDGE, and set MOTET_HOME to {Path(place).absolute()}"
