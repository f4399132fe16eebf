"""`motet keys`: keys by which applications use the gateway."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from motet.cli.ledgers import ledger_of, registry_of
from motet.cli.limits import NONE, limit_options, limits, limits_text
from motet.cli.moments import moment
from motet.cli.options import json_option, print_json, system_option
from motet.core.errors import UsageError
from motet.core.json import JSON

if TYPE_CHECKING:
    from motet.gateway.accounts.registry import Key

NOBODY = "No keys yet: `motet keys create NAME` makes one."


@click.group("keys", epilog="Example: motet keys create app --budget 20 --period month")
def command() -> None:
    """Give out keys for the gateway, with budgets and rates.

    A key is shown once, when it is made; what is kept of it is a hash.
    """


def _key_options(command: click.decorators.FC) -> click.decorators.FC:
    command = limit_options(command)
    never = "When it ends: 30d, or a date; none: never."
    for option in (
        click.option("--expires", metavar="WHEN", help=never),
        click.option("--admin/--no-admin", default=None, help="May look after keys over HTTP."),
        click.option("--local/--no-local", default=None, help="Only models on this machine."),
        click.option(
            "--model",
            "models",
            metavar="PATTERN",
            multiple=True,
            help="May ask for models of such names only; may be repeated; none: for any.",
        ),
        click.option("--team", metavar="TEAM", help="Its use counts against the team too."),
    ):
        command = option(command)
    return command


@command.command(epilog="Example: motet keys create app --model 'openai/*' --budget 20")
@click.argument("name")
@_key_options
@system_option
@json_option
def create(name: str, system: str | None, as_json: bool, **given: object) -> None:
    """Make a key and show it, once."""
    from motet.gateway.accounts.registry import Key

    if not name.strip():
        raise UsageError("a key needs a name")
    key = _changed(Key(name), given)
    with registry_of(system) as registry:
        made, secret = registry.create(key)
    if as_json:
        print_json({**made.to_json(), "key": secret})
        return
    click.echo(secret)
    click.echo("This is shown only now: what is kept is a hash of it.", err=True)


def _changed(key: Key, given: dict[str, object]) -> Key:
    found: dict[str, object] = {
        name: given[name] for name in ("local", "admin") if given[name] is not None
    }
    if given["team"] is not None:
        found["team"] = "" if given["team"] == NONE else given["team"]
    if given["models"]:
        assert isinstance(given["models"], tuple)
        found["models"] = () if given["models"] == (NONE,) else given["models"]
    if given["expires"] is not None:
        text = str(given["expires"])
        found["expires"] = None if text == NONE else moment(text, "--expires", ahead=True)
    words = {name: given[name] for name in ("budget", "period", "requests", "tokens")}
    told = {name: None if each is None else str(each) for name, each in words.items()}
    changed: Key = replace(key, limits=limits(key.limits, told), **found)  # type: ignore[arg-type]
    return changed


@command.command("list", epilog="Example: motet keys list --json")
@click.option("--all", "every", is_flag=True, help="The revoked ones too.")
@system_option
@json_option
def list_keys(every: bool, system: str | None, as_json: bool) -> None:
    """List the keys."""
    from motet.gateway.accounts.registry import Registry

    with ledger_of(system) as store:
        found = [] if store is None else Registry(store).keys()
    found = [each for each in found if every or each.revoked is None]
    if as_json:
        listing: list[JSON] = [each.to_json() for each in found]
        print_json({"keys": listing})
        return
    for each in found:
        click.echo(_line(each))
    if not found:
        click.echo(NOBODY)


def _line(key: Key) -> str:
    words = [f"team {key.team}" if key.team else "", limits_text(key.limits), ", ".join(key.models)]
    words += ["local" if key.local else "", "admin" if key.admin else "", _state(key)]
    return f"{key.name:20} mk-…{key.hint}  {'; '.join(filter(None, words))}".rstrip()


def _state(key: Key) -> str:
    from motet.core.clock import iso, now

    if key.revoked is not None:
        return "revoked"
    if key.disabled:
        return "disabled"
    if key.expires is None:
        return ""
    return f"{'expired' if key.expires <= now() else 'expires'} {iso(key.expires)}"


@command.command(epilog="Example: motet keys show app")
@click.argument("name")
@system_option
@json_option
def show(name: str, system: str | None, as_json: bool) -> None:
    """Show a key: what it may use, and what it has spent in its period."""
    from motet.core.money import dollars, shown

    with registry_of(system) as registry:
        key = registry.key(name)
        spent = registry.spent(key)
        team = registry.team(key.team) if key.team else None
        of_team = registry.spent(team) if team else 0
    if as_json:
        print_json({**key.to_json(), "spent_usd": dollars(spent)})
        return
    click.echo(_line(key))
    per = "" if key.limits.period == "total" else f" this {key.limits.period}"
    click.echo(f"spent: {shown(spent)}{per}")
    if team is not None:
        click.echo(f"team {team.name}: spent {shown(of_team)}; {limits_text(team.limits)}")


@command.command(epilog="Example: motet keys edit app --budget none --requests 60")
@click.argument("name")
@_key_options
@click.option("--disable/--enable", "disabled", default=None, help="Let it pass no more, or again.")
@system_option
@json_option
def edit(
    name: str, disabled: bool | None, system: str | None, as_json: bool, **given: object
) -> None:
    """Change what a key may use; running servers follow within a second."""
    with registry_of(system) as registry:
        key = _changed(registry.key(name), given)
        if disabled is not None:
            key = replace(key, disabled=disabled)
        registry.put(key)
    if as_json:
        print_json(key.to_json())
    else:
        click.echo(_line(key))


@command.command(epilog="Example: motet keys revoke app")
@click.argument("name")
@system_option
@json_option
def revoke(name: str, system: str | None, as_json: bool) -> None:
    """Revoke a key for good; what it spent stays in the ledger."""
    with registry_of(system) as registry:
        key = registry.key(name)
        registry.revoke(key)
        key = registry.key(key.id)
    if as_json:
        print_json(key.to_json())
    else:
        click.echo(f"Revoked: running servers follow within a second. It was {key.id}.")
