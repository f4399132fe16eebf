"""`motet runs`: what ran, what runs, and what waits for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from motet.cli.exporting import export
from motet.cli.homes import NothingRan, node_argument, run_argument, runs_of
from motet.cli.options import json_option, print_json, system_option
from motet.cli.resuming import go_on, how_to_answer, operators_of, operators_option, resume
from motet.cli.rows import VERBS, one_line, print_row, state
from motet.core.errors import UsageError
from motet.core.json import JSON, dumps

if TYPE_CHECKING:
    from pathlib import Path

    from motet.runtime.decisions import Decision, Waiting
    from motet.runtime.journal import Journal
    from motet.runtime.records import Record

STATUSES = ("running", "paused", "done", "failed", "cancelled")


@click.group("runs", epilog="Example: motet runs list --status paused")
def command() -> None:
    """Look at runs, answer what they ask, go on with them.

    Runs of systems and of plans written in Python, in the state folder of the system that
    -s names, else of this folder.
    """


command.add_command(resume)
command.add_command(export)


@command.command("list", epilog="Example: motet runs list --status paused --json")
@system_option
@json_option
@click.option("--status", type=click.Choice(STATUSES), help="Only those with this status.")
@click.option("-n", "count", type=click.IntRange(1, 10_000), default=20, show_default=True)
def list_runs(system: str | None, as_json: bool, status: str | None, count: int) -> None:
    """List the latest runs.

    The newest come first, each with what it waits for. -s leaves out what is not of that system.
    """
    from motet.runtime.overview import summary

    listing: list[JSON] = []
    try:
        with runs_of(system) as here:
            found = here.journal.recent(here.system, count, status)
            if as_json:
                listing = [summary(here.journal, each) for each in found]
            else:
                for each in found:
                    print_row(here.journal, each)
    except NothingRan:
        found = []
    if as_json:
        print_json({"runs": listing})
    elif not found:
        click.echo(f"No runs that are {status}." if status else "No runs yet.")


@command.command(epilog="Example: motet runs show run_0193...")
@run_argument
@system_option
@json_option
def show(run: str, system: str | None, as_json: bool) -> None:
    """Show a run.

    Its plan, what happened, what it waits for and what it gave.
    """
    from motet.runtime.decisions import waiting
    from motet.runtime.overview import title, value, whole

    with runs_of(system) as here:
        record = here.journal.get(run)
        if as_json:
            print_json(whole(here.journal, record))
            return
        click.echo(f"{record.id}  {state(here.journal, record)}  {title(record)}")
        click.echo(record.explained())
        for each in waiting(here.journal, record):
            _print_waiting(record, each)
        if record.error:
            click.echo(f"error: {record.error}")
        elif record.status == "done":
            click.echo(_given(record.value, value(record)))


def _given(answer: JSON, value: JSON) -> str:
    if isinstance(answer, dict):
        return f"answer: {answer['answer']}"
    return f"value: {one_line(dumps(value), 2000)}"


def _print_waiting(record: Record, found: Waiting) -> None:
    said = f" ({VERBS[found.said]})" if found.said else ""
    click.echo(f"waits: {found.node}: {one_line(found.message)}{said}")
    if found.value is not None:
        click.echo(f"    value: {one_line(dumps(found.value), 2000)}")
    if found.said is None:
        click.echo(f"    {how_to_answer(record.id, found)}")


@command.command(epilog="Example: motet runs answer run_0193... approve --approve --resume")
@run_argument
@node_argument
@click.option("--approve", is_flag=True, help="Let it go on with the value as it is.")
@click.option("--value", metavar="JSON", help="Let it go on with this value instead; - is stdin.")
@click.option("--refuse", metavar="REASON", help="Do not let it go on; whoever asked sees why.")
@click.option("--retry", is_flag=True, help="Make a call again that may have happened.")
@click.option("--resume", "at_once", is_flag=True, help="Go on with the run at once.")
@operators_option
@system_option
@json_option
def answer(
    run: str,
    node: str | None,
    approve: bool,
    value: str | None,
    refuse: str | None,
    retry: bool,
    at_once: bool,
    operators: Path | None,
    system: str | None,
    as_json: bool,
) -> None:
    """Answer what a run asks.

    It waits at NODE, which may be left out where one waits. A call that may have happened
    before its process died is made again with --retry; --value says what it gave.
    """
    from motet.runtime.decisions import decide

    decision = _decision(approve, value, refuse, retry)
    with runs_of(system) as here:
        record = here.journal.get(run)
        found = decide(here.journal, record, node or _only(here.journal, record), decision)
        if not at_once:
            _say_next(here.journal, record, found, as_json)
            return
    if not as_json:
        click.echo(f"{found.node}: {VERBS[decision.kind]}.")
    go_on(run, system, operators, as_json=as_json)


def _decision(approve: bool, value: str | None, refuse: str | None, retry: bool) -> Decision:
    from motet.cli import streams
    from motet.runtime.decisions import Decision, given

    if (approve or value is not None) + (refuse is not None) + retry != 1:
        raise UsageError("say one of --approve, --value, --refuse and --retry")
    if refuse is not None:
        return Decision("refuse", reason=refuse)
    if retry:
        return Decision("retry")
    if value is None:
        return Decision("approve")
    return Decision("approve", given(streams.text(value, "the value"), "--value"))


def _only(journal: Journal, record: Record) -> str:
    from motet.runtime.decisions import waiting

    nodes = [each.node for each in waiting(journal, record)]
    if len(nodes) == 1:
        return nodes[0]
    hint = f"name one of: {', '.join(nodes)}" if nodes else "see `motet runs list`"
    text = f"{len(nodes)} nodes wait" if nodes else "nothing of this run waits"
    raise UsageError(text, where=record.id, hint=hint)


def _say_next(journal: Journal, record: Record, found: Waiting, as_json: bool) -> None:
    from motet.runtime.decisions import waiting
    from motet.runtime.overview import is_active, summary

    goes_on = is_active(journal, record)
    then = None if goes_on else f"motet runs resume {record.id}{operators_of(record)}"
    if as_json:
        print_json(
            {**summary(journal, record), "node": found.node, "decision": found.said, "next": then}
        )
        return
    click.echo(f"{found.node}: {VERBS[found.said or 'approve']}.")
    for each in waiting(journal, record):
        if each.said is None:
            click.echo(f"Also waits: {each.node}: {one_line(each.message)}")
    if then is None:
        click.echo("The run goes on where it is running.")
    else:
        click.echo(f"Go on: {then}")


@command.command(epilog='Example: motet runs cancel run_0193... --reason "wrong customer"')
@run_argument
@click.option("--reason", default="", help="Why, for whoever looks at the run.")
@system_option
@json_option
def cancel(run: str, reason: str, system: str | None, as_json: bool) -> None:
    """Cancel a run, in whichever process it runs."""
    from motet.runtime.decisions import cancelled
    from motet.runtime.overview import summary

    with runs_of(system) as here:
        over = cancelled(here.journal, run, reason)
        if as_json:
            print_json({**summary(here.journal, here.journal.get(run)), "ended": over})
        else:
            click.echo("Cancelled." if over else "It ends as soon as its process notices.")
