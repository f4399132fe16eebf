"""`motet schema`."""

from __future__ import annotations

import click

from motet.core.json import dumps


@click.command(epilog="Example: motet schema > motet.schema.json")
@click.option("--json", "as_json", is_flag=True, help="The same: the schema is JSON.")
def command(as_json: bool) -> None:
    """Print the JSON Schema of a declaration."""
    from motet.spec import schema

    click.echo(dumps(schema(), indent=2))
