"""`motet knowledge index`."""

from __future__ import annotations

import click

from motet.cli.options import json_option, opened, print_json, system_option
from motet.core.errors import StoreError
from motet.core.json import JSON


@click.group("index", epilog="Example: motet knowledge index status")
def command() -> None:
    """Look after the search indexes.

    They are disposable: without them search is exact, and slower in a large store.
    """


@command.command(epilog="Example: motet knowledge index status --json")
@system_option
@json_option
def status(system: str | None, as_json: bool) -> None:
    """Show what each index has absorbed."""
    with opened(system) as found:
        last = found.store.sequence()
        states = found.indexes.status()
    if as_json:
        rows: list[JSON] = [
            {
                "name": each.name,
                "sequence": each.sequence,
                "entries": each.entries,
                "bytes": each.bytes,
            }
            for each in states
        ]
        print_json({"system": found.name, "sequence": last, "indexes": rows})
        return
    if not states:
        click.echo("No indexes: all search is exact. They are built of a large store only.")
    for each in states:
        state = "up to date" if each.sequence >= last else f"at change {each.sequence} of {last}"
        size = f"{each.entries} entries, {each.bytes / 1e6:.1f} MB"
        click.echo(f"{each.name:8} {size}, {state}")


@command.command(epilog="Example: motet knowledge index rebuild")
@system_option
@json_option
def rebuild(system: str | None, as_json: bool) -> None:
    """Delete the indexes and build them anew, where the store is large enough to need any."""
    with opened(system) as found:
        found.indexes.discard()
        if not found.index():
            raise StoreError("another process builds the indexes now", hint="wait for it")
        names = [each.name for each in found.indexes.status()]
    if as_json:
        rows: list[JSON] = [*names]
        print_json({"system": found.name, "built": rows})
    else:
        click.echo(f"Built: {', '.join(names) or 'none, the store is small'}.")
