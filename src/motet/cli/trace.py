"""`motet trace`."""

from __future__ import annotations

from pathlib import Path

import click

from motet.cli.options import json_option, opened, print_json, system_option
from motet.cli.pages import html_option, write_page
from motet.cli.rows import print_row
from motet.core.json import JSON, dumps


@click.group("trace", epilog="Example: motet trace show run_0193...")
def command() -> None:
    """Look at recorded runs."""


@command.command("list", epilog="Example: motet trace list -n 5 --json")
@system_option
@json_option
@click.option("-n", "count", type=click.IntRange(1, 10_000), default=20, show_default=True)
def list_runs(system: str | None, as_json: bool, count: int) -> None:
    """List the latest runs, newest first."""
    with opened(system) as found:
        runs = found.journal.recent(found.name, count)
        if as_json:
            listing: list[JSON] = [each.summary() for each in runs]
            print_json({"system": found.name, "runs": listing})
            return
        if not runs:
            click.echo("No runs yet.")
        for each in runs:
            print_row(found.journal, each)


@command.command(epilog="Example: motet trace show run_0193... --otlp > spans.json")
@click.argument("run")
@system_option
@json_option
@click.option("--otlp", is_flag=True, help="Print OpenTelemetry spans as OTLP/JSON.")
@html_option
def show(run: str, system: str | None, as_json: bool, otlp: bool, html: Path | None) -> None:
    """Show a run: its plan, what happened, its answer."""
    with opened(system) as found:
        record = found.journal.get(run)
        if html is not None:
            write_page(record, html)
        if otlp:
            from motet.runtime.otlp import export

            click.echo(dumps(export([record]), indent=2))
        elif as_json:
            print_json(record.to_json())
        else:
            click.echo(f"{record.id}  {record.status}  {record.question}")
            click.echo(record.explained())
            if record.error:
                click.echo(f"error: {record.error}")
            if html is not None:
                click.echo(f"wrote {html}")
