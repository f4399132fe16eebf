"""`motet teams`: keys that share a budget and rates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from motet.cli.ledgers import ledger_of, registry_of
from motet.cli.limits import limit_options, limits, limits_text
from motet.cli.options import json_option, print_json, system_option
from motet.core.errors import UsageError
from motet.core.json import JSON

if TYPE_CHECKING:
    from motet.gateway.accounts.registry import Team


@click.group("teams", epilog="Example: motet teams create ops --budget 500 --period month")
def command() -> None:
    """Let several keys share a budget and rates."""


@command.command(epilog="Example: motet teams create ops --budget 500 --period month")
@click.argument("name")
@limit_options
@system_option
@json_option
def create(name: str, system: str | None, as_json: bool, **given: str | None) -> None:
    """Make a team; `motet keys create --team` puts keys into it."""
    from motet.gateway.accounts.limits import Limits
    from motet.gateway.accounts.registry import Team

    if not name.strip():
        raise UsageError("a team needs a name")
    with registry_of(system) as registry:
        team = registry.create_team(Team(name, limits(Limits(), given)))
    _print(team, as_json)


@command.command("list", epilog="Example: motet teams list --json")
@system_option
@json_option
def list_teams(system: str | None, as_json: bool) -> None:
    """List the teams."""
    from motet.gateway.accounts.registry import Registry

    with ledger_of(system) as store:
        found = [] if store is None else Registry(store).teams()
    if as_json:
        listing: list[JSON] = [each.to_json() for each in found]
        print_json({"teams": listing})
        return
    for each in found:
        click.echo(_line(each))
    if not found:
        click.echo("No teams yet: `motet teams create NAME` makes one.")


@command.command(epilog="Example: motet teams show ops")
@click.argument("name")
@system_option
@json_option
def show(name: str, system: str | None, as_json: bool) -> None:
    """Show a team: its keys, and what they have spent in its period."""
    from motet.core.money import dollars, shown

    with registry_of(system) as registry:
        team = registry.team(name)
        spent = registry.spent(team)
        everyone = registry.keys()
    members = [each.name for each in everyone if each.team == name and not each.revoked]
    if as_json:
        keys: list[JSON] = [*members]
        print_json({**team.to_json(), "spent_usd": dollars(spent), "keys": keys})
        return
    click.echo(_line(team))
    per = "" if team.limits.period == "total" else f" this {team.limits.period}"
    click.echo(f"spent: {shown(spent)}{per}")
    click.echo(f"keys: {', '.join(members) or 'none'}")


@command.command(epilog="Example: motet teams edit ops --budget 800")
@click.argument("name")
@limit_options
@click.option("--disable/--enable", "disabled", default=None, help="Let its keys pass no more.")
@system_option
@json_option
def edit(
    name: str, disabled: bool | None, system: str | None, as_json: bool, **given: str | None
) -> None:
    """Change what a team may use; running servers follow within a second."""
    with registry_of(system) as registry:
        team = registry.team(name)
        team = replace(team, limits=limits(team.limits, given))
        if disabled is not None:
            team = replace(team, disabled=disabled)
        registry.put_team(team)
    _print(team, as_json)


def _print(team: Team, as_json: bool) -> None:
    if as_json:
        print_json(team.to_json())
    else:
        click.echo(_line(team))


def _line(team: Team) -> str:
    words = [limits_text(team.limits), "disabled" if team.disabled else ""]
    return f"{team.name:20} {'; '.join(filter(None, words))}".rstrip()
