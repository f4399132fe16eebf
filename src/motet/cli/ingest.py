"""`motet ingest`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from motet.cli.options import failures, ingest, json_option, opened, print_json, system_option

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.knowledge.ingest import IngestReport
    from motet.system import System


@click.command(epilog="Example: motet ingest ./contracts ./parts.csv")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@system_option
@json_option
@click.option("--retry", is_flag=True, help="Read again what could not be read before.")
def command(paths: tuple[str, ...], system: str | None, as_json: bool, retry: bool) -> None:
    """Read documents into the knowledge: what is declared, and PATHs from now on.

    Only what changed is read; what is gone is dropped. A bad file never stops the rest.
    """
    with opened(system) as found:
        report = ingest(found, _from_base(found, paths), retry=retry, quiet=as_json)
        if as_json:
            print_json(_json(found, report))
        else:
            failures(report)
            click.echo(_words(found, report))
        named = {os.path.relpath(path, found.base) for path in paths}
        if any(source in named for source, _ in report.failed):
            raise SystemExit(1)


def _from_base(system: System, paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(os.path.relpath(path, system.base) for path in paths)


def _json(system: System, report: IngestReport) -> dict[str, JSON]:
    failed: list[JSON] = [{"source": source, "reason": why} for source, why in report.failed]
    return {
        "system": system.name,
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "failed": failed,
        "chunks": report.chunks,
        "pages": report.pages,
        "bytes": report.bytes,
        "seconds": round(report.seconds, 3),
    }


def _words(system: System, report: IngestReport) -> str:
    parts = [
        f"{len(report.added)} added",
        f"{len(report.changed)} changed",
        f"{len(report.removed)} removed",
        f"{report.unchanged} unchanged",
        f"{len(report.failed)} could not be read",
    ]
    return f"{system.name}: {', '.join(parts)} ({report.chunks} chunks, {report.seconds:.1f} s)"
