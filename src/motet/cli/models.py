"""`motet models`."""

from __future__ import annotations

import shutil
import sys

import click

from motet.cli.options import json_option, print_json, system_option
from motet.core.json import JSON


@click.group("models", epilog="Example: motet models show openai/gpt-5-mini")
def command() -> None:
    """Look at models: what they can do, cost and took; try one."""


@command.command("list", epilog="Example: motet models list --provider openai --search mini")
@system_option
@json_option
@click.option("--all", "every", is_flag=True, help="All of the catalogue, deprecated ones too.")
@click.option("--provider", metavar="NAME", help="All models of one provider.")
@click.option("--search", metavar="TEXT", help="Only names that contain this.")
def list_models(
    system: str | None, as_json: bool, every: bool, provider: str | None, search: str | None
) -> None:
    """List models: the declared ones, or those that can be used here now.

    Without a declaration these are the catalogue's models whose key is set, what local
    servers offer, and the built-in experts.
    """
    from motet.cli import model_finding
    from motet.cli.model_rows import table

    declaration = model_finding.declaration(system)
    probed = model_finding.local_servers()
    if declaration is not None and not every and provider is None:
        rows = model_finding.declared(declaration, probed)
    else:
        rows = model_finding.undeclared(probed, provider, every=every, old=every)
    if search is not None:
        rows = [row for row in rows if search.lower() in f"{row.name} {row.card.title}".lower()]
    if as_json:
        listing: list[JSON] = [row.to_json() for row in rows]
        print_json({"system": declaration.system if declaration else None, "models": listing})
        return
    if not rows:
        click.echo("No such models. `motet models list --all` shows the whole catalogue.")
        return
    _page(table(rows))


def _page(text: str) -> None:
    """Print a text; one that is longer than the terminal in a pager that keys can search."""
    high = shutil.get_terminal_size().lines
    if sys.stdout.isatty() and sys.stdin.isatty() and text.count("\n") >= high:
        click.echo_via_pager(text + "\n")
    else:
        click.echo(text)


@command.command(epilog="Example: motet models show anthropic/claude-sonnet-4-5")
@click.argument("model")
@system_option
@json_option
def show(model: str, system: str | None, as_json: bool) -> None:
    """Show all that is known of a model, and where each fact is from."""
    from motet.cli import model_finding
    from motet.cli.model_rows import sheet

    row = model_finding.one(model, model_finding.declaration(system))
    if as_json:
        print_json(row.to_json())
        return
    click.echo(sheet(row))


@command.command(epilog="Example: motet models test ollama/qwen3:4b")
@click.argument("model")
@system_option
@json_option
@click.option("--timeout", type=click.FloatRange(1, 600), default=60.0, show_default=True)
@click.option("--tools", is_flag=True, help="Try a tool call where nobody says it can.")
def test(model: str, system: str | None, as_json: bool, timeout: float, tools: bool) -> int:
    """Ask a model something tiny: streamed, whole, and with a tool where it can call any.

    Exit code 3 says that something failed. A provider bills the few tokens.
    """
    from motet.cli import model_finding, model_trial

    found = model_trial.tried(model, model_finding.declaration(system), timeout, tools)
    if as_json:
        print_json(found.to_json())
    else:
        click.echo(found.shown())
    return 0 if found.ok else 3
