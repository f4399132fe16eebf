"""`motet knowledge backfill`."""

from __future__ import annotations

import click

from motet.cli.options import json_option, opened, print_json, system_option
from motet.core.json import JSON


@click.command("backfill", epilog="Example: motet knowledge backfill --dry-run")
@click.option("--dry-run", is_flag=True, help="List what would be derived anew, and why.")
@system_option
@json_option
def command(dry_run: bool, system: str | None, as_json: bool) -> None:
    """Derive anew what an older version of an operator derived, and nothing else.

    It can be stopped at any time, also by force; started again, it goes on where it was.
    """
    from motet.knowledge.provenance.backfill import Backfill
    from motet.knowledge.resolve.resolution import Resolution

    with opened(system) as found:
        backfill = Backfill(found.store, found.graph)
        if dry_run:
            due: list[JSON] = [each.to_json() for each in backfill.due()]
            if as_json:
                print_json({"system": found.name, "due": due})
                return
            for each in backfill.due():
                click.echo(f"{each.source}  {each.was or 'not derived yet'} -> {each.now}")
            click.echo(f"{len(due)} to derive anew.")
            return
        report = backfill.run(None if as_json else _progress)
        resolved = Resolution(found.store).settle()
        if as_json:
            print_json({"system": found.name, **report.to_json(), "resolved": resolved})
        else:
            count = len(report.sources)
            click.echo(
                f"Derived {count} {'source' if count == 1 else 'sources'} anew, read "
                f"{report.reread} passages of others again, in {report.seconds:.1f} s; "
                f"{resolved} names resolved anew."
            )


def _progress(done: int, total: int, source: str) -> None:
    step = max(1, total // 5)
    if done % step == 0 or done == total:
        click.echo(f"Deriving {100 * done // total:3d}% ({done}/{total}) {source}", err=True)
