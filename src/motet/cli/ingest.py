"""`motet ingest`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from motet.cli.options import failures, ingest, json_option, opened, print_json, system_option
from motet.cli.streams import is_broken
from motet.core.errors import UsageError

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.knowledge.ingest import IngestReport
    from motet.system import System


@click.command(epilog="Example: motet ingest ./contracts ./parts.csv")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@system_option
@json_option
@click.option("--retry", is_flag=True, help="Read again what could not be read before.")
@click.option("--progress", is_flag=True, help="Show progress also without a terminal.")
def command(
    paths: tuple[str, ...], system: str | None, as_json: bool, retry: bool, progress: bool
) -> None:
    """Read documents into the knowledge.

    What is declared, and from now on each PATH. Only what changed is read; what is gone is
    dropped. A bad file never stops the rest; it is a failure only where a PATH names it.
    """
    with opened(system) as found:
        named = _from_base(found, paths)
        report = ingest(found, named, retry=retry, quiet=as_json, steps=progress)
        report.failed.extend(_still_failed(found, report, named))
        if as_json:
            print_json(_json(found, report))
        else:
            failures(report)
            click.echo(_words(found, report))
        if any(source in named for source, _ in report.failed):
            click.get_current_context().exit(1)


def _from_base(system: System, paths: tuple[str, ...]) -> tuple[str, ...]:
    for path in paths:
        if is_broken(path):
            shown = path.encode(errors="backslashreplace").decode()
            raise UsageError(
                "the name is not UTF-8", where=shown, hint="rename it, or ingest its folder"
            )
    return tuple(os.path.relpath(path, system.base) for path in paths)


def _still_failed(
    system: System, report: IngestReport, named: tuple[str, ...]
) -> list[tuple[str, str]]:
    """Return named files that could not be read before and did not change since."""
    told = {source for source, _ in report.failed}
    return [
        (each.source, each.reason or "")
        for each in system.store.sources()
        if each.status == "failed" and each.source in named and each.source not in told
    ]


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
