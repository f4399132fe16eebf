"""`motet explain`."""

from __future__ import annotations

from pathlib import Path

import click

from motet.cli.options import (
    failures,
    json_option,
    opened,
    print_json,
    question_argument,
    refresh,
    system_option,
)
from motet.cli.pages import html_option, write_page
from motet.core.errors import UsageError
from motet.core.json import JSON


@click.command(epilog='Example: motet explain "Who supplies the hinge?" --analyze')
@question_argument("question")
@system_option
@json_option
@click.option("--analyze", is_flag=True, help="Run it, and show what happened beside it.")
@html_option
@click.option("--model", metavar="NAME", help="Let this declared model answer.")
@click.option("--skill", metavar="NAME", default="answer", help="Plan this declared skill.")
@click.option("--pin", "pins", multiple=True, metavar="OPERATOR=CHOICE", help="Pin a choice.")
@click.option("--user", metavar="NAME", help="Whose memory is meant, where one is declared.")
@click.option("--session", metavar="NAME", help="The conversation that this belongs to.")
@click.option("--no-ingest", is_flag=True, help="Do not look for changed documents first.")
def command(
    question: str,
    system: str | None,
    as_json: bool,
    analyze: bool,
    html: Path | None,
    model: str | None,
    skill: str,
    pins: tuple[str, ...],
    user: str | None,
    session: str | None,
    no_ingest: bool,
) -> None:
    """Show the plan of a question, and what happened.

    The plan with its estimates, what was chosen, and why others were rejected.
    """
    from motet import terms
    from motet.planner.explain import to_json, to_text

    if html is not None and not analyze:
        raise UsageError("it shows what happened", where="--html", hint="add --analyze")
    pinned = _pins(pins, model, "answer" if skill == "answer" else "extract")
    with opened(system) as found:
        if not no_ingest:
            failures(refresh(found, quiet=as_json))
        viewer = terms.viewer(found.declaration, user, session)
        plan = found.plan(question, pins=pinned, skill=skill, viewer=viewer)
        value: dict[str, JSON] = {"system": found.name, "question": question}
        if not analyze:
            text = to_text(plan)
            value["plan"] = to_json(plan)
        else:
            answer = found.analyze(question, plan, user=user, session=session)
            record = found.journal.get(answer.run)
            text = to_text(plan, record.actual())
            value |= {"run": record.id, "plan": to_json(plan, record.actual())}
            value["answer"] = answer.to_json()
            if html is not None:
                write_page(record, html)
        if as_json:
            print_json(value)
        else:
            click.echo(text)
            if html is not None:
                click.echo(f"wrote {html}")


def _pins(pins: tuple[str, ...], model: str | None, thinks: str) -> dict[str, str]:
    found = {thinks: model} if model else {}
    for pin in pins:
        operator, equals, choice = pin.partition("=")
        if not equals or not operator or not choice:
            raise UsageError(f"expected OPERATOR=CHOICE, got {pin!r}", where="--pin")
        found[operator] = choice
    return found
