"""What commands share: options, opening the system, printing JSON, progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from motet.cli import streams
from motet.core.errors import UsageError
from motet.core.folders import shipped_system
from motet.core.json import JSON, dumps

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from motet.knowledge.ingest import IngestReport, Progress, Report
    from motet.system import System

F = TypeVar("F", bound=Callable[..., Any])


def system_option(command: F) -> F:
    """Add `-s`."""
    text = "A motet.yaml, its folder, or a shipped system; default: the nearest one upwards."
    return click.option("-s", "--system", "system", metavar="SYSTEM", help=text)(command)


def question_argument(name: str) -> Callable[[F], F]:
    """Add a question: not empty, `-` for standard input."""

    def read(ctx: click.Context, param: click.Parameter, value: str) -> str:
        return streams.text(value)

    return click.argument(name, callback=read)


def json_option(command: F) -> F:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(command)


@contextmanager
def opened(system: str | None, *, option: str = "-s ") -> Iterator[System]:
    """Open the system that an option names and close it afterwards."""
    from motet.system import open_system

    if system is not None and not (Path(system).exists() or shipped_system(system)):
        raise UsageError(
            "no such file or folder",
            where=f"{option}{system}",
            hint="expected a motet.yaml or its folder; only `motet ask` takes a served name",
        )
    with open_system(system) as found:
        yield found


def print_json(value: dict[str, JSON]) -> None:
    """Print an object with its schema version."""
    click.echo(dumps({"schema_version": 1, **value}, indent=2))


def ingest(
    system: System,
    paths: tuple[str, ...] = (),
    *,
    retry: bool = False,
    quiet: bool = False,
    steps: bool = False,
) -> IngestReport:
    """Bring the knowledge up to date, showing a progress bar on a terminal.

    With `steps`, lines stand for the bar where there is no terminal.
    """
    with _progress(quiet, steps) as report:
        return system.ingest(paths, report, retry=retry)


def refresh(system: System, *, quiet: bool) -> IngestReport | None:
    """Ingest what changed, if anything did; say so where search is by words alone."""
    from motet.models.encoder import is_installed

    if not is_installed():
        warn("the base encoder is not installed, so search is by words alone; run `motet setup`")
    return ingest(system, quiet=quiet) if system.stale() else None


def warn(text: str) -> None:
    """Say something a person should know, on stderr."""
    click.echo(f"motet: warning: {text}", err=True)


def _steps(progress: Progress) -> None:
    """Where a bar cannot be drawn, print a line at every fifth of the way."""
    step = max(1, progress.total // 5)
    if progress.done % step == 0 or progress.done == progress.total:
        share = 100 * progress.done // progress.total
        click.echo(f"Reading documents {share:3d}% ({progress.done}/{progress.total})", err=True)


@contextmanager
def _progress(quiet: bool, steps: bool) -> Iterator[Report | None]:
    import sys

    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        yield _steps if steps else None
        return

    bar: ProgressBar[str] = click.progressbar(
        length=1,
        label="Reading documents",
        file=sys.stderr,
        item_show_func=lambda item: str(item or "")[-40:],
        width=24,
    )

    def report(progress: Progress) -> None:
        bar.length = progress.total
        bar.update(progress.done - bar.pos, progress.current)

    with bar:
        yield report


def failures(report: IngestReport | None) -> None:
    """Name the sources that could not be read, on stderr."""
    for source, reason in report.failed if report else ():
        click.echo(f"motet: skipped {source}: {reason}", err=True)
