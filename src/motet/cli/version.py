"""`motet version`."""

from __future__ import annotations

import platform

import click

from motet.cli.options import json_option, print_json
from motet.core.version import __version__


@click.command(epilog="Example: motet version --json")
@json_option
def command(as_json: bool) -> None:
    """Print the version."""
    if as_json:
        print_json({"version": __version__, "python": platform.python_version()})
    else:
        click.echo(f"motet {__version__}")
