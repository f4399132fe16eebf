"""`motet knowledge schema`: what the tables could be in the graph, and a person's word on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import click

from motet.cli.options import json_option, opened, print_json, system_option
from motet.core.json import JSON

if TYPE_CHECKING:
    from motet.knowledge.structure.proposals import Proposal
    from motet.system import System

by_option = click.option("--by", required=True, metavar="NAME", help="Who decides: your name.")


@click.group("schema", epilog="Example: motet knowledge schema propose")
def command() -> None:
    """Propose, approve and build the schema of the graph."""


@command.command(epilog="Example: motet knowledge schema propose --json")
@system_option
@json_option
def propose(system: str | None, as_json: bool) -> None:
    """Look through the tables: types, keys, references, and the graph that follows."""
    from motet.knowledge.structure.proposals import Proposals

    with opened(system) as found:
        proposal, _ = Proposals(found.store).propose()
        _show(found, proposal, as_json)


@command.command(epilog="Example: motet knowledge schema show 3f2a91c0")
@click.argument("hash", required=False)
@system_option
@json_option
def show(hash: str | None, system: str | None, as_json: bool) -> None:
    """List the proposals, or show one with what speaks for it now."""
    from motet.knowledge.structure.proposals import Proposals

    with opened(system) as found:
        proposals = Proposals(found.store)
        if hash is not None:
            _show(found, proposals.get(hash), as_json)
            return
        listed = proposals.all()
        if as_json:
            print_json({"system": found.name, "proposals": [each.to_json() for each in listed]})
            return
        if not listed:
            click.echo("No proposals yet. Make one with `motet knowledge schema propose`.")
        for each in listed:
            click.echo(f"{each.hash[:12]}  {_state(each)}")


@command.command(epilog="Example: motet knowledge schema approve 3f2a91c0 --by Ana")
@click.argument("hash")
@by_option
@system_option
@json_option
def approve(hash: str, by: str, system: str | None, as_json: bool) -> None:
    """Put a plan in force: exactly the one of this hash, if the tables still have it."""
    from motet.knowledge.structure.proposals import Proposals

    with opened(system) as found:
        proposal = Proposals(found.store).approve(hash, by)
        if as_json:
            print_json(proposal.to_json())
            return
        click.echo(f"{proposal.hash[:12]}  {_state(proposal)}")
        click.echo("Build it with `motet knowledge schema build`.")


@command.command(epilog="Example: motet knowledge schema reject 3f2a91c0 --by Ana")
@click.argument("hash")
@by_option
@system_option
@json_option
def reject(hash: str, by: str, system: str | None, as_json: bool) -> None:
    """Refuse a plan; one in force ends to be, and the next build takes back what it made."""
    from motet.knowledge.structure.proposals import Proposals

    with opened(system) as found:
        proposal = Proposals(found.store).reject(hash, by)
        if as_json:
            print_json(proposal.to_json())
            return
        click.echo(f"{proposal.hash[:12]}  {_state(proposal)}")


@command.command(epilog="Example: motet knowledge schema build")
@system_option
@json_option
def build(system: str | None, as_json: bool) -> None:
    """Write the graph of the tables as the plan in force says; goes on where it stopped."""
    from motet.knowledge.structure.build import Build

    with opened(system) as found:
        report = Build(found.store).run()
        found.graph.settle()
        if as_json:
            print_json(
                {
                    "built": report.built,
                    "withdrawn": report.withdrawn,
                    "unchanged": report.unchanged,
                    "unplanned": report.unplanned,
                }
            )
            return
        for source in report.built:
            click.echo(f"built      {source}")
        for source in report.withdrawn:
            click.echo(f"withdrawn  {source}")
        for table in report.unplanned:
            click.echo(f"unplanned  {table}")
        click.echo(f"{report.unchanged} unchanged")


def _show(system: System, proposal: Proposal, as_json: bool) -> None:
    from motet.knowledge.structure.discovery import discovered
    from motet.knowledge.structure.evidence import evidence

    found = evidence(system.store, discovered(system.store), proposal.plan)
    if as_json:
        plan = {"labels": proposal.plan.labels, "relations": proposal.plan.relations}
        print_json({**proposal.to_json(), "plan": plan, "evidence": found})
        return
    click.echo(f"{proposal.hash}\n{_state(proposal)}\n\nTables")
    for table in _listed(found, "tables"):
        click.echo(_table(table))
    click.echo("\nLabels")
    for label in _listed(found, "labels"):
        click.echo(_label(label))
    click.echo("\nRelations")
    for relation in _listed(found, "relations"):
        click.echo(_relation(relation))
    if proposal.status == "waiting":
        click.echo(
            f"\nApprove with `motet knowledge schema approve {proposal.hash[:12]} --by NAME`."
        )


def _table(table: Mapping[str, JSON]) -> str:
    key = ", ".join(cast(Sequence[str], table["key"] or ["no key found"]))
    lines = [f"  {table['table']}  {table['rows']} rows, key: {key}"]
    for column in cast(Sequence[Mapping[str, JSON]], table["columns"]):
        dirty = cast(float, column["dirty"])
        wrong = ", ".join(cast(Sequence[str], column["dirty_examples"]))
        note = f"  {dirty:.1%} dirty: {wrong}" if dirty else f"  {column['note'] or ''}"
        lines.append(f"    {column['column']}: {column['type']} {column['form']}{note}".rstrip())
    return "\n".join(lines)


def _label(label: Mapping[str, JSON]) -> str:
    examples = "; ".join(cast(Sequence[str], label["examples"]))
    return (
        f"  {label['label']}  {label['things']} things, mentioned in {label['mentioned']} sources"
        f"  e.g. {examples}"
    )


def _relation(relation: Mapping[str, JSON]) -> str:
    examples = "; ".join(cast(Sequence[str], relation["examples"]))
    text = (
        f"  ({relation['from']}) -[{relation['type']}]-> ({relation['to']})  "
        f"{relation['rows']} rows of {relation['table']}  e.g. {examples}"
    )
    reference = cast("Mapping[str, JSON] | None", relation["reference"])
    if reference is None:
        return text
    strays = ", ".join(cast(Sequence[str], reference["strays"]))
    included = cast(float, reference["included"])
    return (
        f"{text}\n    {included:.1%} of the rows hold a key of {reference['table']}"
        f", score {reference['score']}" + (f"; not: {strays}" if strays else "")
    )


def _listed(found: Mapping[str, JSON], key: str) -> Sequence[Mapping[str, JSON]]:
    return cast(Sequence[Mapping[str, JSON]], found[key])


def _state(proposal: Proposal) -> str:
    who = proposal.approved_by or proposal.rejected_by
    return f"{proposal.status} by {who}" if who else proposal.status
