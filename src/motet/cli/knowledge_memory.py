"""`motet knowledge memory`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from motet.cli.options import json_option, opened, print_json, question_argument, system_option
from motet.core.clock import iso, now
from motet.core.errors import UsageError

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.knowledge.memory import Episode

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@click.group("memory", epilog="Example: motet knowledge memory list --user ana")
def command() -> None:
    """Look into what was said, add to it, forget."""


def _user(required: str) -> str:
    return f"Only what is remembered of this {required}."


@command.command("list", epilog="Example: motet knowledge memory list --user ana --json")
@click.option("--user", metavar="NAME", help=_user("user"))
@click.option("--session", metavar="NAME", help=_user("conversation"))
@system_option
@json_option
def list_memories(user: str | None, session: str | None, system: str | None, as_json: bool) -> None:
    """List what is remembered, newest first."""
    with opened(system) as found:
        episodes = found.memory.list(user=user, session=session)
        if as_json:
            rows: list[JSON] = [each.to_json() for each in episodes]
            print_json({"system": found.name, "memories": rows})
            return
        if not episodes:
            click.echo("Nothing is remembered.")
        for each in episodes:
            _show(each)


def _show(episode: Episode) -> None:
    whose = episode.user or episode.session or "everybody"
    click.echo(f"{episode.id}  {iso(episode.at)[:16]}  {whose}: {' '.join(episode.text.split())}")
    for fact in episode.facts:
        ended = " (no longer)" if fact.ends else ""
        click.echo(f"    {fact.subject or whose}: {fact.property}: {fact.value}{ended}")


@command.command(epilog='Example: motet knowledge memory add "I prefer oak." --user ana')
@question_argument("text")
@click.option("--user", metavar="NAME", help="Whose it is; without a session too, everybody's.")
@click.option("--session", metavar="NAME", help="The conversation it was said in.")
@click.option("--at", metavar="TIME", help="When it was said: 2026-03-01 or 2026-03-01T09:30; now.")
@click.option(
    "--fact",
    "facts",
    nargs=3,
    multiple=True,
    metavar="SUBJECT PROPERTY VALUE",
    help="A fact it states, in place of those found in it.",
)
@system_option
@json_option
def add(
    text: str,
    user: str | None,
    session: str | None,
    at: str | None,
    facts: tuple[tuple[str, str, str], ...],
    system: str | None,
    as_json: bool,
) -> None:
    """Remember TEXT; - reads it from stdin."""
    from motet.knowledge.memory import Fact

    told = [
        Fact.given({"subject": subject, "property": what, "value": value})
        for subject, what, value in facts
    ]
    with opened(system) as found:
        made = found.memory.remember(
            text, at=_moment(at), user=user, session=session, facts=told or None
        )
        if made is None:
            raise UsageError("a question alone says nothing to remember", where=text)
        if as_json:
            print_json({"system": found.name, "memory": made.to_json()})
        else:
            _show(made)


@command.command(epilog="Example: motet knowledge memory forget --user ana --age 30d")
@click.argument("id", required=False)
@click.option("--user", metavar="NAME", help=_user("user"))
@click.option("--session", metavar="NAME", help=_user("conversation"))
@click.option("--age", metavar="TIME", help="Only what is older: 90d, 12h, 45m.")
@click.option("--source", metavar="SOURCE", help="Only answers that cite this source.")
@system_option
@json_option
def forget(
    id: str | None,
    user: str | None,
    session: str | None,
    age: str | None,
    source: str | None,
    system: str | None,
    as_json: bool,
) -> None:
    """Forget what fits all that is named.

    What runs recorded of it stays in their journal; `motet knowledge delete memory:ID` leaves
    no byte of it.
    """
    with opened(system) as found:
        count = found.memory.forget(
            id=id, user=user, session=session, age=_seconds(age), source=source
        )
        if as_json:
            print_json({"system": found.name, "forgotten": count})
        else:
            click.echo(f"Forgot {count} {'memory' if count == 1 else 'memories'}.")


def _moment(text: str | None) -> float:
    if text is None:
        return now()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        hint = "expected 2026-03-01, or 2026-03-01T09:30+01:00"
        raise UsageError(f"this is no time: {text}", where="--at", hint=hint) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    number, unit = text[:-1], _UNITS.get(text[-1:])
    if unit is None or not number.isdigit():
        raise UsageError(f"this is no age: {text}", where="--age", hint="expected 90d, 12h, 45m")
    return float(int(number) * unit)
