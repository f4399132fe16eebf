"""`motet knowledge`."""

from __future__ import annotations

import sys

import click

from motet.cli import (
    knowledge_backfill,
    knowledge_delete,
    knowledge_entities,
    knowledge_index,
    knowledge_lineage,
    knowledge_memory,
    knowledge_merges,
    knowledge_move,
    knowledge_query,
    knowledge_schema,
)
from motet.cli.options import json_option, opened, print_json, system_option
from motet.core.json import JSON


@click.group("knowledge", epilog="Example: motet knowledge text documents/warranty.docx")
def command() -> None:
    """Look into what is known."""


command.add_command(knowledge_entities.entities)
command.add_command(knowledge_entities.entity)
command.add_command(knowledge_entities.graph_hash)
command.add_command(knowledge_memory.command)
command.add_command(knowledge_delete.command)
command.add_command(knowledge_delete.expire)
command.add_command(knowledge_lineage.command)
command.add_command(knowledge_backfill.command)
command.add_command(knowledge_index.command)
command.add_command(knowledge_query.cypher)
command.add_command(knowledge_query.sql)


@command.command("list", epilog="Example: motet knowledge list --json")
@system_option
@json_option
def list_sources(system: str | None, as_json: bool) -> None:
    """List the sources with their state."""
    with opened(system) as found:
        sources = found.store.sources()
        if as_json:
            rows: list[JSON] = [each.to_json() for each in sources]
            print_json({"system": found.name, "sources": rows})
            return
        if not sources:
            click.echo("No sources yet. Add some with `motet ingest PATH`.")
        for each in sources:
            state = f"{each.chunks} chunks" if each.status == "ready" else f"failed: {each.reason}"
            click.echo(f"{each.source}  {each.version[:12]}  {state}")


@command.command(epilog="Example: motet knowledge text documents/parts.csv > same-text.csv")
@click.argument("source")
@click.option("--version", "version", metavar="SHA256", help="Refuse any other version.")
@system_option
@json_option
def text(source: str, version: str | None, system: str | None, as_json: bool) -> None:
    """Print the extracted text that citations count in, exactly, as UTF-8."""
    with opened(system) as found:
        held = found.store.text(source, version)
        if as_json:
            print_json(held.to_json())
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(held.text.encode("utf-8"))
        sys.stdout.buffer.flush()


command.add_command(knowledge_schema.command)
command.add_command(knowledge_merges.merges)
command.add_command(knowledge_merges.merge)
command.add_command(knowledge_merges.unmerge)
command.add_command(knowledge_merges.apart)
command.add_command(knowledge_move.command)
