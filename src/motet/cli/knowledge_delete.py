"""`motet knowledge delete` and `motet knowledge expire`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from motet.cli.options import json_option, opened, print_json, system_option, warn
from motet.core.errors import StoreError

if TYPE_CHECKING:
    from motet.erasure import Erased


@click.command("delete", epilog="Example: motet knowledge delete documents/letter.txt")
@click.argument("source")
@system_option
@json_option
def command(source: str, system: str | None, as_json: bool) -> None:
    """Delete SOURCE for good: no byte of its text stays in any file of the state folder.

    Runs that were given it, memories that quote it and kept answers lose those texts, with a
    mark that says so. The file itself is yours and stays where it is; it is not read again,
    unless you name it: `motet ingest FILE`.
    """
    from motet.erasure import Eraser

    with opened(system) as found:
        done = Eraser(found.store, found.journal, found.memory, found.home).erase(source)
        if as_json:
            print_json({"system": found.name, **done.to_json()})
        else:
            _show(done)
        if (found.base / source).exists():
            warn(f"the file itself is not touched: {found.base / source}")
    if done.unfinished:
        runs = ", ".join(done.unfinished)
        raise StoreError(
            f"runs that were given it go on elsewhere: {runs}", hint="delete it again afterwards"
        )
    if done.left:
        raise StoreError(f"parts of it are left in: {', '.join(done.left)}")


def _show(done: Erased) -> None:
    if done.again:
        click.echo(f"{done.source} was deleted before; what was left of it is cleaned up.")
        return
    click.echo(f"Deleted {done.source}; no byte of it is left.")
    for count, what in (
        (len(done.runs), "runs redacted"),
        (len(done.memories), "memories redacted"),
        (done.answers, "kept answers dropped"),
        (done.entries, "ledger entries redacted"),
    ):
        if count:
            click.echo(f"  {count} {what}")


@click.command("expire", epilog="Example: motet knowledge expire")
@system_option
@json_option
def expire(system: str | None, as_json: bool) -> None:
    """Delete the sources whose time is over, as their `expires` says."""
    from motet.knowledge.provenance.policy import expire as expired

    with opened(system) as found:
        gone = expired(found.store)
        if as_json:
            print_json({"system": found.name, "expired": [*gone]})
            return
        for source in gone:
            click.echo(source)
        click.echo(f"{len(gone)} expired.")
