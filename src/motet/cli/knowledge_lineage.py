"""`motet knowledge lineage`."""

from __future__ import annotations

import click

from motet.cli.options import json_option, opened, print_json, system_option


@click.command("lineage", epilog="Example: motet knowledge lineage claim:12")
@click.argument("name")
@click.option("--user", metavar="NAME", help="Who looks: their memory is shown too.")
@system_option
@json_option
def command(name: str, user: str | None, system: str | None, as_json: bool) -> None:
    """Show where a fact comes from: what derived it, from what, and who gave that.

    NAME is an entity, a source, or an id: claim:12, relation:3, mention:7, chunk:40.
    """
    from motet.knowledge.provenance.lineage import Lineage
    from motet.knowledge.provenance.viewer import Viewer

    with opened(system) as found:
        chain = Lineage(found.store, Viewer(user)).of(name)
        if as_json:
            print_json({"system": found.name, "lineage": chain.to_json()})
            return
        for depth, step in chain.chain():
            detail = f"  {step.detail}" if step.detail else ""
            click.echo(f"{'  ' * depth}{step.kind}: {step.title}{detail}")
            if step.spot is not None and step.spot.excerpt and step.kind in ("chunk", "row"):
                place = f"{step.spot.source}, characters {step.spot.start}-{step.spot.end}"
                click.echo(f"{'  ' * depth}  {place}: {step.spot.excerpt}")
