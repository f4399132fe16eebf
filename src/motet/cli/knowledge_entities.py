"""`motet knowledge entities` and `motet knowledge entity`."""

from __future__ import annotations

from typing import Any, cast

import click

from motet.cli.options import json_option, opened, print_json, system_option
from motet.core.json import JSON, dumps

SHOWN = 12
"""Lines of each part that are printed; `--json` has them all."""


@click.command("entities", epilog="Example: motet knowledge entities --label supplier")
@click.option("--label", metavar="LABEL", help="Only these: supplier, person, place...")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@click.option("--user", metavar="USER", help="Count what this user said, too.")
@system_option
@json_option
def entities(
    label: str | None, limit: int, user: str | None, system: str | None, as_json: bool
) -> None:
    """List entities with how often they are found."""
    from motet.knowledge.entities.lookup import Lookup
    from motet.knowledge.provenance.viewer import Viewer

    with opened(system) as found:
        listed = Lookup(found.store, Viewer(user)).listed(label, limit)
    if as_json:
        rows: list[JSON] = [each.to_json() for each in listed]
        print_json({"entities": rows})
        return
    if not listed:
        click.echo("No entities yet. `motet ingest PATH` finds them in documents and tables.")
    for each in listed:
        counts = f"{each.mentions} mentions, {each.rows} rows, {each.claims} claims"
        click.echo(f"{each.label}  {each.name}  {counts}")


@click.command("entity", epilog='Example: motet knowledge entity "oak table" --user ana')
@click.argument("name")
@click.option("--label", metavar="LABEL", help="Which of several with that name.")
@click.option("--user", metavar="USER", help="Show what this user said, too.")
@system_option
@json_option
def entity(
    name: str, label: str | None, user: str | None, system: str | None, as_json: bool
) -> None:
    """Show all that is known of an entity, with where it stands and what found it."""
    from motet.knowledge.entities.lookup import Lookup
    from motet.knowledge.provenance.viewer import Viewer

    with opened(system) as found:
        shown = Lookup(found.store, Viewer(user)).entity(name, label)
    if as_json:
        print_json(shown)
    else:
        _print(cast("dict[str, Any]", shown))


@click.command("hash", epilog="Example: motet knowledge hash")
@system_option
@json_option
def graph_hash(system: str | None, as_json: bool) -> None:
    """Print one hash of the whole graph: the same from the same sources, in any order, anywhere."""
    from motet.knowledge.entities.canonical import graph_hash as hash_of

    with opened(system) as found:
        value = hash_of(found.store)
        if as_json:
            print_json({"system": found.name, "hash": value})
        else:
            click.echo(value)


def _print(shown: dict[str, Any]) -> None:
    head = shown["entity"]
    click.echo(f"{head['name']} ({head['label']})  {head['uid']}")
    also = [each for each in shown["names"] if each != head["name"]]
    if also:
        click.echo(f"  also written: {', '.join(also[:SHOWN])}")
    for other in shown["others"]:
        click.echo(f"  another with this name: {other['name']} ({other['label']})")
    _part("Memory", shown["memory"], _said)
    _part("Rows", shown["rows"], _row)
    _part("Mentions", shown["mentions"], _mention)
    _part("Claims", shown["claims"], _claim)
    _part("Relations", shown["relations"], _relation)


def _part(title: str, items: list[dict[str, Any]], line: Any) -> None:  # noqa: ANN401
    if not items:
        return
    click.echo(f"\n{title}")
    for each in items[:SHOWN]:
        click.echo(f"  {line(each)}")
    if len(items) > SHOWN:
        click.echo(f"  and {len(items) - SHOWN} more; --json has them")


def _said(each: dict[str, Any]) -> str:
    who = each["owner"] or "everybody"
    return f"{each['at']} {who}: {each['around']}  [{each['source']}, {each['producer']}]"


def _row(each: dict[str, Any]) -> str:
    table = f"#{each['table']}" if each["table"] else ""
    cells = "; ".join(f"{key}: {value}" for key, value in each["values"].items() if value)
    return f"{each['source']}{table}:{each['row']}  {cells}"


def _mention(each: dict[str, Any]) -> str:
    page = f" page {each['page']}" if each["page"] else ""
    place = f"{each['source']}{page} {each['start']}-{each['end']}"
    return f"{place}  …{each['around']}…  [{each['producer']}, {each['score']:.2f}]"


def _claim(each: dict[str, Any]) -> str:
    value = each["value"] if isinstance(each["value"], str) else dumps(each["value"])
    return f"{each['property']}: {value}  [{_place(each)}]"


def _relation(each: dict[str, Any]) -> str:
    other = f"{each['entity']['name']} ({each['entity']['label']})"
    arrow = f"--{each['type']}-->" if each["direction"] == "out" else f"<--{each['type']}--"
    return f"{arrow} {other}  [{_place(each)}]"


def _place(each: dict[str, Any]) -> str:
    at = f":{each['row']}" if each["row"] else f" {each['start']}-{each['end']}"
    given = "given" if each["given"] else f"derived, {each['score']:.2f}"
    return f"{each['source']}{at}, {each['producer']}, {given}"
