"""`motet ask`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from motet.cli.options import failures, ingest, json_option, opened, print_json, system_option

if TYPE_CHECKING:
    from motet.core.answers import Answer
    from motet.core.json import JSON
    from motet.system import System


@click.command(epilog='Example: motet ask "How long is the warranty?" -s examples/kitchen')
@click.argument("question")
@system_option
@json_option
@click.option("--trace", is_flag=True, help="Show what each step of the run took.")
@click.option("--model", metavar="NAME", help="Let this declared model answer.")
@click.option("--no-ingest", is_flag=True, help="Do not look for changed documents first.")
def command(
    question: str,
    system: str | None,
    as_json: bool,
    trace: bool,
    model: str | None,
    no_ingest: bool,
) -> None:
    """Ask a question and get an answer with citations.

    A refusal ("The sources do not say.") is a success. QUESTION - reads from stdin.
    """
    if question == "-":
        question = sys.stdin.read()
    with opened(system) as found:
        if not no_ingest and found.stale():
            failures(ingest(found, quiet=as_json))
        if as_json:
            answer = found.ask(question, model=model, ingest=False)
            print_json(_json(found, answer, trace))
            return
        answer = _show(found, question, model)
        if trace:
            click.echo("\n" + found.journal.get(answer.run).explained())


def _json(system: System, answer: Answer, trace: bool) -> dict[str, JSON]:
    found = dict(answer.to_json())
    if trace:
        found["trace"] = system.journal.get(answer.run).to_json()
    return found


def _show(system: System, question: str, model: str | None) -> Answer:
    """Print the answer as it comes, then what it cites."""
    from motet.core.answers import Answer
    from motet.core.chat import TextDelta

    for event in system.stream(question, model=model, ingest=False):
        if isinstance(event, TextDelta):
            click.echo(event.text, nl=False)
        if not isinstance(event, Answer):
            continue
        click.echo()
        for each in event.citations:
            page = f", page {each.page}" if each.page else ""
            click.echo(f"\n[{each.id}] {each.source}{page}, characters {each.start}-{each.end}")
            click.echo(f"    {' '.join(each.text.split())}")
        for warning in system.journal.get(event.run).warnings:
            click.echo(f"motet: warning: {warning}", err=True)
        return event
    raise AssertionError("a stream ends with an answer")
