"""`motet ask`."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from motet.cli.citations import show_citations
from motet.cli.options import (
    failures,
    json_option,
    opened,
    print_json,
    question_argument,
    refresh,
    system_option,
    warn,
)
from motet.cli.resuming import pausing
from motet.core.errors import UsageError
from motet.core.json import dumps

if TYPE_CHECKING:
    from motet.core.answers import Answer
    from motet.core.json import JSON
    from motet.system import System
    from motet.terms import Whose


@click.command(epilog='Example: motet ask "How long is the warranty?" -s examples/kitchen')
@question_argument("question")
@system_option
@json_option
@click.option("--trace", is_flag=True, help="Show what each step of the run took.")
@click.option("--model", metavar="NAME", help="Let this declared model answer.")
@click.option("--skill", metavar="NAME", help="Produce what this declared skill does, as JSON.")
@click.option("--user", metavar="NAME", help="Whose memory is meant, where one is declared.")
@click.option("--session", metavar="NAME", help="The conversation that this belongs to.")
@click.option("--no-ingest", is_flag=True, help="Do not look for changed documents first.")
def command(
    question: str,
    system: str | None,
    as_json: bool,
    trace: bool,
    model: str | None,
    skill: str | None,
    user: str | None,
    session: str | None,
    no_ingest: bool,
) -> None:
    """Ask a question; answers with citations.

    A refusal ("The sources do not say.") is a success. QUESTION - reads from stdin. With -s
    NAME, where there is no such file, the system of that name answers that a server serves
    (MOTET_SERVER, default http://127.0.0.1:8400; its key is taken from MOTET_API_KEY).
    """
    from motet.cli.remote import is_served_name

    whose: Whose = {"user": user, "session": session}
    if system is not None and is_served_name(system):
        if model or trace or skill:
            raise UsageError(
                "--model, --skill and --trace need the declaration", where=f"-s {system}"
            )
        _ask_server(system, question, as_json, whose)
        return
    with opened(system) as found:
        if not no_ingest:
            failures(refresh(found, quiet=as_json))
        with pausing(found.journal, as_json=as_json):
            if skill is not None:
                answer = found.ask(question, model=model, ingest=False, skill=skill, **whose)
                _show_value(answer, as_json)
            elif as_json:
                answer = found.ask(question, model=model, ingest=False, **whose)
            else:
                answer = _show(found, question, model, whose)
        if as_json:
            print_json(_json(found, answer, trace))
        elif trace:
            click.echo("\n" + found.journal.get(answer.run).explained())
        for warning in found.journal.get(answer.run).warnings:
            warn(warning)


def _ask_server(system: str, question: str, as_json: bool, whose: Whose) -> None:
    from motet.cli.remote import ask

    answer = ask(system, question, **whose)
    if as_json:
        print_json(dict(answer.to_json()))
        return
    click.echo(answer.marked)
    show_citations(answer)


def _show_value(answer: Answer, as_json: bool) -> None:
    """Print what a skill produced, one value as JSON."""
    if not as_json:
        click.echo(answer.text if answer.abstained else dumps(answer.value(), indent=2))
        show_citations(answer)


def _json(system: System, answer: Answer, trace: bool) -> dict[str, JSON]:
    found = dict(answer.to_json())
    if trace:
        found["trace"] = system.journal.get(answer.run).to_json()
    return found


def _show(system: System, question: str, model: str | None, whose: Whose) -> Answer:
    """Print the answer as it comes, then what it cites."""
    from motet.core.answers import Answer
    from motet.core.chat import TextDelta

    open_line = False
    try:
        with closing(system.stream(question, model=model, ingest=False, **whose)) as events:
            for event in events:
                if isinstance(event, TextDelta):
                    click.echo(event.text, nl=False)
                    open_line = True
                elif isinstance(event, Answer):
                    answer = event
    finally:
        if open_line:
            click.echo()
    show_citations(answer)
    return answer
