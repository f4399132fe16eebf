"""`motet runs resume`, and how commands end whose run waits for a person."""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from motet.cli.homes import run_argument, runs_of
from motet.cli.options import json_option, opened, print_json, system_option
from motet.core.errors import ApprovalNeeded, MotetError, PlanError, RunError, UsageError
from motet.core.json import JSON, dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from motet.cli.options import F
    from motet.core.answers import Answer
    from motet.runtime.decisions import Waiting
    from motet.runtime.journal import Journal
    from motet.runtime.records import Record
    from motet.runtime.run import Run


def operators_option(command: F) -> F:
    """Add `--operators`."""
    add: Callable[[F], F] = click.option(
        "--operators",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The Python file with a written plan's operators; it is imported.",
    )
    return add(command)


@click.command(epilog="Example: motet runs resume run_0193... --operators flow.py")
@run_argument
@operators_option
@system_option
@json_option
def resume(run: str, operators: Path | None, system: str | None, as_json: bool) -> None:
    """Go on with a run.

    One that a person's turn, a crash or a failure ended; what is finished does not run again.
    A system's run prints its answer, a written plan's its value. That one needs its operators:
    --operators FILE imports the file, and what stands there under `if __name__ == "__main__"`
    does not run.
    """
    go_on(run, system, operators, as_json=as_json)


def go_on(run: str, system: str | None, operators: Path | None, *, as_json: bool) -> None:
    """Resume a run and print what came of it. Raises as the run does."""
    with runs_of(system) as here:
        record = here.journal.get(run)
    if record.kind == "plan":
        _resume_plan(record, here.journal.home, operators, as_json)
        return
    if operators is not None:
        raise UsageError("only written plans have operators", where="--operators")
    with opened(system) as found:
        if record.system != found.name:
            hint = "name its declaration with -s"
            raise UsageError(f"this is a run of '{record.system}'", where=run, hint=hint)
        with pausing(found.journal, as_json=as_json):
            _print_answer(found.resume(run), as_json)


def _print_answer(answer: Answer, as_json: bool) -> None:
    from motet.cli.citations import show_citations

    if as_json:
        print_json(dict(answer.to_json()))
        return
    click.echo(answer.marked)
    show_citations(answer)


def _resume_plan(record: Record, home: Path | str, operators: Path | None, as_json: bool) -> None:
    from motet.cli.operators import operators_in
    from motet.runtime.runs import journal_of
    from motet.runtime.runs import resume as resumed

    given = operators_in(operators, record.plan) if operators else ()
    try:
        done = resumed(record.id, operators=given, home=home)
    except PlanError as error:
        hint = "name the file that has them with --operators FILE, or run its script again"
        raise PlanError(error.message, where=error.where, hint=hint) from error
    _print_value(done, journal_of(home), as_json)


def _print_value(run: Run, journal: Journal, as_json: bool) -> None:
    from motet.runtime.node import words
    from motet.runtime.overview import summary, value

    if run.status == "paused":
        end_paused(journal, run.id, as_json=as_json)
    if run.error is not None:
        if isinstance(run.error, MotetError):
            raise run.error
        raise RunError(words(run.error), where=run.id) from run.error
    if run.status != "done":
        raise RunError(f"the run is {run.status}", where=run.id)
    found = value(run.record)
    if as_json:
        print_json({**summary(journal, run.record), "value": found})
    else:
        click.echo(found if isinstance(found, str) else dumps(found, indent=2))


def how_to_answer(run: str, found: Waiting) -> str:
    """Return the command that answers."""
    how = {"approval": "--approve", "event": "--value JSON", "doubt": "--retry"}[found.asked]
    return f"motet runs answer {run} {shlex.quote(found.node)} {how}"


def operators_of(record: Record) -> str:
    """Return the option that a written plan needs in a process that lacks its operators."""
    if record.kind != "plan":
        return ""
    table = cast("Sequence[Mapping[str, str]]", record.plan["operators"])
    files = [each["file"] for each in table if not each["module"].startswith("motet.")]
    return f" --operators {shlex.quote(files[0])}" if files else ""


@contextmanager
def pausing(journal: Journal, *, as_json: bool) -> Iterator[None]:
    """Let a command end with what a run waits for, if it does."""
    try:
        yield
    except ApprovalNeeded as error:
        if error.where is None:
            raise
        end_paused(journal, error.where, as_json=as_json)


def end_paused(journal: Journal, run: str, *, as_json: bool) -> None:
    """Say on one line what a run waits for and how to answer; exit with 1."""
    from motet.runtime.decisions import waiting

    record = journal.get(run)
    open_ = [each for each in waiting(journal, record) if each.said is None]
    asked = "; ".join(f"{each.node}: {' '.join(each.message.split())}" for each in open_)
    message = f"waits for a person: {asked}"
    way = operators_of(record)
    hint = f"motet runs resume {run}{way}"
    if open_:
        hint = f"{how_to_answer(run, open_[0])} --resume{way}"
    click.echo(f"motet: {run}: {message} ({hint})", err=True)
    if as_json:
        error = {"code": ApprovalNeeded.code, "message": message, "where": run, "hint": hint}
        asks: list[JSON] = [each.to_json() for each in open_]
        print_json(
            {
                "system": record.system,
                "run": run,
                "status": record.status,
                "pending": asks,
                "error": error,
            }
        )
    click.get_current_context().exit(ApprovalNeeded.exit_code)
