"""The `motet` command: finds the subcommand, turns errors into one line and an exit code."""

from __future__ import annotations

import importlib
import sys
from typing import NoReturn

import click

from motet.cli import exits, streams
from motet.core.errors import MotetError
from motet.core.version import __version__

COMMANDS = {
    "ask": "ask",
    "compare": "compare",
    "doctor": "doctor",
    "explain": "explain",
    "gateway": "gateway",
    "ingest": "ingest",
    "init": "init",
    "keys": "virtual_keys",
    "knowledge": "knowledge",
    "models": "models",
    "runs": "runs",
    "schema": "schema",
    "search": "search",
    "serve": "serve",
    "setup": "setup",
    "spend": "spend",
    "teams": "teams",
    "trace": "trace",
    "version": "version",
    "worker": "worker",
}
"""Command name to module of this package; the module holds a command named `command`."""


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = importlib.import_module(f"motet.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=1)
            hint = f", did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"no such command: {name}{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(SUMMARIES.items()))


SUMMARIES = {
    "ask": "Ask a question; answers with citations.",
    "compare": "Compare models or systems on the same questions.",
    "doctor": "Check the installation and the state folder.",
    "explain": "Show the plan of a question, and what happened.",
    "gateway": "Serve models by their names, over every dialect.",
    "ingest": "Read documents into the knowledge.",
    "init": "Write a starter declaration and sample documents.",
    "keys": "Give out keys for the gateway, with budgets and rates.",
    "knowledge": "Look into what is known.",
    "models": "Look at models: what they can do, cost and took; try one.",
    "runs": "Look at runs, answer what they ask, go on with them.",
    "schema": "Print the JSON Schema of a declaration.",
    "search": "Find passages.",
    "serve": "Serve systems over the OpenAI API and a web page.",
    "setup": "Fetch the base encoder.",
    "spend": "Show what was spent on models.",
    "teams": "Let several keys share a budget and rates.",
    "trace": "Look at recorded runs.",
    "version": "Print the version.",
    "worker": "Carry out queued runs, from PostgreSQL.",
}
"""One line per command, so that `motet --help` loads none of them; a test compares."""


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Example: motet init demo && cd demo && motet ask "How much is a membership?"',
    no_args_is_help=False,
    invoke_without_command=True,
)
@click.version_option(__version__, message="motet %(version)s")
@click.pass_context
def motet(ctx: click.Context) -> None:
    """Declare a compound AI system, serve it as one model."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> NoReturn:
    """Run the command line and exit: 0 success, 1 failed, 2 usage, 3 outside, 130 interrupted."""
    streams.prepare()
    words = streams.arguments()
    as_json = "--json" in (words[: words.index("--")] if "--" in words else words)
    try:
        code = _run(words, as_json)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output left; what is unsent is not missed.
        streams.abandon()
        code = 0
    except OSError as error:
        streams.abandon()
        code = exits.outside(error, as_json=False)
    sys.exit(code)


def _run(words: list[str], as_json: bool) -> int:
    try:
        code = motet(words, prog_name="motet", standalone_mode=False)
    except SystemExit as stop:
        # click exits by itself in one case: the reader of standard output left.
        raise BrokenPipeError from stop
    except (KeyboardInterrupt, click.Abort):
        return exits.interrupted(as_json=as_json)
    except click.ClickException as error:
        return exits.misused(error, as_json=as_json)
    except MotetError as error:
        return exits.failed(error, as_json=as_json)
    except BrokenPipeError:
        raise
    except OSError as error:
        return exits.outside(error, as_json=as_json)
    except Exception as error:  # a bug of ours: say so in one line, with a way to see more
        return exits.bug(error, as_json=as_json)
    return code if isinstance(code, int) else 0
