"""`motet knowledge merges`, `merge` and `unmerge`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from motet.cli.options import json_option, opened, print_json, system_option
from motet.core.json import JSON

if TYPE_CHECKING:
    from motet.knowledge.resolve.reviews import Review


def _by() -> str:
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        return "somebody"


@click.command("merges", epilog="Example: motet knowledge merges --done --json")
@click.option("--done", is_flag=True, help="Show what was joined, the least likely first.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@system_option
@json_option
def merges(done: bool, limit: int, system: str | None, as_json: bool) -> None:
    """List pairs of entities that may be one, with scores and reasons."""
    from motet.knowledge.resolve.resolution import Resolution
    from motet.knowledge.resolve.reviews import Reviews

    with opened(system) as found:
        Resolution(found.store).settle()
        reviews = Reviews(found.store)
        listed = reviews.done(limit) if done else reviews.waiting(limit)
    if as_json:
        rows: list[JSON] = [each.to_json() for each in listed]
        print_json({"pairs": rows})
        return
    if not listed:
        click.echo("Nothing was joined." if done else "No pairs to review.")
    for each in listed:
        _print(each)


def _print(review: Review) -> None:
    (left, left_label, left_name), (right, right_label, right_name) = review.left, review.right
    score = "decided" if review.score is None else f"{review.score:.2f}"
    click.echo(f"{score}  {left_name} ({left_label}) = {right_name} ({right_label})")
    for reason in review.reasons:
        if "conflict" in reason:
            click.echo(f"      but {reason['conflict']}")
        else:
            click.echo(f"      {reason['effect']:+}  {reason['field']}: {reason['text']}")
    click.echo(f"      motet knowledge merge {left} {right}")


@click.command("merge", epilog='Example: motet knowledge merge "Acme GmbH" "Acme"')
@click.argument("one")
@click.argument("two")
@click.option("--by", default=_by, metavar="NAME", help="Who decides; default: your login.")
@system_option
@json_option
def merge(one: str, two: str, by: str, system: str | None, as_json: bool) -> None:
    """Decide that two entities, given by name or uid, are one."""
    from motet.knowledge.resolve.resolution import Resolution

    with opened(system) as found:
        decided = Resolution(found.store).merge(one, two, by)
    if as_json:
        print_json({"merged": decided.to_json(), "by": by})
    else:
        click.echo(f"{decided.left_name} and {decided.right_name} are one now.")


@click.command("unmerge", epilog='Example: motet knowledge unmerge "Acme GmbH" "Acme"')
@click.argument("one")
@click.argument("two")
@click.option("--by", default=_by, metavar="NAME", help="Who decides; default: your login.")
@system_option
@json_option
def unmerge(one: str, two: str, by: str, system: str | None, as_json: bool) -> None:
    """Take two entities apart that were joined, by a person or by their score."""
    from motet.knowledge.resolve.resolution import Resolution

    with opened(system) as found:
        decided = Resolution(found.store).unmerge(one, two, by)
    if as_json:
        print_json({"unmerged": decided.to_json(), "by": by})
    else:
        click.echo(f"{decided.left_name} and {decided.right_name} are two again.")


@click.command("apart", epilog='Example: motet knowledge apart "Ana Lind" "Anna Lindh"')
@click.argument("one")
@click.argument("two")
@click.option("--by", default=_by, metavar="NAME", help="Who decides; default: your login.")
@system_option
@json_option
def apart(one: str, two: str, by: str, system: str | None, as_json: bool) -> None:
    """Decide that two entities that may be one are two."""
    from motet.knowledge.resolve.resolution import Resolution

    with opened(system) as found:
        decided = Resolution(found.store).keep_apart(one, two, by)
    if as_json:
        print_json({"apart": decided.to_json(), "by": by})
    else:
        click.echo(f"{decided.left_name} and {decided.right_name} stay two.")
