"""`motet knowledge cypher` and `motet knowledge sql`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from motet.cli import streams
from motet.cli.options import json_option, opened, print_json, system_option
from motet.core.errors import UsageError
from motet.core.json import JSON, dumps

if TYPE_CHECKING:
    from motet.knowledge.tables import TableView

WIDEST = 48
"""Characters of a cell that are printed; `--json` has them all."""
_PARAM = "A value for $NAME: JSON, else a text. Repeat for more."
_USER = "See what this user said, too."


@click.command(
    "cypher",
    epilog='Example: motet knowledge cypher "MATCH (s:supplier)-[r]->(p) RETURN s, p"',
)
@click.argument("query")
@click.option("--param", "params", metavar="NAME=VALUE", multiple=True, help=_PARAM)
@click.option("--user", metavar="USER", help=_USER)
@system_option
@json_option
def cypher(
    query: str, params: tuple[str, ...], user: str | None, system: str | None, as_json: bool
) -> None:
    """Ask the graph in the reading half of openCypher.

    Nodes are entities with their claims as properties, relations have a type.
    """
    from motet.knowledge.graph.graph import Graph
    from motet.knowledge.provenance.viewer import Viewer

    given = dict(_parameter(each) for each in params)
    with opened(system) as found:
        answer = Graph(found.store, Viewer(user)).cypher(streams.text(query), given)
    if as_json:
        print_json(answer.to_json())
    else:
        _print_table(answer.columns, answer.rows)


@click.command(
    "sql", epilog='Example: motet knowledge sql "SELECT name, price FROM parts WHERE price < 10"'
)
@click.argument("query", required=False)
@click.option("--tables", "listing", is_flag=True, help="List the tables and their columns.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--user", metavar="USER", help=_USER)
@system_option
@json_option
def sql(
    query: str | None,
    listing: bool,
    limit: int,
    user: str | None,
    system: str | None,
    as_json: bool,
) -> None:
    """Ask the tables of the documents in SQL. It only reads."""
    from motet.knowledge.provenance.viewer import Viewer
    from motet.knowledge.tables import Tables

    if (query is None) != listing:
        raise UsageError("a query is expected, or --tables", where="motet knowledge sql")
    with opened(system) as found:
        tables = Tables(found.store, Viewer(user))
        if query is None:
            _list(tables.views(), as_json=as_json)
            return
        result = tables.query(streams.text(query), limit=limit)
    if as_json:
        print_json(result.to_json())
        return
    _print_table([each.name for each in result.columns], result.rows)
    if result.cut:
        click.echo(f"There are more rows; --limit {limit} cuts them.", err=True)


def _list(views: Sequence[TableView], *, as_json: bool) -> None:
    if as_json:
        tables: list[JSON] = [
            {
                "name": each.name,
                "others": list(each.others),
                "source": each.source,
                "columns": [{"name": name, "type": kind} for name, kind in each.columns],
            }
            for each in views
        ]
        print_json({"tables": tables})
        return
    if not views:
        click.echo("No tables yet. `motet ingest PATH` reads them from documents.")
    for each in views:
        columns = ", ".join(f"{name} {kind}" for name, kind in each.columns)
        click.echo(f'"{each.name}"  {columns}')


def _parameter(text: str) -> tuple[str, JSON]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError("NAME=VALUE is expected", where=f"--param {text}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[JSON]]) -> None:
    cells = [[_cell(value) for value in row] for row in rows]
    heads = [_fitted(each) for each in columns]
    widths = [max(map(len, each)) for each in zip(heads, *cells, strict=True)]
    numbers = [
        bool(rows) and all(isinstance(v, (int, float, type(None))) for v in column)
        for column in zip(*rows, strict=True)
    ] or [False] * len(heads)
    for line in [heads, ["-" * width for width in widths], *cells]:
        padded = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, numbers, strict=True)
        ]
        click.echo("  ".join(padded).rstrip())
    click.echo(f"{len(rows)} row{'' if len(rows) == 1 else 's'}")


def _cell(value: JSON) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict) and "name" in value and "node" in value:
        return _fitted(f"({value['label']}: {value['name']})")
    if isinstance(value, dict) and "relation" in value:
        return _fitted(f"[{value['relation']}]")
    if isinstance(value, dict) and "relations" in value:
        return _path(value)
    return _fitted(dumps(value) if isinstance(value, (dict, list)) else str(value))


def _path(path: dict[str, JSON]) -> str:
    nodes, relations = path["nodes"], path["relations"]
    assert isinstance(nodes, list)
    assert isinstance(relations, list)
    text = _cell(nodes[0])
    for relation, before, node in zip(relations, nodes, nodes[1:], strict=False):
        assert isinstance(relation, dict)
        assert isinstance(before, dict)
        forward = relation["source"] == before["node"]
        text += f"-{_cell(relation)}->" if forward else f"<-{_cell(relation)}-"
        text += _cell(node)
    return text


def _fitted(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
