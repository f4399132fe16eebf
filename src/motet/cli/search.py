"""`motet search`."""

from __future__ import annotations

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
from motet.core.json import JSON


@click.command(epilog='Example: motet search "hinge torque" -k 5')
@question_argument("query")
@system_option
@json_option
@click.option("-k", "count", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--mode", type=click.Choice(["lexical", "dense", "hybrid"]))
@click.option("--no-ingest", is_flag=True, help="Do not look for changed documents first.")
def command(
    query: str, system: str | None, as_json: bool, count: int, mode: str | None, no_ingest: bool
) -> None:
    """Find passages.

    The best come first.
    """
    with opened(system) as found:
        if not no_ingest:
            failures(refresh(found, quiet=as_json))
        passages = found.search(query, k=count, mode=mode)  # type: ignore[arg-type]
        if as_json:
            hits: list[JSON] = [
                {
                    "source": each.source,
                    "version": each.version,
                    "page": each.page,
                    "start": each.start,
                    "end": each.end,
                    "text": each.text,
                    "context": each.context,
                    "score": round(each.score, 6),
                    "signals": {name: round(value, 6) for name, value in each.signals.items()},
                }
                for each in passages
            ]
            print_json({"system": found.name, "query": query, "hits": hits})
            return
        if not passages:
            click.echo("Nothing found.")
        for each in passages:
            page = f", page {each.page}" if each.page else ""
            click.echo(f"{each.score:.3f}  {each.source}{page}, characters {each.start}-{each.end}")
            click.echo(f"       {' '.join(each.text.split())[:200]}")
